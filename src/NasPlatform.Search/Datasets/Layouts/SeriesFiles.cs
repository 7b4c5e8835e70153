using System.IO.Hashing;
using System.Runtime.InteropServices;
using NasPlatform.Search.Datasets.Files;
using NasPlatform.Search.Networks;

namespace NasPlatform.Search.Datasets.Layouts;

/// <summary>Series with a class each, in .ts or ARFF files; _TRAIN and _TEST in their names say the splits.</summary>
internal sealed class SeriesFiles : DatasetSource
{
    private readonly SplitFiles _files;

    private SeriesFiles(SplitFiles files)
        : base(files.Files) => _files = files;

    /// <param name="Values">[variables, steps].</param>
    private sealed record Series(Example Example, float[] Values);

    /// <summary>The series of files that end in .ts or .arff, gzipped or not, or null where there is none.</summary>
    /// <exception cref="UserErrorException">Which files are meant is not clear.</exception>
    public static DatasetSource? TryRead(SourceFiles files, bool isNamed, string path)
    {
        var found = SplitFiles.Find(files, isNamed, name => Endings.Of(name) is ".ts" or ".arff", "the series", path);
        return found is null ? null : new SeriesFiles(found) { Kind = found.Kind($"{(Endings.Of(files.Files[found.Parts[0].File].Name) == ".ts" ? ".ts" : "ARFF")} file") };
    }

    /// <inheritdoc/>
    public override DatasetContent Take(IngestJob job)
    {
        var (series, classes, variables) = ReadAll(job);
        Example[] examples = [.. series.Select(one => one.Example)];
        Labelled.CheckClasses(job.Path, classes, examples, TaskKind.SequenceClassification);
        var steps = series.Max(one => one.Values.Length / variables);
        if ((long)series.Count * variables * steps > job.Options.Limits.MaxValues)
            throw new UserErrorException($"{series.Count:N0} series of {variables:N0} variables and {steps:N0} steps have more than {job.Options.Limits.MaxValues:N0} values, which is the limit (Datasets:Limits:MaxValues in appsettings.json).");
        job.CheckDisk(4L * series.Count * variables * steps + 9L * series.Count + (1 << 20), $"{series.Count:N0} series of {variables:N0} variables and {steps:N0} steps", "take fewer");

        var splits = Labelled.Deal(examples, job.Options);
        Fill(series, variables);
        var moments = new Moments[variables];
        foreach (var (one, _) in series.Zip(splits).Where(pair => pair.Second == Split.Train))
            for (var i = 0; i < one.Values.Length; i++)
                if (!float.IsNaN(one.Values[i]))
                    moments[i / (one.Values.Length / variables)].Add(one.Values[i]);
        int[] kept = [.. Enumerable.Range(0, variables).Where(variable => moments[variable].Std > 0)];
        if (kept.Length == 0)
            throw new UserErrorException($"The training series of {job.Path} have the same value at every step; there is nothing to learn from.");
        if (kept.Length < variables)
            Notes.Add($"{variables - kept.Length:N0} variables have one value in all training series, and were left out: {Labelled.Named(Enumerable.Range(0, variables).Except(kept).Select(Name))}.");
        NoteLengths(series, variables, steps);

        var counts = Labelled.Count(classes, examples, splits);
        var report = job.Report(this) with
        {
            Task = TaskKind.SequenceClassification,
            Classes = counts,
            Channels = kept.Length,
            Width = steps,
            Columns = [.. kept.Select(variable => new DataColumn(Name(variable)))],
            Mean = [.. kept.Select(variable => moments[variable].Mean)],
            Std = [.. kept.Select(variable => moments[variable].Std)],
            Imbalance = Labelled.Imbalance(counts),
            Duplicates = Duplicates.Find(examples, splits, [.. series.Select(one => XxHash128.HashToUInt128(MemoryMarshal.AsBytes<float>(one.Values)))]),
            Notes = [.. Notes, .. Labelled.SplitNotes(examples, counts, TaskKind.SequenceClassification)],
        };
        return new(report,
        [
            new(Dataset.ValuesTensor, TensorType.F32, [series.Count, kept.Length, steps], stream => Write(stream, series, variables, kept, moments, steps, job.Cancellation)),
            .. Labelled.Tensors(examples, splits),
        ]);
    }

