using System.Runtime.InteropServices;
using NasPlatform.Search.Datasets.Layouts;
using NasPlatform.Search.Networks;

namespace NasPlatform.Search.Datasets;

/// <summary>What is the same for all examples that have one class each: images, series, rows of a table.</summary>
internal static class Labelled
{
    private const int NamedAtMost = 5;

    /// <exception cref="UserErrorException">There is nothing to tell apart, or a class has too few examples.</exception>
    public static void CheckClasses(string path, IReadOnlyList<string> classes, IReadOnlyCollection<Example> examples, TaskKind task)
    {
        if (classes.Count == 1)
            throw new UserErrorException($"{path} has the one class '{classes[0]}'; a classifier needs at least two, each {(task == TaskKind.ImageClassification ? "in a folder or with a label of its own" : "with a label of its own")}.");
        var counts = new int[classes.Count];
        var forTraining = new int[classes.Count];
        foreach (var example in examples)
        {
            counts[example.Label]++;
            if (example.Split is null or Split.Train)
                forTraining[example.Label]++;
        }
        var readable = task == TaskKind.ImageClassification ? "readable " : "";
        var small = Enumerable.Range(0, counts.Length).Where(label => counts[label] < 2).ToArray();
        if (small.Length > 0)
            throw new UserErrorException($"In {path} {Named(small.Select(label => $"the class '{classes[label]}' has {counts[label]} {readable}{(counts[label] == 1 ? task.Example : task.Counted)}"))}; each needs at least 2. Add {task.Counted} or remove the class.");
        var untrained = Enumerable.Range(0, counts.Length).Where(label => forTraining[label] == 0).ToArray();
        if (untrained.Length > 0)
            throw new UserErrorException($"In {path} {Named(untrained.Select(label => $"the class '{classes[label]}' has no {task.Example} for training"))}; add some or remove the class.");
    }

    /// <summary>The split of each example, class by class; examples without classes have the one label 0.</summary>
    public static Split[] Deal(IReadOnlyList<Example> examples, IngestOptions options) => StratifiedSplit.Assign(
        [.. examples.Select(example => example.Label)], [.. examples.Select(example => example.Split)],
        options.ValidationFraction, options.TestFraction, new RandomSource(options.Seed).Split("splits"));

    public static ClassCounts[] Count(IReadOnlyList<string> classes, IReadOnlyList<Example> examples, Split[] splits)
    {
        var counts = new int[classes.Count, 3];
        for (var i = 0; i < examples.Count; i++)
            counts[examples[i].Label, (int)splits[i]]++;
        return [.. classes.Select((title, label) => new ClassCounts(title, counts[label, 0], counts[label, 1], counts[label, 2]))];
    }

    /// <summary>Examples of the largest class in the training split for each one of the smallest.</summary>
    public static double Imbalance(ClassCounts[] classes) => (double)classes.Max(entry => entry.Train) / classes.Min(entry => entry.Train);

    public static IEnumerable<string> SplitNotes(IReadOnlyCollection<Example> examples, ClassCounts[] classes, TaskKind task)
    {
        var counts = new SplitCounts(classes.Sum(entry => entry.Train), classes.Sum(entry => entry.Validation), classes.Sum(entry => entry.Test));
        var untested = classes.Where(entry => entry.Test == 0).ToArray();
        return counts.Test > 0 && untested.Length > 0
            ? SplitNotes(examples, counts, task, "class by class").Append($"{Named(untested.Select(entry => $"the class '{entry.Name}' has no test {task.Example}"))}.")
            : SplitNotes(examples, counts, task, "class by class");
    }

    /// <param name="how">In which way those were chosen that the source does not set aside, for people.</param>
    public static IEnumerable<string> SplitNotes(IReadOnlyCollection<Example> examples, SplitCounts counts, TaskKind task, string how)
    {
        if (!examples.Any(example => example.Split == Split.Test))
            yield return $"The source sets no test {task.Counted} aside; {counts.Test:N0} were taken from those for training, {how}.";
        if (!examples.Any(example => example.Split == Split.Validation))
            yield return $"The source sets no validation {task.Counted} aside; {counts.Validation:N0} were taken from those for training, {how}.";
    }

    /// <summary>The tensors of labels and splits.</summary>
    public static IEnumerable<TensorEntry> Tensors(IReadOnlyList<Example> examples, Split[] splits)
    {
        long[] labels = [.. examples.Select(example => (long)example.Label)];
        yield return new(Dataset.LabelsTensor, TensorType.I64, [labels.Length], MemoryMarshal.AsBytes<long>(labels).ToArray());
        yield return SplitTensor(splits);
    }

    public static TensorEntry SplitTensor(Split[] splits) => new(Dataset.SplitTensor, TensorType.U8, [splits.Length], splits.Select(split => (byte)split).ToArray());

    /// <summary>The first few of some things, in a list that says whether there are more.</summary>
    public static string Named(IEnumerable<string> things)
    {
        var some = things.Take(NamedAtMost + 1).ToArray();
        return string.Join("; ", some.Take(NamedAtMost)) + (some.Length > NamedAtMost ? "; and others" : "");
    }
}
