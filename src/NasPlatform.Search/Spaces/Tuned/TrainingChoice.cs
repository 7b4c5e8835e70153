using System.Globalization;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Training;
using NasPlatform.Search.Training.Examples;

namespace NasPlatform.Search.Spaces.Tuned;

/// <summary>Something of the training that can be searched.</summary>
/// <param name="Name">As options and decisions name it: <c>learning_rate</c>.</param>
/// <param name="Title">For people: <c>Learning rate</c>.</param>
/// <param name="Help">A sentence for people: what its options are.</param>
/// <param name="Usual">Options where none are given, for a training and the rules of change that it may have.</param>
/// <param name="Spelling">An option in its one spelling.</param>
/// <param name="Apply">The training with an option, of an image's height and width where it matters.</param>
public sealed record TrainingChoice(
    string Name,
    string Title,
    string Help,
    Func<TrainingOptions, IReadOnlyList<OptimizerKind>, IReadOnlyList<string>> Usual,
    Func<string, string> Spelling,
    Func<TrainingOptions, string, TaskShape, TrainingOptions> Apply)
{
    /// <summary>What decisions about the training begin with, before the name.</summary>
    public const string Prefix = "training/";

    /// <summary>
    /// What can be searched, in the order in which it is asked and applied: an optimiser may bring a learning rate, which is then replaced by one that is searched, too.
    /// </summary>
    public static IReadOnlyList<TrainingChoice> All { get; } =
    [
        new(
            "optimizer",
            "Optimiser",
            $"Rules by which gradients change weights: {string.Join(", ", Optimizers.AllWords)}. Where no learning rate is searched, one of another kind takes its usual one.",
            (_, _) => Optimizers.AllWords,
            text => Optimizers.Named(text) is null ? throw NearestName.Unknown("optimiser", text, [.. Optimizers.AllWords]) : text,
            (training, option, _) => training.By(Optimizers.Named(option)!.Value)), // not null: checked when it was spelt
        new(
            "learning_rate",
            "Learning rate",
            "The largest of the schedule; usually three smaller and two larger ones than the experiment's.",
            UsualLearningRates,
            Number,
            (training, option, _) => training with { LearningRate = Read(option) }),
        new(
            "schedule",
            "Schedule",
            $"How the learning rate changes from step to step: {string.Join(", ", Schedules.AllWords)}.",
            (_, _) => Schedules.AllWords,
            text => Schedules.Named(text) is null ? throw NearestName.Unknown("schedule", text, [.. Schedules.AllWords]) : text,
            (training, option, _) => training with { Schedule = Schedules.Named(option)!.Value }), // not null: checked when it was spelt
        new(
            "weight_decay",
            "Weight decay",
            "L2 penalties; decoupled ones of adamw.",
            (_, _) => ["0", "0.00001", "0.0001", "0.001", "0.01"],
            Number,
            (training, option, _) => training with { WeightDecay = Read(option) }),
        new(
            "batch_size",
            "Batch size",
            "Examples a step; usually from a quarter of the experiment's to twice as many.",
            (training, _) => [.. new[] { training.BatchSize / 4, training.BatchSize / 2, training.BatchSize, training.BatchSize * 2 }.Where(size => size is >= 2 and <= 8192).Select(size => $"{size}")],
            text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? $"{size}" : throw new UserErrorException("it is no whole number."),
            (training, option, _) => training with { BatchSize = int.Parse(option, CultureInfo.InvariantCulture) }),
        new(
            "augmentation",
            "Augmentation",
            "How training images are varied: none, or crop, flip and cutout joined by +. Shifts are as far as the experiment's, or else by an eighth of the side; squares as large, or else half the side.",
            (_, _) => ["none", "crop", "crop+flip", "crop+flip+cutout"],
            Varied,
            (training, option, task) => training with { Augmentation = Vary(training.Augmentation, option.Split('+'), Math.Min(task.Height, task.Width)) }),
    ];

    public static IReadOnlyCollection<string> Names { get; } = [.. All.Select(choice => choice.Name)];

    /// <summary>Whether it is of images only.</summary>
    public bool IsOfImages => Name == "augmentation";

    /// <exception cref="UserErrorException">There is none of that name.</exception>
    public static TrainingChoice Named(string name) => All.FirstOrDefault(choice => choice.Name == name) ?? throw NearestName.Unknown("training choice", name, Names);

    /// <summary>Whether decisions of these names are about the training, any of them.</summary>
    public static bool IsIn(IEnumerable<string> decisions) => decisions.Any(name => name.StartsWith(Prefix, StringComparison.Ordinal));

    /// <summary>The training that a genotype is to be trained by: the experiment's, with what the genotype decides of it.</summary>
    public static TrainingOptions TrainingOf(Genotype genotype, TrainingOptions training, TaskShape task) =>
        genotype.Decisions.Where(decision => decision.Name.StartsWith(Prefix, StringComparison.Ordinal))
            .Aggregate(training, (so, decision) => Named(decision.Name[Prefix.Length..]).Apply(so, decision.Option, task));

    /// <summary>
    /// Half a decade apart: around the experiment's rate; where adaptive and other rules are searched, from what suits the first to what suits the others.
    /// </summary>
    private static IReadOnlyList<string> UsualLearningRates(TrainingOptions training, IReadOnlyList<OptimizerKind> optimizers)
    {
        if (optimizers.Select(kind => kind.IsAdaptive).Distinct().Count() > 1)
        {
            return ["0.0003", "0.001", "0.003", "0.01", "0.03", "0.1", "0.3"];
        }

        var middle = optimizers.Count > 0 ? training.By(optimizers[0]).LearningRate : training.LearningRate;
        return [.. new[] { 0.03, 0.1, 0.3, 1, 3, 10 }.Select(factor => factor * middle).Where(rate => rate <= 100).Select(rate => Spelt(double.Parse(rate.ToString("G4", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)))];
    }

    private static string Number(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && Math.Abs(value) <= 1e6
        ? Spelt(value)
        : throw new UserErrorException("it is no number.");

    private static double Read(string option) => double.Parse(option, CultureInfo.InvariantCulture);

    /// <summary>Without an exponent.</summary>
    private static string Spelt(double value) => ((decimal)value).ToString("0.############", CultureInfo.InvariantCulture);

    private static string Varied(string text)
    {
        string[] known = ["crop", "flip", "cutout"];
        var parts = text.Split('+', StringSplitOptions.TrimEntries);
        return text == "none" ? text
            : parts.All(known.Contains) && parts.Distinct().Count() == parts.Length ? string.Join('+', known.Where(parts.Contains))
            : throw new UserErrorException("it must be none, or crop, flip and cutout joined by +.");
    }

    private static Augmentation Vary(Augmentation? usual, string[] parts, int side) => new(
        parts.Contains("crop") ? usual is { CropPadding: > 0 and var padding } ? padding : side / 8 : 0,
        parts.Contains("flip"),
        parts.Contains("cutout") ? usual is { Cutout: > 0 and var square } ? square : side / 2 : 0);
}
