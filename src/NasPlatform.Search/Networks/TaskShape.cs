using System.Globalization;
using System.Text.Json.Serialization;

namespace NasPlatform.Search.Networks;

/// <summary>What a network is to take in and to give out.</summary>
/// <param name="Channels">Channels of an image (1 for grey, 3 for colour), variables of a series, features of a table's row; 1 for a text.</param>
/// <param name="Height">Rows of an image; else 1.</param>
/// <param name="Width">Columns of an image, steps of a series or a text; 1 for a table.</param>
/// <param name="Outputs">Numbers at the output: a logit a class, at each step a logit a token of the vocabulary, or the numbers that are predicted.</param>
/// <param name="Kind">What is learnt.</param>
public sealed record TaskShape(int Channels, int Height, int Width, int Outputs, TaskKind Kind = TaskKind.ImageClassification)
{
    /// <summary>CIFAR-10's shape, for which the papers print their sizes; used where decisions are walked and no dataset is named.</summary>
    public static readonly TaskShape Cifar10 = new(3, 32, 32, 10);

    /// <summary>The form of a text, for messages and help.</summary>
    public const string TextForm =
        "channels x rows x columns / classes of images, such as 3x32x32/10; or series:6x100/4 (variables x steps / classes), forecast:7x96/24 (variables x steps / numbers), "
        + "table:13/3 (features / classes), regression:13/1 (features / numbers), text:35/10000 (steps / vocabulary)";

    private const int MostSide = 1_000_000;
    private const int MostOutputs = 1_000_000;

    private static readonly Dictionary<TaskKind, string> Prefixes = new()
    {
        [TaskKind.SequenceClassification] = "series",
        [TaskKind.Forecasting] = "forecast",
        [TaskKind.TabularClassification] = "table",
        [TaskKind.TabularRegression] = "regression",
        [TaskKind.LanguageModelling] = "text",
    };

    /// <summary>One example, without the batch. A text is its token numbers, a vector of whole numbers.</summary>
    [JsonIgnore]
    public Shape Input => Kind switch
    {
        TaskKind.TabularClassification or TaskKind.TabularRegression => Shape.Vector(Channels),
        TaskKind.LanguageModelling => Shape.Vector(Width),
        _ => Shape.Image(Channels, Height, Width),
    };

    /// <summary>What a network gives for one example.</summary>
    [JsonIgnore]
    public Shape Output => Kind == TaskKind.LanguageModelling ? Shape.Sequence(Width, Outputs) : Shape.Vector(Outputs);

    /// <param name="variables">Values a step.</param>
    /// <param name="steps">Length.</param>
    /// <param name="classes">What it can be.</param>
    public static TaskShape Series(int variables, int steps, int classes) => new(variables, 1, steps, classes, TaskKind.SequenceClassification);

    /// <param name="variables">Values a step.</param>
    /// <param name="steps">How many steps before are looked at.</param>
    /// <param name="numbers">Steps ahead times the variables that are predicted.</param>
    public static TaskShape Forecast(int variables, int steps, int numbers) => new(variables, 1, steps, numbers, TaskKind.Forecasting);

    public static TaskShape Table(int features, int classes) => new(features, 1, 1, classes, TaskKind.TabularClassification);

    public static TaskShape Regression(int features, int numbers) => new(features, 1, 1, numbers, TaskKind.TabularRegression);

    /// <param name="steps">Tokens in a row that are learnt from at once (the length of truncated backpropagation).</param>
    /// <param name="vocabulary">Different tokens.</param>
    public static TaskShape Text(int steps, int vocabulary) => new(1, 1, steps, vocabulary, TaskKind.LanguageModelling);

    /// <summary>Reads what <see cref="ToString"/> writes: <c>3x32x32/10</c>, <c>series:6x100/4</c>.</summary>
    public static bool TryParse(string text, out TaskShape shape)
    {
        shape = Cifar10;
        var (kind, rest) = Prefixes.Where(pair => text.StartsWith(pair.Value + ":", StringComparison.Ordinal)).Select(pair => (pair.Key, text[(pair.Value.Length + 1)..]))
            .FirstOrDefault((TaskKind.ImageClassification, text));
        if (rest.Split('/') is not [var input, var outputsText] || !Within(outputsText, MostOutputs, out var outputs))
        {
            return false;
        }

        var sides = new List<int>();
        foreach (var part in input.Split('x'))
        {
            if (!Within(part, MostSide, out var side))
            {
                return false;
            }

            sides.Add(side);
        }

        TaskShape? read = (kind, sides) switch
        {
            (TaskKind.ImageClassification, [1 or 3, _, _]) => new(sides[0], sides[1], sides[2], outputs),
            (TaskKind.SequenceClassification, [var variables, var steps]) => Series(variables, steps, outputs),
            (TaskKind.Forecasting, [var variables, var steps]) => Forecast(variables, steps, outputs),
            (TaskKind.TabularClassification, [var features]) => Table(features, outputs),
            (TaskKind.TabularRegression, [var features]) => Regression(features, outputs),
            (TaskKind.LanguageModelling, [var steps]) => Text(steps, outputs),
            _ => null,
        };
        shape = read ?? Cifar10;
        return read?.IsPossible == true;

        static bool Within(string text, int most, out int value) =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= 1 && value <= most;
    }

    public override string ToString() => Kind switch
    {
        TaskKind.ImageClassification => Invariant($"{Channels}x{Height}x{Width}/{Outputs}"),
        TaskKind.SequenceClassification or TaskKind.Forecasting => Invariant($"{Prefixes[Kind]}:{Channels}x{Width}/{Outputs}"),
        TaskKind.LanguageModelling => Invariant($"{Prefixes[Kind]}:{Width}/{Outputs}"),
        _ => Invariant($"{Prefixes[Kind]}:{Channels}/{Outputs}"),
    };

    /// <summary>What the network reads at once, in words: <c>one image</c>, <c>35 tokens</c>.</summary>
    [JsonIgnore]
    public string ExampleWords => Kind == TaskKind.LanguageModelling ? Invariant($"{Width} tokens") : $"one {Kind.Example}";

    /// <summary>Whether there is something to take in, and something to tell apart or to predict.</summary>
    [JsonIgnore]
    public bool IsPossible => this is { Channels: >= 1, Height: >= 1, Width: >= 1 } && Outputs >= (Kind.IsRegression ? 1 : 2);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
