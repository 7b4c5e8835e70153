using System.Runtime.InteropServices;
using NasPlatform.Tests.Support;
using NasPlatform.Torch;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace NasPlatform.Tests.Torch;

[Collection(Alone.Name)]
public sealed class DepthwiseKernelTests : TorchTest
{
    private sealed record Window(long[] Kernel, long[] Stride, long[] Padding, long[] Dilation);

    [Theory]
    [InlineData(Instructions.Portable)]
    [InlineData(Instructions.Avx2)]
    [InlineData(Instructions.Avx512)]
    public void It_is_the_convolution_of_libtorch_with_as_many_groups_as_channels(Instructions instructions)
    {
        using var _ = new Limit(instructions);
        var check = new KernelCheck(1);
        for (int i = 0; i < 80; i++)
        {
            ScalarType type = i % 4 == 0 ? ScalarType.Float64 : ScalarType.Float32;
            (Window window, long h, long w) = AnyCase(check);
            long n = check.Between(1, 4), c = check.Between(1, 40);
            Layout layout = check.AnyLayout();
            Tensor[] inputs = [check.Images(n, c, h, w, type, layout), check.Numbers([c, 1, .. window.Kernel], type), check.Numbers([c], type)];
            Tensor[] given = i % 2 == 0 ? inputs : inputs[..2];
            set_num_threads(check.Between(1, 2));
            check.Agrees($"[{n}, {c}, {h}, {w}] {layout} {type}, {Text(window)}", given, ours => Ours(ours, window),
                theirs => functional.conv2d(theirs[0], theirs[1], theirs.Length > 2 ? theirs[2] : null, window.Stride, window.Padding, window.Dilation, c),
                type == ScalarType.Float64 ? 1e-13 : 2e-6);
        }
    }

    [Fact]
    public void Gradients_are_slopes_and_so_are_their_gradients()
    {
        var check = new KernelCheck(2);
        for (int i = 0; i < 24; i++)
        {
            (Window window, long h, long w) = AnyCase(check);
            Tensor[] inputs = [check.Images(2, 5, Math.Min(h, 12), Math.Min(w, 12), ScalarType.Float64, check.AnyLayout()), check.Numbers([5, 1, .. window.Kernel], ScalarType.Float64), check.Numbers([5], ScalarType.Float64)];
            if (!Fits(window, inputs[0].shape[2], inputs[0].shape[3])) continue;
            check.GradientsAreSlopes(Text(window), inputs, given => Ours(given, window));
            if (i % 4 == 0) check.SecondGradientsAreSlopes(Text(window), inputs, given => Ours(given, window));
        }
    }

    [Theory]
    [InlineData(memory_format.contiguous_format)]
    [InlineData(memory_format.channels_last)]
    public void The_output_lies_as_the_input_and_is_the_same_with_any_number_of_threads(memory_format format)
    {
        var check = new KernelCheck(3);
        Window window = new([5, 5], [1, 1], [4, 4], [2, 2]);
        Tensor images = check.Images(9, 12, 17, 19, ScalarType.Float32, Layout.Contiguous).contiguous(format);
        KernelCheck.SameWithAnyThreads([images, check.Numbers([12, 1, 5, 5], ScalarType.Float32)], leaves => Ours(leaves, window), format);
    }

    [Fact]
    public void Only_the_gradients_asked_for_are_computed()
    {
        var check = new KernelCheck(4);
        Window window = new([3, 3], [1, 1], [1, 1], [1, 1]);
        Tensor images = check.Images(2, 4, 6, 6, ScalarType.Float32, Layout.Contiguous), weight = check.Numbers([4, 1, 3, 3], ScalarType.Float32);
        Assert.False(Ours([images, weight], window).requires_grad);
        weight.requires_grad_();
        Ours([images, weight], window).sum().backward();
        Assert.Null(images.grad);
        Tensor expected = autograd.grad([functional.conv2d(images, weight, padding: [1, 1], groups: 4).sum()], [weight])[0];
        Near.Equal(expected, weight.grad!, 1e-4);
    }

