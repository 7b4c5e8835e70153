using NasPlatform.Search.Networks;
using NasPlatform.Search.Training;

namespace NasPlatform.Benchmarks.Measuring;

/// <summary>
/// The least that a step must compute and move. Arithmetic: the multiply-adds of convolutions and full layers. Traffic, as if everything elementwise, normalisation and additions were fused into what stands before:
/// each convolution, pooling and full layer reads its input and writes its output forward, and backward reads its output's gradient, for its weights' gradient its input, and writes its input's gradient.
/// </summary>
/// <param name="MultiplyAdds">Of a step.</param>
/// <param name="Activations">Numbers read and written between layers.</param>
/// <param name="Weights">Numbers read and written of weights, their gradients and momentum; always 32 bits.</param>
internal sealed record Roofline(double MultiplyAdds, double Activations, double Weights)
{
    /// <summary>A weight is read forward and backward, its gradient written; the optimiser reads both and the momentum, and writes weight and momentum.</summary>
    private const int NumbersOfAWeight = 8;

    public static Roofline Of(LayerGraph graph, int batch, params IReadOnlyCollection<Pass> passes)
    {
        var runs = graph.WithoutZeros();
        var cost = runs.Cost;
        double inputs = 0, outputs = 0;
        foreach (var layer in runs.Layers.Where(layer => layer.Op is Op.Conv2d or Op.MaxPool or Op.AvgPool or Op.GlobalAvgPool or Op.Linear or Op.TiedLinear or Op.Embedding or Op.Recurrent))
        {
            inputs += (double)batch * layer.Inputs[0].Shape.Count;
            outputs += (double)batch * layer.Shape.Count;
        }

        var all = passes.Count(pass => pass == Pass.All);
        var activations = passes.Count - all;
        return new(
            ((3.0 * all) + (2.0 * activations)) * batch * cost.MultiplyAdds,
            (all * ((3 * inputs) + (2 * outputs))) + (activations * ((2 * inputs) + (2 * outputs))),
            (double)NumbersOfAWeight * all * cost.ParameterCount);
    }

    /// <summary>The longer of the times that the arithmetic and the traffic take at a machine's peaks.</summary>
    public double Milliseconds(Peaks peaks, Precision precision)
    {
        var bytes = (Activations * (precision == Precision.BFloat16 ? 2 : 4)) + (Weights * 4);
        return 1e3 * Math.Max(2 * MultiplyAdds / (1e9 * Math.Max(peaks.MatrixGflops, peaks.ConvolutionGflops)), bytes / (1e9 * peaks.CopyGigabytes));
    }
}
