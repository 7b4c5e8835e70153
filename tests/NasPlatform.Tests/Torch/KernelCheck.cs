using NasPlatform.Search;
using NasPlatform.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Tests.Torch;

/// <summary>How the images of a test lie in memory.</summary>
internal enum Layout { Contiguous, ChannelsLast, Slice, Transposed }

/// <summary>Holds a kernel against libtorch's operator and against finite differences.</summary>
internal sealed class KernelCheck(ulong seed)
{
    internal RandomSource Random { get; } = new(seed);

    internal int Between(int least, int most) => least + Random.Next(most - least + 1);

    internal Layout AnyLayout() => (Layout)Random.Next(4);

    internal Tensor Numbers(long[] shape, ScalarType type)
    {
        double[] values = new double[shape.Aggregate(1L, (product, side) => product * side)];
        for (int i = 0; i < values.Length; i++) values[i] = Random.NextGaussian();
        return tensor(values, shape).to(type);
    }

    /// <summary>Gaussian images [n, c, h, w].</summary>
    internal Tensor Images(long n, long c, long h, long w, ScalarType type, Layout layout)
    {
        Tensor images = layout switch
        {
            Layout.Contiguous => Numbers([n, c, h, w], type),
            Layout.ChannelsLast => Numbers([n, c, h, w], type).contiguous(memory_format.channels_last),
            Layout.Slice => Numbers([n, c, h + 2, w + 3], type).narrow(2, 1, h).narrow(3, 2, w),
            Layout.Transposed => Numbers([n, c, w, h], type).transpose(2, 3),
        };
        Assert.Equal([n, c, h, w], images.shape);
        return images;
    }

    /// <summary>
    /// That what <paramref name="ours"/> makes of the inputs, and its gradients, are what <paramref name="libtorch"/> makes of
    /// them in double precision, to within a tolerance relative to the greatest element.
    /// </summary>
    internal void Agrees(string what, Tensor[] inputs, Func<Tensor[], Tensor> ours, Func<Tensor[], Tensor> libtorch, double tolerance)
    {
        Tensor[] mine = [.. inputs.Select(input => input.detach().requires_grad_())];
        Tensor[] theirs = [.. inputs.Select(input => input.detach().to(ScalarType.Float64).requires_grad_())];
        Tensor output = ours(mine), expected = libtorch(theirs);
        Near(what + ", output", expected, output, tolerance);

        Tensor weights = Numbers(output.shape, output.dtype);
        IList<Tensor> gradients = autograd.grad([output], mine, [weights]);
        IList<Tensor> expectedGradients = autograd.grad([expected], theirs, [weights.to(ScalarType.Float64)]);
        for (int i = 0; i < gradients.Count; i++) Near($"{what}, gradient of input {i}", expectedGradients[i], gradients[i], tolerance);
    }

    /// <summary>
    /// That the gradients of a function of double-precision inputs are its slopes: along a random direction of each input the
    /// central difference of a random weighting of the output is the gradient's product with the direction.
    /// </summary>
    internal void GradientsAreSlopes(string what, Tensor[] inputs, Func<Tensor[], Tensor> function, double tolerance = 1e-7)
    {
        const double step = 1e-5;
        Tensor[] leaves = [.. inputs.Select(input => input.detach().requires_grad_())];
        Tensor output = function(leaves);
        Tensor weights = Numbers(output.shape, ScalarType.Float64);
        IList<Tensor> gradients = autograd.grad([output], leaves, [weights]);
        for (int i = 0; i < inputs.Length; i++)
        {
            Tensor direction = Numbers(inputs[i].shape, ScalarType.Float64);
            double Value(double distance)
            {
                using IDisposable _ = no_grad();
                return (function([.. inputs.Select((input, j) => j == i ? input + distance * direction : input)]) * weights).sum().ToDouble();
            }

            double slope = (Value(step) - Value(-step)) / (2 * step);
            double product = (gradients[i] * direction).sum().ToDouble();
            Assert.True(Math.Abs(slope - product) <= tolerance * (1 + Math.Abs(slope)), $"{what}: slope of input {i} is {slope}, its gradient says {product}");
        }
    }

    /// <summary>The same of the gradients of the gradients, where the function takes part in a nonlinear sum.</summary>
    internal void SecondGradientsAreSlopes(string what, Tensor[] inputs, Func<Tensor[], Tensor> function, double tolerance = 1e-6)
    {
        Tensor[] weights = [.. inputs.Select(input => Numbers(input.shape, ScalarType.Float64))];
        GradientsAreSlopes(what + ", twice", inputs, given =>
        {
            using IDisposable _ = enable_grad();
            Tensor[] at = [.. given.Select(input => input.requires_grad ? input : input.detach().requires_grad_())];
            IList<Tensor> gradients = autograd.grad([function(at).tanh().sum()], at, create_graph: true);
            return gradients.Zip(weights, (gradient, weight) => (gradient * weight).sum()).Aggregate((sum, next) => sum + next);
        }, tolerance);
    }

    /// <summary>That a function and its gradients are the same to the last bit with one, two and three threads; gives the output and the gradients.</summary>
    /// <param name="given">Its inputs; one that it does not use has no gradient.</param>
    /// <param name="function">What is asked.</param>
    /// <param name="format">How the output must lie; null for no matter how.</param>
    internal static Tensor[] SameWithAnyThreads(Tensor[] given, Func<Tensor[], Tensor> function, memory_format? format = null)
    {
        Tensor[][] runs = [.. ((int[])[1, 2, 3]).Select(threads =>
        {
            set_num_threads(threads);
            Tensor[] leaves = [.. given.Select(tensor => tensor.detach().requires_grad_())];
            Tensor output = function(leaves);
            Assert.True(format is null || output.is_contiguous(format.Value));
            return (Tensor[])[output, .. autograd.grad([output], leaves, [output.detach()], allow_unused: true).OfType<Tensor>()];
        })];
        for (int i = 0; i < runs[0].Length; i++)
        {
            Torch.Near.Equal(runs[0][i], runs[1][i], 0);
            Torch.Near.Equal(runs[0][i], runs[2][i], 0);
        }
        return runs[0];
    }

    internal static void Near(string what, Tensor expected, Tensor actual, double tolerance)
    {
        Assert.Equal(expected.shape, actual.shape);
        double scale = 1 + expected.abs().max().ToDouble();
        double error = (expected - actual.to(ScalarType.Float64)).abs().max().ToDouble();
        Assert.True(error <= tolerance * scale, $"{what}: off by {error} where the greatest is {scale - 1}");
    }
}
