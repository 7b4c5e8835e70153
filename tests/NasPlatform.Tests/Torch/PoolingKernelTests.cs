using System.Runtime.InteropServices;
using NasPlatform.Tests.Support;
using NasPlatform.Torch;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace NasPlatform.Tests.Torch;

[Collection(Alone.Name)]
public sealed class PoolingKernelTests : TorchTest
{
    private sealed record Window(bool IsMaximum, long[] Kernel, long[] Stride, long[] Padding);

    [Theory]
    [InlineData(Instructions.Portable)]
    [InlineData(Instructions.Avx2)]
    [InlineData(Instructions.Avx512)]
    public void It_is_the_pooling_of_libtorch(Instructions instructions)
    {
        using var _ = new Limit(instructions);
        var check = new KernelCheck(1);
        for (int i = 0; i < 160; i++)
        {
            ScalarType type = i % 4 == 0 ? ScalarType.Float64 : ScalarType.Float32;
            (Window window, long h, long w) = AnyCase(check);
            Layout layout = check.AnyLayout();
            Tensor images = check.Images(check.Between(1, 4), check.Between(1, 40), h, w, type, layout);
            if (i % 2 == 0) images = images.relu(); // many equal zeros
            set_num_threads(check.Between(1, 2));
            check.Agrees($"[{images.shape[0]}, {images.shape[1]}, {h}, {w}] {layout} {type}, {Text(window)}", [images], ours => Ours(ours[0], window),
                theirs => Libtorchs(theirs[0], window), type == ScalarType.Float64 ? 1e-14 : 1e-6);
        }
    }

    [Theory]
    [InlineData(Instructions.Portable)]
    [InlineData(Instructions.Avx2)]
    [InlineData(Instructions.Avx512)]
    public void Of_equals_the_first_and_of_NaNs_the_last_is_the_greatest(Instructions instructions)
    {
        using var _ = new Limit(instructions);
        var check = new KernelCheck(2);
        double[] few = [double.NegativeInfinity, -1, -0.0, 0, 0, 1, double.PositiveInfinity, double.NaN];
        for (int i = 0; i < 40; i++)
        {
            (Window window, long h, long w) = AnyCase(check);
            window = window with { IsMaximum = true };
            long n = check.Between(1, 3), c = check.Between(1, 20), kinds = check.Between(1, few.Length);
            Tensor images = tensor([.. Enumerable.Range(0, (int)(n * c * h * w)).Select(_ => (float)few[check.Random.Next((int)kinds)])], [n, c, h, w]);
            if (i % 2 == 0) images = images.contiguous(memory_format.channels_last);
            Tensor[] inputs = [images.detach().requires_grad_(), images.detach().requires_grad_()];
            Tensor output = Ours(inputs[0], window), expected = Libtorchs(inputs[1], window);
            Near.Equal(expected, output, 0);
            Tensor weights = check.Numbers(output.shape, ScalarType.Float32);
            Near.Equal(autograd.grad([expected], [inputs[1]], [weights])[0], autograd.grad([output], [inputs[0]], [weights])[0], 1e-5);
        }
    }

    [Fact]
    public void Gradients_are_slopes_and_so_are_their_gradients()
    {
        var check = new KernelCheck(3);
        for (int i = 0; i < 40; i++)
        {
            (Window window, long h, long w) = AnyCase(check);
            if (!Fits(window, Math.Min(h, 12), Math.Min(w, 12))) continue;
            Tensor images = check.Images(2, 5, Math.Min(h, 12), Math.Min(w, 12), ScalarType.Float64, check.AnyLayout());
            check.GradientsAreSlopes(Text(window), [images], given => Ours(given[0], window));
            if (i % 4 == 0) check.SecondGradientsAreSlopes(Text(window), [images], given => Ours(given[0], window));
        }
    }

    [Theory]
    [InlineData(memory_format.contiguous_format)]
    [InlineData(memory_format.channels_last)]
    public void The_output_lies_as_the_input_and_is_the_same_with_any_number_of_threads(memory_format format)
    {
        var check = new KernelCheck(4);
        Tensor images = check.Images(9, 12, 37, 39, ScalarType.Float32, Layout.Contiguous).contiguous(format);
        foreach (bool maximum in (bool[])[true, false])
        {
            Tensor[] results = KernelCheck.SameWithAnyThreads([images], leaves => Ours(leaves[0], new(maximum, [3, 3], [1, 1], [1, 1])), format);
            Assert.True(results[1].is_contiguous(format));
        }
    }

