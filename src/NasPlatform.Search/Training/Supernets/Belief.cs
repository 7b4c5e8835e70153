using System.Text.Json.Serialization;

namespace NasPlatform.Search.Training.Supernets;

/// <summary>What a supernet's training thinks of one choice.</summary>
/// <param name="Name">The choice: a row of architecture parameters, or a decision.</param>
/// <param name="Options">What can be chosen.</param>
/// <param name="Probabilities">Of each option, 0 to 1, rounded to four digits.</param>
public sealed record Belief(string Name, IReadOnlyList<string> Options, IReadOnlyList<double> Probabilities)
{
    /// <summary>In nats: 0 where one option is certain, the logarithm of their number where nothing is known.</summary>
    [JsonIgnore]
    public double Entropy => -Probabilities.Sum(probability => probability > 0 ? probability * Math.Log(probability) : 0);

    /// <summary>The softmax of a row of architecture parameters.</summary>
    public static Belief OfRow(string name, IReadOnlyList<string> options, IReadOnlyList<double> row)
    {
        var exponentials = row.Select(value => Math.Exp(value - row.Max())).ToList();
        return Of(name, options, exponentials.Select(value => value / exponentials.Sum()));
    }

    /// <param name="name">The choice.</param>
    /// <param name="options">What can be chosen.</param>
    /// <param name="probabilities">As exactly as they are known.</param>
    public static Belief Of(string name, IReadOnlyList<string> options, IEnumerable<double> probabilities) => new(name, options, [.. probabilities.Select(value => Math.Round(value, 4))]);
}
