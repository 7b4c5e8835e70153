using System.Globalization;
using NasPlatform.Search;

namespace NasPlatform.Benchmarks.Searches;

/// <summary>What is asked for of the whole search.</summary>
/// <param name="Trials">Architectures.</param>
/// <param name="Fraction">The share of the training examples.</param>
/// <param name="Layout">The peer's memory format.</param>
/// <param name="Saves">Whether the result is written to the machine's file.</param>
internal sealed record SearchBenchmarkOptions(int Trials, double Fraction, string Layout, bool Saves)
{
    private const string Usage = "search [--trials n] [--fraction share] [--layout channels-first|channels-last] [--save]";

    /// <exception cref="UserErrorException">The arguments are none of these.</exception>
    public static SearchBenchmarkOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new SearchBenchmarkOptions(20, 1, "channels-first", false);
        var rest = new Queue<string>(arguments);
        while (rest.TryDequeue(out var argument))
        {
            options = argument switch
            {
                "--trials" when rest.TryDequeue(out var text) && int.TryParse(text, out var trials) && trials is > 0 and <= 1000 => options with { Trials = trials },
                "--fraction" when rest.TryDequeue(out var text) && double.TryParse(text, CultureInfo.InvariantCulture, out var share) && share is > 0 and <= 1 => options with { Fraction = share },
                "--layout" when rest.TryDequeue(out var layout) && layout is "channels-first" or "channels-last" => options with { Layout = layout },
                "--save" => options with { Saves = true },
                _ => throw new UserErrorException($"{argument} is not understood: {Usage}"),
            };
        }

        return options;
    }
}
