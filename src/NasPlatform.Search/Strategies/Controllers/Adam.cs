using System.Numerics;

namespace NasPlatform.Search.Strategies.Controllers;

/// <summary>Adam (Kingma &amp; Ba 2015) as libtorch's: β₁ 0.9, β₂ 0.999, ε 10⁻⁸ added to the root of the corrected second moment.</summary>
internal sealed class Adam<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.999;
    private const double Epsilon = 1e-8;

    private readonly double _learningRate;
    private readonly (Parameter<T> Parameter, T[] Mean, T[] Square)[] _moments;
    private int _steps;

    public Adam(IEnumerable<Parameter<T>> parameters, double learningRate)
    {
        _learningRate = learningRate;
        _moments = [.. parameters.Select(parameter => (parameter, new T[parameter.Values.Length], new T[parameter.Values.Length]))];
    }

    /// <summary>Moves all parameters against their gradients, and clears those.</summary>
    public void Step()
    {
        _steps++;
        var size = Of(_learningRate / (1 - Math.Pow(Beta1, _steps)));
        var root = Of(1 / Math.Sqrt(1 - Math.Pow(Beta2, _steps)));
        var (keep1, take1, keep2, take2, epsilon) = (Of(Beta1), Of(1 - Beta1), Of(Beta2), Of(1 - Beta2), Of(Epsilon));
        foreach (var (parameter, means, squares) in _moments)
        {
            var (values, gradients) = (parameter.Values, parameter.Gradient);
            for (var at = 0; at < values.Length; at += Vector<T>.Count)
            {
                var gradient = new Vector<T>(gradients, at);
                var mean = (keep1 * new Vector<T>(means, at)) + (take1 * gradient);
                var square = (keep2 * new Vector<T>(squares, at)) + (take2 * gradient * gradient);
                mean.CopyTo(means, at);
                square.CopyTo(squares, at);
                (new Vector<T>(values, at) - (size * mean / ((Vector.SquareRoot(square) * root) + epsilon))).CopyTo(values, at);
            }

            Array.Clear(gradients);
        }

        static Vector<T> Of(double number) => new(T.CreateTruncating(number));
    }
}
