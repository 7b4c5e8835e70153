using NasPlatform.Search.Strategies.Controllers;

namespace NasPlatform.Search.Strategies.Proxyless;

/// <summary>A row of architecture parameters, one number a path, and the Adam that moves it.</summary>
internal sealed class PathRow
{
    private readonly Adam<double> _adam;

    /// <param name="name">Of the choice.</param>
    /// <param name="options">How many paths there are.</param>
    /// <param name="random">The stream of the initial numbers, 10⁻³ times a standard normal one each.</param>
    /// <param name="learningRate">Of Adam.</param>
    /// <param name="beta1">Adam's decay of the average of gradients.</param>
    public PathRow(string name, int options, RandomSource random, double learningRate, double beta1)
    {
        Parameter = new(name, 1, options);
        for (var option = 0; option < options; option++)
        {
            Parameter.Values[option] = 1e-3 * random.NextGaussian();
        }

        _adam = new([Parameter], learningRate, beta1);
    }

    public string Name => Parameter.Name;

    public double[] Values => Parameter.Values[..Parameter.Columns];

    public double[] Probabilities => GateGradient.Softmax(Values);

    private Parameter<double> Parameter { get; }

    /// <summary>Draws different paths, each by its probability among those that are left.</summary>
    public int[] Draw(RandomSource random, int count)
    {
        var left = Probabilities;
        var drawn = new int[Math.Min(count, left.Length)];
        for (var place = 0; place < drawn.Length; place++)
        {
            var rest = random.NextDouble() * left.Sum();
            var path = Array.FindLastIndex(left, probability => probability > 0);
            for (var option = 0; option < left.Length; option++)
            {
                rest -= left[option];
                if (rest < 0 && left[option] > 0)
                {
                    path = option;
                    break;
                }
            }

            (drawn[place], left[path]) = (path, 0);
        }

        return drawn;
    }

    /// <summary>One step of Adam. Where only some paths are involved, theirs are shifted so that the sum of their exponentials, and so the other paths' probabilities, are as before (§3.2).</summary>
    /// <param name="paths">Those involved.</param>
    /// <param name="gradient">The loss's gradient with respect to each of them.</param>
    public void Step(IReadOnlyList<int> paths, IReadOnlyList<double> gradient)
    {
        var before = Sum();
        foreach (var (place, path) in paths.Index())
        {
            Parameter.Gradient[path] = gradient[place];
        }

        _adam.Step();
        if (paths.Count < Parameter.Columns)
        {
            var shift = Math.Log(Sum() / before);
            foreach (var path in paths)
            {
                Parameter.Values[path] -= shift;
            }
        }

        double Sum() => paths.Sum(path => Math.Exp(Parameter.Values[path]));
    }

    /// <summary>Numbers, averages and steps, in one list.</summary>
    public double[] Save()
    {
        var (_, mean, square) = _adam.Moments.Single();
        return [.. Parameter.Values, .. mean, .. square, _adam.Steps];
    }

    public void Load(ReadOnlySpan<double> saved)
    {
        var (_, mean, square) = _adam.Moments.Single();
        var length = Parameter.Values.Length;
        saved[..length].CopyTo(Parameter.Values);
        saved.Slice(length, length).CopyTo(mean);
        saved.Slice(2 * length, length).CopyTo(square);
        _adam.Steps = (int)saved[^1];
    }
}