    private static string Name(int variable) => $"variable {variable + 1}";

    private (List<Series> Series, IReadOnlyList<string> Classes, int Variables) ReadAll(IngestJob job)
    {
        var limits = job.Options.Limits;
        var count = job.Work.Count("reading", TaskKind.SequenceClassification);
        var splits = _files.Parts.ToDictionary(part => part.File, part => part.Split);
        var read = new List<(int File, string Name, string Label, float[] Values)>();
        var declared = new Dictionary<int, IReadOnlyList<string>>();
        var (variables, total) = (0, 0L);
        foreach (var (file, content) in Source.Read(splits.Keys))
        {
            var name = Source.Files[file].Name;
            using var text = new TextFile(content, name, limits);
            var reader = SeriesReader.For(name, text);
            reader.ReadHeader();
            var values = new List<float>();
            var before = read.Count;
            while (reader.Read(values) is { } next)
            {
                variables = variables == 0 || variables == next.Variables ? next.Variables
                    : throw reader.Wrong($"the series has {next.Variables:N0} variables where those before have {variables:N0}");
                total += values.Count;
                if (total > limits.MaxValues)
                    throw reader.Wrong($"there are more than {limits.MaxValues:N0} values, which is the limit (Datasets:Limits:MaxValues in appsettings.json)");
                read.Add((file, $"{name}, line {reader.Line}", next.Label, [.. values]));
                values.Clear();
                count(read.Count);
            }
            if (read.Count == before)
                throw new UserErrorException($"{name} has no series after @data.");
            declared[file] = reader.Classes ?? ClassOrder.Of(read.Skip(before).Select(one => one.Label));
        }
        // In the order of the splits, and so of the training file's header, whatever the order in an archive.
        string[] classes = [.. _files.Parts.SelectMany(part => declared[part.File]).Distinct(StringComparer.Ordinal)];
        var labels = classes.Index().ToDictionary(pair => pair.Item, pair => pair.Index, StringComparer.Ordinal);
        var order = _files.Parts.Index().ToDictionary(part => part.Item.File, part => part.Index);
        return ([.. read.OrderBy(one => order[one.File]).Select(one => new Series(new Example(one.Name, labels[one.Label], splits[one.File]), one.Values))], classes, variables);
    }

    private void Fill(List<Series> series, int variables)
    {
        var filled = 0L;
        foreach (var one in series)
        {
            var steps = one.Values.Length / variables;
            for (var variable = 0; variable < variables; variable++)
                filled += Gaps.Interpolate(one.Values.AsSpan(variable * steps, steps));
        }
        if (filled > 0)
            Notes.Add($"{filled:N0} missing values were filled by straight lines between their neighbours.");
        var without = series.Sum(one => one.Values.LongCount(float.IsNaN));
        if (without > 0)
            Notes.Add($"{without:N0} values are of variables that have no value in a whole series; the variable's mean over the training series stands for them.");
    }

    private void NoteLengths(List<Series> series, int variables, int longest)
    {
        var shortest = series.Min(one => one.Values.Length / variables);
        if (shortest < longest)
            Notes.Add($"The series have {shortest:N0} to {longest:N0} steps; the shorter ones were filled in front with each variable's mean over the training series.");
    }

    private static void Write(Stream stream, List<Series> series, int variables, int[] kept, Moments[] moments, int steps, CancellationToken cancellation)
    {
        var row = new float[steps];
        foreach (var one in series)
        {
            cancellation.ThrowIfCancellationRequested();
            var length = one.Values.Length / variables;
            foreach (var variable in kept)
            {
                var mean = (float)moments[variable].Mean;
                row.AsSpan().Fill(mean);
                for (var step = 0; step < length; step++)
                    if (one.Values[variable * length + step] is var value && !float.IsNaN(value))
                        row[steps - length + step] = value;
                stream.Write(MemoryMarshal.AsBytes<float>(row));
            }
        }
    }
}
