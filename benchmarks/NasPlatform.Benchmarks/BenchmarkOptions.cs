using NasPlatform.Benchmarks.Cases;
using NasPlatform.Benchmarks.Measuring;
using NasPlatform.Search;
using NasPlatform.Search.Training;

namespace NasPlatform.Benchmarks;

/// <summary>What is asked for on the command line.</summary>
/// <param name="Cases">In the order of <see cref="KnownCases"/>.</param>
/// <param name="Comparison">How they are compared.</param>
/// <param name="Saves">Whether the results are written to the machine's file.</param>
internal sealed record BenchmarkOptions(IReadOnlyList<Case> Cases, Comparison Comparison, bool Saves)
{
    public const string Usage = "[case ...] [--threads n] [--rounds n] [--precision fp32|bf16] [--layout channels-first|channels-last] [--clock wall|processor] [--save]";

    /// <exception cref="UserErrorException">The arguments are none of these.</exception>
    public static BenchmarkOptions Parse(IReadOnlyList<string> arguments)
    {
        var (names, saves, layout) = (new List<string>(), false, (string?)null);
        var comparison = new Comparison(Rounds: 7, Threads: 1, Precision.Float32, "", IsProcessorTime: false);
        var rest = new Queue<string>(arguments);
        while (rest.TryDequeue(out var argument))
        {
            switch (argument)
            {
                case "--threads":
                    comparison = comparison with { Threads = Whole() };
                    break;
                case "--rounds":
                    comparison = comparison with { Rounds = Whole() };
                    break;
                case "--precision":
                    comparison = comparison with { Precision = OneOf("fp32", "bf16") == "bf16" ? Precision.BFloat16 : Precision.Float32 };
                    break;
                case "--layout":
                    layout = OneOf("channels-first", "channels-last");
                    break;
                case "--clock":
                    comparison = comparison with { IsProcessorTime = OneOf("wall", Side.ProcessorClock) == Side.ProcessorClock };
                    break;
                case "--save":
                    saves = true;
                    break;
                case ['-', ..]:
                    throw new UserErrorException($"There is no option {argument}: {Usage}");
                default:
                    names.Add(KnownCases.Find(argument).Name);
                    break;
            }

            int Whole() => rest.TryDequeue(out var text) && int.TryParse(text, out var value) && value > 0 ? value : throw new UserErrorException($"{argument} takes a whole number above 0.");

            string OneOf(params string[] words) => rest.TryDequeue(out var text) && words.Contains(text) ? text : throw new UserErrorException($"{argument} takes {string.Join(" or ", words)}.");
        }

        // PyTorch's default; in bfloat16 whoever changes that changes this, too.
        layout ??= comparison.Precision == Precision.BFloat16 ? "channels-last" : "channels-first";
        return new([.. KnownCases.All.Where(work => names.Count == 0 || names.Contains(work.Name))], comparison with { Layout = layout }, saves);
    }
}