    [Theory]
    [InlineData(Instructions.Portable)]
    [InlineData(Instructions.Avx2)]
    [InlineData(Instructions.Avx512)]
    public void Bfloat16_is_computed_in_float32(Instructions instructions)
    {
        using var _ = new Limit(instructions);
        var check = new KernelCheck(5);
        for (int i = 0; i < 20; i++)
        {
            (Window window, long h, long w) = AnyCase(check);
            Tensor images = check.Images(2, check.Between(1, 20), h, w, ScalarType.BFloat16, check.AnyLayout());
            check.Agrees(Text(window), [images], ours =>
            {
                Tensor output = Ours(ours[0], window);
                Assert.Equal(ScalarType.BFloat16, output.dtype);
                return output;
            }, theirs => Libtorchs(theirs[0], window), 0.004); // one rounding
        }
    }

    [Fact]
    public void Without_a_gradient_nothing_is_kept()
    {
        Tensor images = ones(1, 4, 5, 5);
        Window window = new(true, [3, 3], [1, 1], [1, 1]);
        Assert.False(Ours(images, window).requires_grad);
        Tensor leaf = images.detach().requires_grad_();
        Assert.True(Ours(leaf, window).requires_grad);
        using (no_grad()) Assert.False(Ours(leaf, window).requires_grad);
    }

    [Fact]
    public void What_it_does_not_cover_is_libtorchs()
    {
        var check = new KernelCheck(6);
        foreach (bool maximum in (bool[])[true, false])
        {
            Window large = new(maximum, [9, 9], [3, 3], [4, 4]), small = large with { Kernel = [3, 3], Padding = [1, 1], Stride = [1, 1] };
            check.Agrees("9x9", [check.Images(2, 4, 20, 20, ScalarType.Float32, Layout.Contiguous)], given => Ours(given[0], large), given => Libtorchs(given[0], large), 1e-6);
            Assert.Equal([4, 20, 20], Ours(zeros(4, 20, 20), small).shape);
            Assert.Equal([0, 4, 20, 20], Ours(zeros(0, 4, 20, 20), small).shape);
            Assert.Contains("half", Assert.Throws<ExternalException>(() => Ours(zeros(1, 4, 9, 9), small with { Padding = [2, 2] })).Message, StringComparison.Ordinal);
            Assert.Throws<ExternalException>(() => Ours(zeros(1, 4, 2, 2), small with { Kernel = [5, 5] }));
        }
    }

    private static Tensor Ours(Tensor images, Window w) =>
        w.IsMaximum ? Kernels.max_pool2d(images, w.Kernel, w.Stride, w.Padding) : Kernels.avg_pool2d(images, w.Kernel, w.Stride, w.Padding);

    private static Tensor Libtorchs(Tensor images, Window w) =>
        w.IsMaximum ? functional.max_pool2d(images, w.Kernel, w.Stride, w.Padding) : functional.avg_pool2d(images, w.Kernel, w.Stride, w.Padding, count_include_pad: false);

    private static (Window window, long h, long w) AnyCase(KernelCheck check)
    {
        while (true)
        {
            long[] kernel = check.Between(0, 2) > 0 ? [check.Between(2, 3), check.Between(2, 3)] : [check.Between(1, 7), check.Between(1, 7)];
            long[] stride = check.Between(0, 3) > 0 ? [check.Between(1, 2), check.Between(1, 2)] : [check.Between(1, 5), check.Between(1, 5)];
            Window window = new(check.Between(0, 1) == 0, kernel, stride, [check.Between(0, (int)kernel[0] / 2), check.Between(0, (int)kernel[1] / 2)]);
            long h = check.Between(1, 36), w = check.Between(1, 36);
            if (Fits(window, h, w)) return (window, h, w);
        }
    }

    private static bool Fits(Window window, long h, long w) => h + 2 * window.Padding[0] >= window.Kernel[0] && w + 2 * window.Padding[1] >= window.Kernel[1];

    private static string Text(Window w) =>
        $"{(w.IsMaximum ? "max" : "avg")} {w.Kernel[0]}x{w.Kernel[1]} stride {w.Stride[0]},{w.Stride[1]} padding {w.Padding[0]},{w.Padding[1]}";
}
