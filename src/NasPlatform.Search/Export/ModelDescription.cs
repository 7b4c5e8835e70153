using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using NasPlatform.Search.Datasets;
using NasPlatform.Search.Networks;

namespace NasPlatform.Search.Export;

/// <summary>All that is known about a trained model apart from its weights: what <c>architecture.json</c> holds.</summary>
public sealed record ModelDescription
{
    /// <summary>What marks the file as ours, with the version of its form.</summary>
    public const string CurrentFormat = "nasplatform-model/2";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        AllowOutOfOrderMetadataProperties = true,
    };

    public string Format { get; init; } = CurrentFormat;

    /// <summary>What people call the model, such as the experiment's name.</summary>
    public required string Name { get; init; }

    /// <summary>What it has learnt.</summary>
    [JsonIgnore]
    public TaskKind Task => Graph.Task.Kind;

    /// <summary>Names of the classes, in the order of the logits; the tokens of a language model's vocabulary. Empty where numbers are predicted.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    public required ModelInput Input { get; init; }

    /// <summary>The numbers that are predicted; null for a classifier and a language model.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PredictedNumbers? Output { get; init; }

    public required ArchitectureFacts Architecture { get; init; }

    /// <summary>Trainable numbers of <see cref="Graph"/>.</summary>
    public long ParameterCount => Graph.Cost.ParameterCount;

    /// <summary>Multiply-adds of <see cref="Graph"/> for one example.</summary>
    public long MultiplyAdds => Graph.Cost.MultiplyAdds;

    public required DatasetFacts Dataset { get; init; }

    public required SearchFacts Search { get; init; }

    public required TrainingFacts Training { get; init; }

    public required ModelMetrics Metrics { get; init; }

    /// <summary>The version of the program that trained the model.</summary>
    public required string ProgramVersion { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>What runs: simplified by <see cref="LayerGraph.WithoutZeros"/>.</summary>
    public required LayerGraph Graph { get; init; }

    /// <exception cref="JsonException">The text is no model description; the message says where.</exception>
    /// <exception cref="UserErrorException">It is one of another format, or its parts contradict each other.</exception>
    public static ModelDescription FromJson(string text)
    {
        using (var document = JsonDocument.Parse(text))
        {
            var format = document.RootElement.ValueKind is JsonValueKind.Object && document.RootElement.TryGetProperty("format", out var marker)
                ? marker.ToString()
                : null;
            if (format != CurrentFormat)
            {
                throw new UserErrorException(format is null ? "its field 'format' is missing" : $"its format is '{format}', and this program reads '{CurrentFormat}'");
            }
        }

        var description = JsonSerializer.Deserialize<ModelDescription>(text, Json) ?? throw new JsonException("It is empty.");
        description.Check();
        return description;
    }

    public string ToJson() => JsonSerializer.Serialize(this, Json) + "\n";

    /// <exception cref="UserErrorException">The parts contradict each other; the message is a clause that says how.</exception>
    public void Check()
    {
        var task = Graph.Task;
        var normalised = task.Kind == TaskKind.LanguageModelling ? 0 : task.Channels;
        Holds(Classes.Count == (task.Kind.IsRegression ? 0 : task.Outputs), $"it names {Classes.Count} classes and its network has {task.Outputs} logits");
        Holds(
            (Input.Channels, Input.Height, Input.Width) == (task.Channels, task.Height, task.Width),
            $"its input is {Input.Channels}×{Input.Height}×{Input.Width} and its network takes {task.Input}");
        Holds(
            Input.Mean.Count == normalised && Input.Std.Count == normalised && Input.Std.All(std => std > 0),
            $"its normalisation must be one mean and one std above 0 for each of {normalised} channels");
        Holds(
            task.Kind == TaskKind.ImageClassification ? ModelInput.Fits.Contains(Input.Fit) : Input.Fit is null,
            $"its fit is '{Input.Fit}' and must be one of {string.Join(", ", ModelInput.Fits)}, for images only");
        Holds(
            Input.Columns.Count == 0 || Input.Columns.Sum(column => column.Features) == task.Channels,
            $"its columns make {Input.Columns.Sum(column => column.Features)} numbers and its network takes {task.Channels}");
        Holds(
            Output is null ? !task.Kind.IsRegression : Output.Names.Count * Math.Max(1, Output.Horizon) == task.Outputs && Output.Mean.Count == Output.Names.Count && Output.Std.Count == Output.Names.Count,
            $"what it predicts must have a name, a mean and a deviation each, {task.Outputs} numbers in all");
        Holds(
            Metrics.TestAccuracyByClass.Count == (task.Kind.IsClassification ? Classes.Count : 0),
            $"it has the test accuracy of {Metrics.TestAccuracyByClass.Count} classes and names {Classes.Count}");

        static void Holds(bool condition, string problem)
        {
            if (!condition)
            {
                throw new UserErrorException(problem);
            }
        }
    }
}

