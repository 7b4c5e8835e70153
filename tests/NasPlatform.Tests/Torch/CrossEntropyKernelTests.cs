using NasPlatform.Tests.Support;
using NasPlatform.Torch;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace NasPlatform.Tests.Torch;

[Collection(Alone.Name)]
public sealed class CrossEntropyKernelTests : TorchTest
{
    [Theory]
    [InlineData(Instructions.Portable)]
    [InlineData(Instructions.Avx2)]
    [InlineData(Instructions.Avx512)]
    public void It_is_what_libtorch_gives(Instructions instructions)
    {
        using var _ = new Limit(instructions);
        var check = new KernelCheck(1);
        for (int i = 0; i < 40; i++)
        {
            ScalarType type = i % 4 == 0 ? ScalarType.Float64 : i % 4 == 1 ? ScalarType.BFloat16 : ScalarType.Float32;
            long n = check.Between(1, 20), classes = check.Between(1, 300);
            double smoothing = check.Between(0, 1) * 0.1;
            Reduction reduction = check.Between(0, 1) == 0 ? Reduction.Mean : Reduction.Sum;
            Tensor targets = Targets(check, n, classes);
            Tensor logits = (i % 3 == 0 ? check.Numbers([classes, n], ScalarType.Float64).t() : check.Numbers([n, classes], ScalarType.Float64)).mul(5).to(type);
            set_num_threads(check.Between(1, 2));
            check.Agrees($"[{n}, {classes}] {type}, smoothing {smoothing}, {reduction}", [logits],
                given => Kernels.cross_entropy(given[0], targets, smoothing, reduction), given => functional.cross_entropy(given[0], targets, reduction: reduction, label_smoothing: smoothing),
                type == ScalarType.Float64 ? 1e-12 : type == ScalarType.Float32 ? 1e-6 : 4e-3);
        }
    }

    [Fact]
    public void Gradients_are_slopes_and_so_are_their_gradients()
    {
        var check = new KernelCheck(2);
        foreach (Reduction reduction in (Reduction[])[Reduction.Mean, Reduction.Sum])
        {
            Tensor targets = Targets(check, 4, 9);
            Tensor[] logits = [check.Numbers([4, 9], ScalarType.Float64)];
            check.GradientsAreSlopes($"{reduction}", logits, given => Kernels.cross_entropy(given[0], targets, 0.1, reduction));
            check.SecondGradientsAreSlopes($"{reduction}", logits, given => Kernels.cross_entropy(given[0], targets, 0.1, reduction));
        }
    }

    [Fact]
    public void Large_logits_and_what_is_no_number_are_as_libtorch_has_them()
    {
        Tensor targets = tensor(new long[] { 0, 1, 1, 2 });
        Tensor logits = tensor(new[] { 1e4f, -1e4f, 0, 3e38f, 3e38f, 0, float.NegativeInfinity, 0, 0, float.NaN, 0, 0 }, [4, 3]);
        for (int row = 0; row < 4; row++)
        {
            Tensor mine = logits.narrow(0, row, 1).detach().requires_grad_(), theirs = logits.narrow(0, row, 1).detach().requires_grad_();
            Kernels.cross_entropy(mine, targets.narrow(0, row, 1)).backward();
            functional.cross_entropy(theirs, targets.narrow(0, row, 1)).backward();
            Assert.True(mine.grad!.allclose(theirs.grad!, 1e-5, 1e-6, equal_nan: true));
        }
    }

    [Fact]
    public void What_is_not_covered_is_libtorchs()
    {
        var check = new KernelCheck(3);
        Tensor logits = check.Numbers([3, 5], ScalarType.Float32);
        Tensor each = Kernels.cross_entropy(logits, Targets(check, 3, 5), reduction: Reduction.None);
        Assert.Equal([3], each.shape);
        Tensor ignored = tensor(new long[] { 2, -100, 4 });
        Near.Equal(functional.cross_entropy(logits, ignored), Kernels.cross_entropy(logits, ignored), 0);
        Assert.ThrowsAny<Exception>(() => Kernels.cross_entropy(logits, tensor(new long[] { 2, 5, 4 })));
    }

    [Fact]
    public void Results_are_the_same_with_any_number_of_threads()
    {
        var check = new KernelCheck(4);
        Tensor logits = check.Numbers([300, 211], ScalarType.Float32), targets = Targets(check, 300, 211);
        Tensor[] losses = [.. ((int[])[1, 2, 3]).Select(threads =>
        {
            set_num_threads(threads);
            return Kernels.cross_entropy(logits, targets);
        })];
        Assert.All(losses, loss => Near.Equal(losses[0], loss, 0));
    }

    private static Tensor Targets(KernelCheck check, long n, long classes) => tensor(Enumerable.Range(0, (int)n).Select(_ => (long)check.Random.Next((int)classes)).ToArray());
}