    [Theory]
    [InlineData(Instructions.Portable)]
    [InlineData(Instructions.Avx2)]
    [InlineData(Instructions.Avx512)]
    public void Bfloat16_is_computed_in_float32(Instructions instructions)
    {
        using var _ = new Limit(instructions);
        var check = new KernelCheck(5);
        for (int i = 0; i < 24; i++)
        {
            (Window window, long h, long w) = AnyCase(check);
            long c = check.Between(1, 24);
            ScalarType ofWeights = i % 3 == 0 ? ScalarType.BFloat16 : ScalarType.Float32;
            Layout layout = i % 2 == 0 ? Layout.ChannelsLast : check.AnyLayout();
            Tensor[] inputs = [check.Images(3, c, h, w, ScalarType.BFloat16, layout), check.Numbers([c, 1, .. window.Kernel], ofWeights), check.Numbers([c], ofWeights)];
            check.Agrees($"{layout}, {Text(window)}", inputs, given =>
            {
                Tensor output = Ours(given, window);
                Assert.Equal(ScalarType.BFloat16, output.dtype);
                return output;
            }, theirs => functional.conv2d(theirs[0], theirs[1], theirs[2], window.Stride, window.Padding, window.Dilation, c), 0.005);
        }
    }

    [Fact]
    public void What_it_does_not_cover_is_libtorchs()
    {
        var check = new KernelCheck(6);
        Window large = new([9, 9], [3, 3], [4, 4], [1, 1]);
        Tensor[] inputs = [check.Images(2, 4, 20, 20, ScalarType.Float32, Layout.Contiguous), check.Numbers([4, 1, 9, 9], ScalarType.Float32)];
        check.Agrees("9x9", inputs, given => Ours(given, large), given => functional.conv2d(given[0], given[1], null, [3, 3], [4, 4], [1, 1], 4), 1e-5);

        Window small = new([3, 3], [1, 1], [1, 1], [1, 1]);
        Tensor twice = check.Numbers([8, 1, 3, 3], ScalarType.Float32);
        Assert.Equal([2, 8, 20, 20], Ours([inputs[0], twice], small).shape);
        Assert.Equal([0, 4, 20, 20], Ours([zeros(0, 4, 20, 20), check.Numbers([4, 1, 3, 3], ScalarType.Float32)], small).shape);
        Assert.Contains("channels", Assert.Throws<ExternalException>(() => Ours([inputs[0], check.Numbers([4, 3, 3, 3], ScalarType.Float32)], small)).Message, StringComparison.Ordinal);
        Assert.Throws<ExternalException>(() => Ours([zeros(1, 4, 2, 2), check.Numbers([4, 1, 5, 5], ScalarType.Float32)], small));
    }

    [Fact]
    public void An_input_changed_before_the_backward_pass_is_noticed()
    {
        Tensor images = ones(1, 4, 5, 5), weight = ones(4, 1, 3, 3, requires_grad: true);
        Tensor output = Ours([images, weight], new([3, 3], [1, 1], [1, 1], [1, 1]));
        images.add_(1);
        Assert.Contains("modified by an inplace operation", Assert.Throws<ExternalException>(() => output.sum().backward()).Message, StringComparison.Ordinal);
    }

    private static Tensor Ours(Tensor[] inputs, Window window) =>
        Kernels.conv2d_depthwise(inputs[0], inputs[1], inputs.Length > 2 ? inputs[2] : null, window.Stride, window.Padding, window.Dilation);

    private static (Window window, long h, long w) AnyCase(KernelCheck check)
    {
        while (true)
        {
            Window window = new(Two(1, 7), Two(1, 2), Two(0, 6), Two(1, 2));
            if (check.Between(0, 1) == 0) window = window with { Padding = [window.Dilation[0] * (window.Kernel[0] / 2), window.Dilation[1] * (window.Kernel[1] / 2)] };
            long h = check.Between(1, 36), w = check.Between(1, 36);
            if (Fits(window, h, w)) return (window, h, w);
        }

        long[] Two(int least, int most) => [check.Between(least, most), check.Between(least, most)];
    }

    private static bool Fits(Window window, long h, long w) =>
        h + 2 * window.Padding[0] > window.Dilation[0] * (window.Kernel[0] - 1) && w + 2 * window.Padding[1] > window.Dilation[1] * (window.Kernel[1] - 1);

    private static string Text(Window w) =>
        $"kernel {w.Kernel[0]}x{w.Kernel[1]} stride {w.Stride[0]},{w.Stride[1]} padding {w.Padding[0]},{w.Padding[1]} dilation {w.Dilation[0]},{w.Dilation[1]}";
}
