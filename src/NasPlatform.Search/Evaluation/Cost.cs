using System.Globalization;
using System.Text.Json.Serialization;

namespace NasPlatform.Search.Evaluation;

/// <summary>What a network takes of those who use it; the less the better.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Cost>))]
public enum Cost
{
    /// <summary>Trainable numbers.</summary>
    Parameters,

    /// <summary>Multiply-adds for one example.</summary>
    MultiplyAdds,

    /// <summary>Milliseconds for one example, measured on the experiment's device with the threads of a trial.</summary>
    Latency,

    /// <summary>Megabytes (10⁶ bytes) for one example: weights, and the outputs of layers that are kept at once where most are.</summary>
    Memory,
}

/// <summary>What follows from a kind of cost.</summary>
public static class Costs
{
    /// <summary>How every kind reads.</summary>
    public static IReadOnlyList<string> AllWords { get; } = [.. Enum.GetValues<Cost>().Select(cost => cost.Words)];

    /// <summary>The cost that words name, one of <see cref="AllWords"/>.</summary>
    public static Cost Named(string words) => Enum.GetValues<Cost>().First(cost => cost.Words == words);

    extension(Cost cost)
    {
        /// <summary>In words: <c>parameters</c>, <c>multiply-adds</c>, <c>latency</c>, <c>memory</c>.</summary>
        public string Words => cost switch
        {
            Cost.Parameters => "parameters",
            Cost.MultiplyAdds => "multiply-adds",
            Cost.Latency => "latency",
            Cost.Memory => "memory",
        };

        /// <summary>What it is counted in; empty for plain numbers.</summary>
        public string Unit => cost switch
        {
            Cost.Latency => "ms",
            Cost.Memory => "MB",
            Cost.Parameters or Cost.MultiplyAdds => "",
        };

        /// <summary>Of a network that was tried; null where it is not known, as in a table without times.</summary>
        public double? Of(Evaluation evaluation) => cost switch
        {
            Cost.Parameters => evaluation.ParameterCount > 0 ? evaluation.ParameterCount : null,
            Cost.MultiplyAdds => evaluation.MultiplyAdds > 0 ? evaluation.MultiplyAdds : null,
            Cost.Latency => evaluation.LatencyMs,
            Cost.Memory => evaluation.MemoryBytes / 1e6,
        };

        /// <summary>A value as people read it: <c>1,234,567</c>, <c>3.21 ms</c>, <c>4.5 MB</c>.</summary>
        public string Text(double value) => cost switch
        {
            Cost.Latency => string.Create(CultureInfo.InvariantCulture, $"{value:0.00} ms"),
            Cost.Memory => string.Create(CultureInfo.InvariantCulture, $"{value:0.0} MB"),
            Cost.Parameters or Cost.MultiplyAdds => string.Create(CultureInfo.InvariantCulture, $"{value:#,0}"),
        };
    }
}