/// <summary>What the network takes.</summary>
/// <param name="Channels">Of an image: 1 for grey, 3 for red, green, blue; variables of a series, features of a table's row; 1 for a text.</param>
/// <param name="Height">Rows of an image; else 1.</param>
/// <param name="Width">Columns of an image, steps of a series, tokens of a text; 1 for a table.</param>
/// <param name="Fit">How an image of another size is brought to this one: <c>crop</c> (cover, centred), <c>pad</c> (contain, centred on black), <c>stretch</c>; null for what is no image.</param>
/// <param name="Mean">What is taken from each channel, in the unit in which the numbers are given: of images 0 is black and 1 full. Empty for a text.</param>
/// <param name="Std">What each channel is divided by afterwards, in the same unit.</param>
public sealed record ModelInput(int Channels, int Height, int Width, string? Fit, IReadOnlyList<double> Mean, IReadOnlyList<double> Std)
{
    /// <summary>The values of <see cref="Fit"/>.</summary>
    public static readonly IReadOnlyList<string> Fits = ["crop", "pad", "stretch"];

    /// <summary>The columns of a table, or the variables of a series, that the numbers come from; empty for images and texts.</summary>
    public IReadOnlyList<DataColumn> Columns { get; init; } = [];

    /// <summary>Whether a text's tokens are characters, and not words.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsCharacters { get; init; }
}

/// <summary>Numbers that a network predicts. It gives (number − mean) / std; exported files give the number itself.</summary>
/// <param name="Names">Titles of what is predicted.</param>
/// <param name="Horizon">Steps ahead that are predicted of each; 0 where it is no forecast.</param>
/// <param name="Mean">Of each, in the data's unit.</param>
/// <param name="Std">Of each, above 0.</param>
public sealed record PredictedNumbers(IReadOnlyList<string> Names, int Horizon, IReadOnlyList<double> Mean, IReadOnlyList<double> Std)
{
    /// <summary>The deviation of one of all the numbers: they stand name by name, and of each step by step.</summary>
    public double StdOf(int number) => Std[number / Math.Max(1, Horizon)];
}

/// <summary>Which architecture it is, and where in which space.</summary>
/// <param name="Space">The search space's name.</param>
/// <param name="SpaceSettings">All its settings: with the name they make the space again.</param>
/// <param name="Genotype">The text form.</param>
/// <param name="Decisions">Chosen options, 0-based, by the names of their places.</param>
/// <param name="Key">The <see cref="ArchitectureKey"/>.</param>
public sealed record ArchitectureFacts(
    string Space, IReadOnlyDictionary<string, string> SpaceSettings, string Genotype, IReadOnlyDictionary<string, int> Decisions, string Key);

/// <summary>The data. Counts are of examples.</summary>
/// <param name="Name">The dataset's name.</param>
/// <param name="Training">Examples of the training split.</param>
/// <param name="Validation">Examples of the validation split, by which the search chose.</param>
/// <param name="Test">Examples of the test split, used once, at the end.</param>
public sealed record DatasetFacts(string Name, int Training, int Validation, int Test);

/// <summary>How the architecture was found.</summary>
/// <param name="Strategy">The strategy's name.</param>
/// <param name="StrategySettings">All its settings.</param>
/// <param name="Trials">Architectures that were tried.</param>
public sealed record SearchFacts(string Strategy, IReadOnlyDictionary<string, string> StrategySettings, int Trials);

/// <summary>How the final weights were trained.</summary>
/// <param name="Epochs">Passes over the examples.</param>
/// <param name="BatchSize">Examples a step.</param>
/// <param name="Optimizer">The rule and its schedule, in words.</param>
/// <param name="LearningRate">The largest of its schedule.</param>
/// <param name="WeightDecay">L2 penalty.</param>
/// <param name="Augmentation">How training images were varied, in words; <c>none</c> if they were not.</param>
/// <param name="Seed">The experiment's seed.</param>
/// <param name="Examples">How many examples were trained on.</param>
/// <param name="DurationSeconds">Wall-clock time.</param>
/// <param name="ImagesPerSecond">Mean throughput, augmentation and optimiser included.</param>
/// <param name="Device">Where: <c>cpu</c>, <c>cuda:0</c>.</param>
public sealed record TrainingFacts(
    int Epochs,
    int BatchSize,
    string Optimizer,
    double LearningRate,
    double WeightDecay,
    string Augmentation,
    ulong Seed,
    int Examples,
    double DurationSeconds,
    double ImagesPerSecond,
    string Device);

/// <summary>How good it is. Scores are 0 to 1: the accuracy of a classifier, 1 / perplexity of a language model, 1 / (1 + squared error) where numbers are predicted.</summary>
/// <param name="ValidationScore">Of the trial that won the search, after its short training; null when there was no search.</param>
/// <param name="TestScore">Of the final weights on the test split.</param>
/// <param name="TestLoss">Mean loss on the test split: cross entropy in nats, or squared error in deviations.</param>
/// <param name="TestAccuracyByClass">Share of each class's test examples that is classified rightly; null for a class that has none. Empty for what is no classifier.</param>
/// <param name="TestExamples">How many examples were tested.</param>
public sealed record ModelMetrics(
    double? ValidationScore, double TestScore, double TestLoss, IReadOnlyList<double?> TestAccuracyByClass, int TestExamples);
