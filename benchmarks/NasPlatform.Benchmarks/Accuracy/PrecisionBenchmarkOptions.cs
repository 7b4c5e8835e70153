using System.Globalization;
using NasPlatform.Search;

namespace NasPlatform.Benchmarks.Accuracy;

/// <summary>What is asked for of the comparison of precisions.</summary>
/// <param name="Seeds">Trainings in each precision.</param>
/// <param name="Epochs">Of each training.</param>
/// <param name="Fraction">The share of the training examples.</param>
/// <param name="Saves">Whether the result is written to the machine's file.</param>
internal sealed record PrecisionBenchmarkOptions(int Seeds, int Epochs, double Fraction, bool Saves)
{
    private const string Usage = "precision [--seeds n] [--epochs n] [--fraction share] [--save]";

    /// <exception cref="UserErrorException">The arguments are none of these.</exception>
    public static PrecisionBenchmarkOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new PrecisionBenchmarkOptions(3, 3, 1, false);
        var rest = new Queue<string>(arguments);
        while (rest.TryDequeue(out var argument))
        {
            options = argument switch
            {
                "--seeds" when rest.TryDequeue(out var text) && int.TryParse(text, out var seeds) && seeds is > 0 and <= 100 => options with { Seeds = seeds },
                "--epochs" when rest.TryDequeue(out var text) && int.TryParse(text, out var epochs) && epochs is > 0 and <= 1000 => options with { Epochs = epochs },
                "--fraction" when rest.TryDequeue(out var text) && double.TryParse(text, CultureInfo.InvariantCulture, out var share) && share is > 0 and <= 1 => options with { Fraction = share },
                "--save" => options with { Saves = true },
                _ => throw new UserErrorException($"{argument} is not understood: {Usage}"),
            };
        }

        return options;
    }
}
