using System.Runtime.InteropServices;
using NasPlatform.Tests.Support;
using NasPlatform.Torch;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace NasPlatform.Tests.Torch;

[Collection(Alone.Name)]
public sealed class FactorizedReductionKernelTests : TorchTest
{
    [Theory]
    [InlineData(Instructions.Portable)]
    [InlineData(Instructions.Avx2)]
    [InlineData(Instructions.Avx512)]
    public void It_is_two_convolutions_of_libtorch_side_by_side(Instructions instructions)
    {
        using var _ = new Limit(instructions);
        var check = new KernelCheck(21);
        for (int i = 0; i < 40; i++)
        {
            ScalarType type = i % 4 == 0 ? ScalarType.Float64 : ScalarType.Float32;
            Tensor[] inputs = AnyInputs(check, type, i % 3 == 0 ? check.AnyLayout() : Layout.ChannelsLast);
            set_num_threads(check.Between(1, 2));
            check.Agrees(What(inputs), inputs, Ours, Libtorchs, type == ScalarType.Float64 ? 1e-13 : 1e-5);
        }
    }

    [Fact]
    public void Gradients_are_slopes_and_so_are_their_gradients()
    {
        var check = new KernelCheck(22);
        for (int i = 0; i < 8; i++)
        {
            Tensor[] inputs = AnyInputs(check, ScalarType.Float64, Layout.ChannelsLast);
            check.GradientsAreSlopes(What(inputs), inputs, Ours);
            if (i % 4 == 0) check.SecondGradientsAreSlopes(What(inputs), inputs, Ours);
        }
    }

    [Fact]
    public void Both_halves_may_have_one_weight()
    {
        var check = new KernelCheck(23);
        Tensor[] inputs = AnyInputs(check, ScalarType.Float64, Layout.ChannelsLast)[..2];
        check.GradientsAreSlopes("one weight", inputs, given => Ours([given[0], given[1], given[1]]));
        check.SecondGradientsAreSlopes("one weight", inputs, given => Ours([given[0], given[1], given[1]]));
    }

    [Fact]
    public void It_lies_channels_last_and_is_the_same_with_any_number_of_threads()
    {
        var check = new KernelCheck(24);
        Tensor[] given = [check.Images(33, 24, 19, 17, ScalarType.Float32, Layout.ChannelsLast), check.Numbers([12, 24, 1, 1], ScalarType.Float32), check.Numbers([20, 24, 1, 1], ScalarType.Float32)];
        KernelCheck.SameWithAnyThreads(given, Ours, memory_format.channels_last);
    }

    [Fact]
    public void Under_autocast_it_is_in_bfloat16_and_wrong_weights_are_an_error()
    {
        var check = new KernelCheck(25);
        Tensor[] given = AnyInputs(check, ScalarType.Float32, Layout.ChannelsLast);
        using (new Autocast(DeviceType.CPU, ScalarType.BFloat16))
        {
            Tensor output = Ours(given);
            Assert.Equal(ScalarType.BFloat16, output.dtype);
            KernelCheck.Near("in bfloat16", Libtorchs([.. given.Select(tensor => tensor.to(ScalarType.Float64))]), output, 3e-2);
        }

        Assert.Contains("channels", Assert.Throws<ExternalException>(() => Ours([given[0], zeros(4, given[0].shape[1] + 1, 1, 1), given[2]])).Message, StringComparison.Ordinal);
    }

    private static string What(Tensor[] inputs) => string.Join(", ", inputs.Select(input => $"[{string.Join(", ", input.shape)}]"));

    private static Tensor[] AnyInputs(KernelCheck check, ScalarType type, Layout layout)
    {
        long depth = check.Between(1, 40);
        return
        [
            check.Images(check.Between(1, 5), depth, check.Between(2, 13), check.Between(2, 13), type, layout),
            check.Numbers([check.Between(1, 30), depth, 1, 1], type),
            check.Numbers([check.Between(1, 30), depth, 1, 1], type),
        ];
    }

    private static Tensor Ours(Tensor[] given) => Kernels.factorized_reduction(given[0], given[1], given[2]);

    private static Tensor Libtorchs(Tensor[] given)
    {
        Tensor moved = functional.pad(given[0], (0, 1, 0, 1)).narrow(2, 1, given[0].shape[2]).narrow(3, 1, given[0].shape[3]);
        return cat([functional.conv2d(given[0], given[1], null, [2, 2]), functional.conv2d(moved, given[2], null, [2, 2])], 1);
    }
}
