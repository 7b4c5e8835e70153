using System.Numerics;

namespace NasPlatform.Search.Strategies.Controllers;

/// <summary>Adam (Kingma &amp; Ba 2015) as libtorch's: β₂ 0.999, ε added to the root of the corrected second moment.</summary>
internal sealed class Adam<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const double Beta2 = 0.999;

    private readonly double _learningRate;
    private readonly double _beta1;
    private readonly double _epsilon;
    private readonly (Parameter<T> Parameter, T[] Mean, T[] Square)[] _moments;

    public Adam(IEnumerable<Parameter<T>> parameters, double learningRate, double beta1 = 0.9, double epsilon = 1e-8)
    {
        (_learningRate, _beta1, _epsilon) = (learningRate, beta1, epsilon);
        _moments = [.. parameters.Select(parameter => (parameter, new T[parameter.Values.Length], new T[parameter.Values.Length]))];
    }

    /// <summary>How many steps were made.</summary>
    public int Steps { get; set; }

    /// <summary>The averages of each parameter's gradients and of their squares, laid out as <see cref="Parameter{T}.Values"/>; to be read or written between two steps.</summary>
    public IEnumerable<(Parameter<T> Parameter, T[] Mean, T[] Square)> Moments => _moments;

    /// <summary>Moves all parameters against their gradients, and clears those.</summary>
    public void Step()
    {
        Steps++;
        var size = Of(_learningRate / (1 - Math.Pow(_beta1, Steps)));
        var root = Of(1 / Math.Sqrt(1 - Math.Pow(Beta2, Steps)));
        var (keep1, take1, keep2, take2, epsilon) = (Of(_beta1), Of(1 - _beta1), Of(Beta2), Of(1 - Beta2), Of(_epsilon));
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
