using System.Runtime.InteropServices;
using NasPlatform.Search.Networks;

namespace NasPlatform.Search.Datasets.Layouts;

/// <summary>A table whose rows are the steps of one series, in order of time.</summary>
/// <param name="time">The column that says when, or -1.</param>
/// <param name="isReversed">Whether the last row is the earliest.</param>
internal sealed class ForecastTable(TableFiles table, int time, bool isReversed)
{
    private const int UsualSteps = 96;
    private const int UsualHorizon = 24;

    public DatasetContent Take(IngestJob job)
    {
        var options = job.Options;
        int[] places = [.. Enumerable.Range(0, table.Columns.Count).Where(column => column != time && table.Columns[column].IsNumeric)];
        var texts = Enumerable.Range(0, table.Columns.Count).Where(column => column != time && !table.Columns[column].IsNumeric).Select(column => table.Columns[column].Name).ToArray();
        if (places.Length == 0)
            throw new UserErrorException($"{job.Path} has no column of numbers{(time >= 0 ? $" beside '{table.Columns[time].Name}'" : "")}; there is nothing to forecast.");
        var asked = options.Targets?.Select(table.Demand).ToHashSet();
        if (asked?.FirstOrDefault(column => !places.Contains(column), -1) is >= 0 and var other)
            throw new UserErrorException($"The column '{table.Columns[other].Name}' cannot be forecast: {(other == time ? "it says the time" : "it has text")}.");

        var columns = Read(job, places);
        var counts = Splits(job, columns[0].Length);
        var length = counts.Train + counts.Validation + counts.Test;
        var (steps, horizon) = Windows(job, counts);
        job.CheckDisk((4L * places.Length + 1) * length + (1 << 20), $"{length:N0} steps of {places.Length:N0} variables", "take fewer");

        var filled = columns.Sum(values => (long)FillGaps(values.AsSpan(0, length), counts));
        var moments = Array.ConvertAll(columns, values =>
        {
            var moments = new Moments();
            foreach (var value in values.AsSpan(0, counts.Train))
                moments.Add(value);
            return moments;
        });
        int[] kept = [.. Enumerable.Range(0, places.Length).Where(i => moments[i].Std > 0)];
        string[] constant = [.. Enumerable.Range(0, places.Length).Except(kept).Select(i => table.Columns[places[i]].Name)];
        if (kept.Length == 0 || asked?.Any(column => constant.Contains(table.Columns[column].Name)) == true)
            throw new UserErrorException($"What is to be forecast of {job.Path} does not change in the {counts.Train:N0} training steps: {Labelled.Named(constant)}.");
        int[] targets = [.. kept.Index().Where(pair => asked?.Contains(places[pair.Item]) ?? true).Select(pair => pair.Index)];

        AddNotes(counts, columns[0].Length, texts, constant, filled, options.Rows is not null);
        var report = job.Report(table) with
        {
            Task = TaskKind.Forecasting,
            Counts = counts,
            Channels = kept.Length,
            Width = steps,
            Horizon = horizon,
            Columns = [.. kept.Select(i => new DataColumn(table.Columns[places[i]].Name))],
            Targets = targets,
            TargetNames = [.. targets.Select(target => table.Columns[places[kept[target]]].Name)],
            Mean = [.. kept.Select(i => moments[i].Mean)],
            Std = [.. kept.Select(i => moments[i].Std)],
            TargetMean = [.. targets.Select(target => moments[kept[target]].Mean)],
            TargetStd = [.. targets.Select(target => moments[kept[target]].Std)],
            Notes = [.. table.Notes],
        };
        Split[] splits = [.. Enumerable.Repeat(Split.Train, counts.Train), .. Enumerable.Repeat(Split.Validation, counts.Validation), .. Enumerable.Repeat(Split.Test, counts.Test)];
        return new(report,
        [
            new(Dataset.ValuesTensor, TensorType.F32, [length, kept.Length], stream => Write(stream, [.. kept.Select(i => columns[i])], length, job.Cancellation)),
            Labelled.SplitTensor(splits),
        ]);
    }

