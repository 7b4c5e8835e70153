using System.Runtime.InteropServices;
using NasPlatform.Tests.Support;
using NasPlatform.Torch;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace NasPlatform.Tests.Torch;

[Collection(Alone.Name)]
public sealed class ConvolutionKernelTests : TorchTest
{
    private sealed record Case(long Batch, long Inputs, long Outputs, long Height, long Width, long Kernel, long[] Padding)
    {
        public override string ToString() => $"[{Batch}, {Inputs}, {Height}, {Width}] to {Outputs}, {Kernel}x{Kernel}, padding {string.Join('x', Padding)}";
    }

    [Theory]
    [InlineData(Instructions.Portable)]
    [InlineData(Instructions.Avx2)]
    [InlineData(Instructions.Avx512)]
    public void It_is_the_convolution_of_libtorch(Instructions instructions)
    {
        using var _ = new Limit(instructions);
        var check = new KernelCheck(11);
        for (int i = 0; i < 40; i++)
        {
            ScalarType type = i % 4 == 0 ? ScalarType.Float64 : ScalarType.Float32;
            Case any = AnyCase(check);
            Tensor[] inputs = Inputs(check, any, type, i % 3 == 0 ? check.AnyLayout() : Layout.ChannelsLast);
            Tensor[] given = i % 2 == 0 ? inputs : inputs[..2];
            set_num_threads(check.Between(1, 2));
            check.Agrees($"{any} {type}", given, ours => Ours(ours, any), theirs => Libtorchs(theirs, any), type == ScalarType.Float64 ? 1e-13 : 3e-5);
        }
    }

