namespace NasPlatform.Benchmarks.Measuring;

/// <summary>A forward and a backward pass, by what the latter computes gradients of.</summary>
internal enum Pass
{
    /// <summary>Weights and what lies between the layers: the arithmetic of three forward passes.</summary>
    All,

    /// <summary>What lies between the layers alone: that of two.</summary>
    Activations,
}
