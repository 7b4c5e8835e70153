using static TorchSharp.torch;

namespace NasPlatform.Tests.Torch;

/// <summary>Comparisons of tensors with numbers worked out by hand.</summary>
internal static class Near
{
    internal static void Equal(double[] expected, Tensor actual, double tolerance = 1e-5)
    {
        double[] values = actual.to(ScalarType.Float64).data<double>().ToArray();
        Assert.Equal(expected.Length, values.Length);
        for (int i = 0; i < values.Length; i++)
        {
            Assert.True(expected[i].Equals(values[i]) || Math.Abs(expected[i] - values[i]) <= tolerance,
                $"element {i}: expected {expected[i]}, was {values[i]}");
        }
    }

    internal static void Equal(Tensor expected, Tensor actual, double tolerance = 1e-5)
    {
        Assert.Equal(expected.shape, actual.shape);
        Equal(expected.to(ScalarType.Float64).data<double>().ToArray(), actual, tolerance);
    }
}