    [Fact]
    public void Gradients_are_slopes_and_so_are_their_gradients()
    {
        var check = new KernelCheck(12);
        for (int i = 0; i < 12; i++)
        {
            Case any = AnyCase(check);
            Tensor[] inputs = Inputs(check, any, ScalarType.Float64, Layout.ChannelsLast);
            check.GradientsAreSlopes($"{any}", inputs, given => Ours(given, any));
            if (i % 4 == 0) check.SecondGradientsAreSlopes($"{any}", inputs, given => Ours(given, any));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void The_output_lies_as_the_input_and_is_the_same_with_any_number_of_threads(long kernel)
    {
        var check = new KernelCheck(13);
        var any = new Case(33, 32, 40, 19, 17, kernel, [kernel / 2, kernel / 2]);
        Tensor[] given = Inputs(check, any, ScalarType.Float32, Layout.ChannelsLast);
        KernelCheck.SameWithAnyThreads(given, leaves => Ours(leaves, any), memory_format.channels_last);
    }

    [Theory]
    [InlineData(memory_format.contiguous_format)]
    [InlineData(memory_format.channels_last)]
    public void The_gradient_of_a_weight_lies_as_the_weight(memory_format format)
    {
        var check = new KernelCheck(14);
        foreach (long kernel in (long[])[1, 3])
        {
            var any = new Case(20, 32, 40, 8, 8, kernel, [kernel / 2, kernel / 2]);
            Tensor[] given = Inputs(check, any, ScalarType.Float32, Layout.ChannelsLast);
            given[1] = given[1].contiguous(format).requires_grad_();
            Assert.True(autograd.grad([Ours(given, any).sum()], [given[1]])[0].is_contiguous(format));
        }
    }

    [Fact]
    public void Only_the_gradients_asked_for_are_computed()
    {
        var check = new KernelCheck(15);
        var any = new Case(20, 16, 24, 8, 8, 3, [1, 1]);
        Tensor[] given = Inputs(check, any, ScalarType.Float32, Layout.ChannelsLast);
        Assert.False(Ours(given, any).requires_grad);
        given[1].requires_grad_();
        Ours(given, any).sum().backward();
        Assert.Null(given[0].grad);
        Assert.NotNull(given[1].grad);
        Assert.Null(given[2].grad);
    }

    [Fact]
    public void What_it_does_not_cover_is_libtorchs()
    {
        var check = new KernelCheck(16);
        Tensor images = check.Images(2, 8, 12, 12, ScalarType.Float32, Layout.ChannelsLast);
        foreach ((long kernel, long stride, long padding, long dilation, long groups) in ((long, long, long, long, long)[])[(3, 2, 1, 1, 1), (3, 1, 2, 2, 1), (3, 1, 3, 1, 1), (5, 1, 2, 1, 1), (1, 2, 0, 1, 1), (1, 1, 1, 1, 1), (3, 1, 1, 1, 4)])
        {
            Tensor[] given = [images, check.Numbers([12, 8 / groups, kernel, kernel], ScalarType.Float32)];
            check.Agrees(
                $"{kernel}x{kernel}, stride {stride}, padding {padding}, dilation {dilation}, groups {groups}",
                given,
                ours => Kernels.conv2d(ours[0], ours[1], null, [stride, stride], [padding, padding], [dilation, dilation], groups),
                theirs => functional.conv2d(theirs[0], theirs[1], null, [stride, stride], [padding, padding], [dilation, dilation], groups),
                1e-5);
        }

        Assert.Equal([0, 12, 12, 12], Ours([zeros(0, 8, 12, 12), check.Numbers([12, 8, 3, 3], ScalarType.Float32)], new(0, 8, 12, 12, 12, 3, [1, 1])).shape);
        Assert.Contains("channels", Assert.Throws<ExternalException>(() => Ours([images, check.Numbers([4, 3, 3, 3], ScalarType.Float32)], new(2, 8, 4, 12, 12, 3, [1, 1]))).Message, StringComparison.Ordinal);
        Assert.Throws<ExternalException>(() => Ours([check.Images(1, 4, 2, 2, ScalarType.Float32, Layout.ChannelsLast), check.Numbers([4, 4, 3, 3], ScalarType.Float32)], new(1, 4, 4, 2, 2, 3, [0, 0])));
    }

    [Fact]
    public void Under_autocast_it_is_libtorchs_bfloat16()
    {
        var check = new KernelCheck(17);
        var any = new Case(20, 16, 24, 8, 8, 3, [1, 1]);
        Tensor[] given = Inputs(check, any, ScalarType.Float32, Layout.ChannelsLast);
        using (new Autocast(DeviceType.CPU, ScalarType.BFloat16))
        {
            Assert.Equal(ScalarType.BFloat16, Ours(given, any).dtype);
        }
    }

    [Fact]
    public void An_input_changed_before_the_backward_pass_is_noticed()
    {
        Tensor images = ones(20, 16, 8, 8).contiguous(memory_format.channels_last), weight = ones(16, 16, 3, 3, requires_grad: true);
        Tensor output = Ours([images, weight], new(20, 16, 16, 8, 8, 3, [1, 1]));
        images.add_(1);
        Assert.Contains("modified by an inplace operation", Assert.Throws<ExternalException>(() => output.sum().backward()).Message, StringComparison.Ordinal);
    }

    /// <summary>One of the sizes that are ours.</summary>
    private static Case AnyCase(KernelCheck check)
    {
        if (check.Between(0, 2) == 0) return new(check.Between(1, 4), 8 * check.Between(4, 9), 8 * check.Between(4, 9), check.Between(1, 14), check.Between(1, 14), 1, [0, 0]);
        long[] padding = [check.Between(0, 2), check.Between(0, 2)];
        return new(check.Between(7, 20), check.Between(16, 40), check.Between(16, 40), check.Between(9, 20), check.Between(9, 20), 3, padding);
    }

    private static Tensor[] Inputs(KernelCheck check, Case any, ScalarType type, Layout layout) =>
    [
        check.Images(any.Batch, any.Inputs, any.Height, any.Width, type, layout),
        check.Numbers([any.Outputs, any.Inputs, any.Kernel, any.Kernel], type),
        check.Numbers([any.Outputs], type),
    ];

    private static Tensor Ours(Tensor[] given, Case any) =>
        Kernels.conv2d(given[0], given[1], given.Length > 2 ? given[2] : null, [1, 1], any.Padding, [1, 1]);

    private static Tensor Libtorchs(Tensor[] given, Case any) =>
        functional.conv2d(given[0], given[1], given.Length > 2 ? given[2] : null, [1, 1], any.Padding, [1, 1]);
}