    private float[][] Read(IngestJob job, int[] places)
    {
        var columns = Array.ConvertAll(places, _ => new List<float>());
        table.ForEach(job, TaskKind.Forecasting, "reading", (row, _, _) =>
        {
            for (var i = 0; i < places.Length; i++)
                columns[i].Add(Cell.IsNumber(row[places[i]], row.HasDecimalCommas, out var number) ? (float)number : float.NaN);
        });
        if (isReversed)
            foreach (var column in columns)
                column.Reverse();
        return Array.ConvertAll(columns, column => column.ToArray());
    }

    private static SplitCounts Splits(IngestJob job, int length)
    {
        if (job.Options.Rows is { } rows)
        {
            var wanted = (long)rows.Train + rows.Validation + rows.Test;
            return wanted <= length ? rows : throw new UserErrorException($"{job.Path} has {length:N0} rows; {wanted:N0} were asked for, {rows.Train:N0} to train on, {rows.Validation:N0} for validation and {rows.Test:N0} for the test.");
        }
        var (validation, test) = (Share(job.Options.ValidationFraction), Share(job.Options.TestFraction));
        return new(length - validation - test, validation, test);

        int Share(double share) => (int)Math.Round(length * share, MidpointRounding.AwayFromZero);
    }

    private static (int Steps, int Horizon) Windows(IngestJob job, SplitCounts counts)
    {
        int[] measured = [.. new[] { counts.Validation, counts.Test }.Where(count => count > 0)];
        var steps = job.Options.Steps ?? Math.Clamp(counts.Train / 3, 1, UsualSteps);
        // Half of what is measured on leaves as many windows again.
        var horizon = job.Options.Horizon ?? Math.Clamp(measured.Length > 0 ? measured.Min() / 2 : counts.Train / 8, 1, UsualHorizon);
        if (steps + horizon > counts.Train)
            throw new UserErrorException($"{job.Path} has {counts.Train:N0} steps to train on; a forecast that looks back at {steps:N0} and predicts {horizon:N0} needs at least {(long)steps + horizon:N0}. Look back at fewer, or predict fewer.");
        if (measured.Length > 0 && horizon > measured.Min())
            throw new UserErrorException($"{job.Path} has {counts.Validation:N0} steps for validation and {counts.Test:N0} for the test; a forecast of {horizon:N0} steps needs as many of each. Predict fewer, or set more aside.");
        return (steps, horizon);
    }

    // Within each split, so that nothing of what is measured on is told to what is trained on.
    private static int FillGaps(Span<float> values, SplitCounts counts)
    {
        var filled = 0;
        var mean = new Moments();
        foreach (var value in values[..counts.Train])
            if (!float.IsNaN(value))
                mean.Add(value);
        foreach (var (start, count) in new[] { (0, counts.Train), (counts.Train, counts.Validation), (counts.Train + counts.Validation, counts.Test) })
        {
            var part = values.Slice(start, count);
            filled += Gaps.Interpolate(part);
            for (var i = 0; i < part.Length; i++)
                if (float.IsNaN(part[i]))
                {
                    part[i] = (float)mean.Mean;
                    filled++;
                }
        }
        return filled;
    }

    private void AddNotes(SplitCounts counts, int length, string[] texts, string[] constant, long filled, bool isByRows)
    {
        var used = counts.Train + counts.Validation + counts.Test;
        table.Notes.Add($"The rows are taken for the steps of one series, in order of {(time < 0 ? "the file" : $"'{table.Columns[time].Name}'")}; so are the splits.");
        if (isReversed)
            table.Notes.Add($"The file has its latest row first, by '{table.Columns[time].Name}'; the order was turned round.");
        if (isByRows && used < length)
            table.Notes.Add($"{length - used:N0} rows at the end are in no split and were left out.");
        if (filled > 0)
            table.Notes.Add($"{filled:N0} missing values were filled by straight lines between their neighbours in the same split.");
        if (texts.Length > 0)
            table.Notes.Add($"Columns without numbers were left out: {Labelled.Named(texts)}.");
        if (constant.Length > 0)
            table.Notes.Add($"Columns that do not change in the training steps were left out: {Labelled.Named(constant)}.");
    }

    private static void Write(Stream stream, float[][] columns, int length, CancellationToken cancellation)
    {
        var row = new float[columns.Length];
        for (var step = 0; step < length; step++)
        {
            if (step % 4096 == 0)
                cancellation.ThrowIfCancellationRequested();
            for (var i = 0; i < row.Length; i++)
                row[i] = columns[i][step];
            stream.Write(MemoryMarshal.AsBytes<float>(row));
        }
    }
}
