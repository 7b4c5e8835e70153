using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using NasPlatform.Search.Networks;

namespace NasPlatform.Search.Datasets.Layouts;

/// <summary>Rows of a table with a class or a number to predict.</summary>
internal sealed class LabelledTable(TableFiles table)
{
    private const int MostDifferent = 100_000;
    private const int MostDifferentInAll = 5_000_000;
    private const int LargestUnlabelledShare = 10;

    private int _differentInAll;

    /// <summary>A column on its way to features. It has one entry a row that is kept.</summary>
    private sealed class FeatureColumn(ColumnProfile profile)
    {
        public ColumnProfile Profile => profile;

        /// <summary>NaN where missing; of a column of numbers.</summary>
        public List<float> Numbers { get; } = [];

        /// <summary>Places in <see cref="Texts"/>, -1 where missing; of a column of categories.</summary>
        public List<int> Codes { get; } = [];

        public List<string> Texts { get; } = [];

        public Dictionary<string, int> CodeOf { get; } = new(StringComparer.Ordinal);

        /// <summary>Why it is left out; null where it is not.</summary>
        public string? LeftOut { get; set; }

        public bool IsNumeric => profile.Texts == 0;

        /// <summary>Of a column of categories: the feature of each code, -1 for none; that of a missing one is last.</summary>
        public int[] FeatureOf { get; set; } = [];

        public IReadOnlyList<string>? Categories { get; set; }
    }

    public DatasetContent Take(IngestJob job)
    {
        var options = job.Options;
        var (splitColumn, target) = (table.SplitColumn, options.Label is { } title ? table.Demand(title) : DefaultTarget());
        var label = table.Columns[target];
        if (target == splitColumn)
            throw new UserErrorException($"The column '{label.Name}' says the splits; it cannot be predicted.");
        var task = TaskOf(options.Task, label);
        FeatureColumn[] columns = [.. table.Columns.Index().Where(pair => pair.Index != target && pair.Index != splitColumn).Select(pair => new FeatureColumn(pair.Item))];
        var places = table.Columns.Index().Where(pair => pair.Index != target && pair.Index != splitColumn).Select(pair => pair.Index).ToArray();
        var rows = new List<(string Name, string Label, Split? Split)>();
        var targets = new List<float>();
        var unlabelled = 0;
        var line = 0L;
        table.ForEach(job, task, "reading", (row, file, split) =>
        {
            line++;
            var text = row[target];
            if (Cell.IsMissing(text))
            {
                unlabelled++;
                return;
            }
            if (splitColumn >= 0 && row[splitColumn] is { Length: > 0 } word)
                split = SplitNames.Of(word) ?? throw row.Wrong($"the split '{word}' is not known; it is train, validation or test, or left empty");
            var isNumber = Cell.IsNumber(text, row.HasDecimalCommas, out var number);
            if (task == TaskKind.TabularRegression)
                targets.Add(isNumber ? (float)number : throw row.Wrong($"'{text}' in the column '{label.Name}' is no number that could be predicted"));
            rows.Add(($"{file}, row {line}", isNumber && label.IsFewWholeNumbers ? number.ToString("0", CultureInfo.InvariantCulture) : text, split));
            for (var i = 0; i < columns.Length; i++)
                Add(columns[i], row, places[i]);
        });
        if (unlabelled * LargestUnlabelledShare > table.RowCount)
            throw new UserErrorException($"{unlabelled:N0} of {table.RowCount:N0} rows of {job.Path} have nothing in the column '{label.Name}', more than a tenth. Name the column that is to be predicted, or remove those rows.");
        if (unlabelled > 0)
            table.Notes.Add($"{unlabelled:N0} rows have nothing in the column '{label.Name}' and were left out.");

        string[] classes = task == TaskKind.TabularRegression ? [] : ClassOrder.Of(rows.Select(row => row.Label));
        var labels = classes.Index().ToDictionary(pair => pair.Item, pair => pair.Index, StringComparer.Ordinal);
        Example[] examples = [.. rows.Select(row => new Example(row.Name, labels.GetValueOrDefault(row.Label), row.Split))];
        if (task == TaskKind.TabularClassification)
            Labelled.CheckClasses(job.Path, classes, examples, task);
        else if (!examples.Any(example => example.Split is null or Split.Train))
            throw new UserErrorException($"{job.Path} has no row for training.");
        var splits = Labelled.Deal(examples, options);
        var (mean, std) = MakeFeatures(job, columns, splits);
        FeatureColumn[] kept = [.. columns.Where(column => column.LeftOut is null)];
        job.CheckDisk(4L * rows.Count * mean.Count + 17L * rows.Count + (1 << 20), $"{rows.Count:N0} rows of {mean.Count:N0} features", "tell fewer categories apart");
        var report = job.Report(table) with
        {
            Task = task,
            Channels = mean.Count,
            Columns = [.. kept.Select(column => new DataColumn(column.Profile.Name, column.Categories))],
            TargetNames = [label.Name],
            Mean = mean,
            Std = std,
            Duplicates = Duplicates.Find(examples, splits, [.. Enumerable.Range(0, rows.Count).Select(Hashed)]),
        };
        var values = new TensorEntry(Dataset.ValuesTensor, TensorType.F32, [rows.Count, mean.Count], stream => Write(stream, job));
        if (task == TaskKind.TabularClassification)
        {
            var counts = Labelled.Count(classes, examples, splits);
            return new(
                report with { Classes = counts, Imbalance = Labelled.Imbalance(counts), Notes = [.. table.Notes, .. Labelled.SplitNotes(examples, counts, task)] },
                [values, .. Labelled.Tensors(examples, splits)]);
        }

        var moments = new Moments();
        foreach (var (number, _) in targets.Zip(splits).Where(pair => pair.Second == Split.Train))
            moments.Add(number);
        if (moments.Std == 0)
            throw new UserErrorException($"The column '{label.Name}' has the same number in every training row of {job.Path}; there is nothing to predict.");
        var splitCounts = new SplitCounts(splits.Count(split => split == Split.Train), splits.Count(split => split == Split.Validation), splits.Count(split => split == Split.Test));
        return new(
            report with
            {
                Counts = splitCounts,
                TargetMean = [moments.Mean],
                TargetStd = [moments.Std],
                Notes = [.. table.Notes, .. Labelled.SplitNotes(examples, splitCounts, task, "at random")],
            },
            [values, new(Dataset.TargetsTensor, TensorType.F32, [rows.Count, 1], MemoryMarshal.AsBytes<float>(targets.ToArray()).ToArray()), Labelled.SplitTensor(splits)]);

        UInt128 Hashed(int row)
        {
            var features = new float[mean.Count];
            Fill(kept, row, features);
            return XxHash128.HashToUInt128(MemoryMarshal.AsBytes<float>(features));
        }

        void Write(Stream stream, IngestJob of)
        {
            var features = new float[mean.Count];
            for (var row = 0; row < rows.Count; row++)
            {
                of.Cancellation.ThrowIfCancellationRequested();
                Fill(kept, row, features);
                stream.Write(MemoryMarshal.AsBytes<float>(features));
            }
        }
    }

    private int DefaultTarget() => table.SplitColumn == table.Columns.Count - 1 ? table.Columns.Count - 2 : table.Columns.Count - 1;

    private static TaskKind TaskOf(TaskKind? asked, ColumnProfile label) => asked switch
    {
        null when label.Numbers + label.Texts == 0 => throw new UserErrorException($"The column '{label.Name}' is empty; name the one that is to be predicted."),
        null => label.Texts > 0 || label.IsFewWholeNumbers ? TaskKind.TabularClassification : TaskKind.TabularRegression,
        TaskKind.TabularRegression when label.Texts > 0 => throw new UserErrorException($"The column '{label.Name}' has text in {label.Texts:N0} rows; only numbers can be predicted by regression. Name another column, or classify."),
        var task => task.Value,
    };

    private void Add(FeatureColumn column, CsvRows row, int place)
    {
        if (column.LeftOut is not null)
            return;
        var text = row[place];
        var isMissing = Cell.IsMissing(text);
        if (column.IsNumeric)
        {
            column.Numbers.Add(!isMissing && Cell.IsNumber(text, row.HasDecimalCommas, out var number) ? (float)number : float.NaN);
            return;
        }
        if (isMissing)
        {
            column.Codes.Add(-1);
            return;
        }
        if (!column.CodeOf.TryGetValue(text, out var code))
        {
            code = column.Texts.Count;
            column.CodeOf.Add(text, code);
            column.Texts.Add(text);
            if (++_differentInAll > MostDifferentInAll)
                throw row.Wrong($"the columns have more than {MostDifferentInAll:N0} different texts in all; remove those columns that name the rows");
            if (column.Texts.Count > MostDifferent)
            {
                column.LeftOut = $"more than {MostDifferent:N0} different texts";
                column.CodeOf.Clear();
                column.Texts.Clear();
                column.Codes.Clear();
                return;
            }
        }
        column.Codes.Add(code);
    }

    // Decides on the training rows what each column becomes, and gives the mean and deviation of each feature over them.
    private (List<double> Mean, List<double> Std) MakeFeatures(IngestJob job, FeatureColumn[] columns, Split[] splits)
    {
        var (mean, std) = (new List<double>(), new List<double>());
        var (filled, unknown) = (0L, 0L);
        foreach (var column in columns.Where(column => column.LeftOut is null))
            if (column.IsNumeric)
                filled += MakeNumbers(column, splits, mean, std);
            else
                unknown += MakeCategories(column, splits, job.Options.Categories, mean, std);
        if (filled > 0)
            table.Notes.Add($"{filled:N0} missing numbers were filled with their column's mean over the training rows.");
        if (columns.Where(column => column.Categories?.Contains(DataColumn.Missing) == true).Select(column => column.Profile.Name).ToArray() is { Length: > 0 } withMissing)
            table.Notes.Add($"Where a category is missing, that is a category of its own: {Labelled.Named(withMissing)}.");
        if (columns.Where(column => column.Categories?.Contains(DataColumn.Other) == true).Select(column => column.Profile.Name).ToArray() is { Length: > 0 } withOthers)
            table.Notes.Add($"More than {job.Options.Categories:N0} categories; the rarer ones count as one: {Labelled.Named(withOthers)}.");
        if (unknown > 0)
            table.Notes.Add($"{unknown:N0} times a validation or test row has a category that is in no training row; it has none of the column's features then.");
        foreach (var reason in columns.Where(column => column.LeftOut is not null).GroupBy(column => column.LeftOut))
            table.Notes.Add($"{(reason.Count() == 1 ? "A column was" : $"{reason.Count():N0} columns were")} left out for having {reason.Key}: {Labelled.Named(reason.Select(column => column.Profile.Name))}.");
        return mean.Count is > 0 and <= IngestOptions.Most ? (mean, std)
            : throw new UserErrorException(mean.Count == 0
                ? $"{job.Path} has no column to predict from. {string.Join(" ", table.Notes)}"
                : $"The columns of {job.Path} make {mean.Count:N0} features; the limit is {IngestOptions.Most:N0}. Tell fewer categories apart.");
    }

    private static int MakeNumbers(FeatureColumn column, Split[] splits, List<double> mean, List<double> std)
    {
        var numbers = CollectionsMarshal.AsSpan(column.Numbers);
        var known = new Moments();
        for (var i = 0; i < numbers.Length; i++)
            if (splits[i] == Split.Train && !float.IsNaN(numbers[i]))
                known.Add(numbers[i]);
        if (known.Std == 0)
        {
            column.LeftOut = known.Count == 0 ? "no value in a training row" : "one value in all training rows";
            return 0;
        }
        var (filled, moments) = (0, new Moments());
        for (var i = 0; i < numbers.Length; i++)
        {
            if (float.IsNaN(numbers[i]))
            {
                numbers[i] = (float)known.Mean;
                filled++;
            }
            if (splits[i] == Split.Train)
                moments.Add(numbers[i]);
        }
        mean.Add(moments.Mean);
        std.Add(moments.Std);
        return filled;
    }

    private static int MakeCategories(FeatureColumn column, Split[] splits, int most, List<double> mean, List<double> std)
    {
        var codes = CollectionsMarshal.AsSpan(column.Codes);
        var missing = column.Texts.Count;
        if (missing > 1 && missing == column.Profile.Texts + column.Profile.Numbers)
        {
            column.LeftOut = "another text in every row";
            return 0;
        }
        var counts = new int[missing + 1];
        var rows = 0;
        for (var i = 0; i < codes.Length; i++)
        {
            codes[i] = codes[i] < 0 ? missing : codes[i];
            if (splits[i] == Split.Train)
            {
                counts[codes[i]]++;
                rows++;
            }
        }
        if (counts.Contains(rows))
        {
            column.LeftOut = counts[missing] == rows ? "no value in a training row" : "one value in all training rows";
            return 0;
        }
        int[] ordered = [.. Enumerable.Range(0, missing).Where(code => counts[code] > 0).OrderByDescending(code => counts[code]).ThenBy(code => column.Texts[code], StringComparer.Ordinal)];
        var categories = ordered.Take(most).Select(code => (Name: column.Texts[code], Count: counts[code])).ToList();
        column.FeatureOf = new int[missing + 1];
        Array.Fill(column.FeatureOf, -1);
        foreach (var (feature, code) in ordered.Take(most).Index())
            column.FeatureOf[code] = feature;
        if (ordered.Length > most)
        {
            for (var code = 0; code < missing; code++)
                if (column.FeatureOf[code] < 0)
                    column.FeatureOf[code] = categories.Count;
            categories.Add((DataColumn.Other, ordered.Skip(most).Sum(code => counts[code])));
        }
        if (counts[missing] > 0)
        {
            column.FeatureOf[missing] = categories.Count;
            categories.Add((DataColumn.Missing, counts[missing]));
        }
        column.Categories = [.. categories.Select(category => category.Name)];
        foreach (var share in categories.Select(category => (double)category.Count / rows))
        {
            mean.Add(share);
            std.Add(Math.Sqrt(share * (1 - share)));
        }
        return column.Codes.Count(code => column.FeatureOf[code] < 0);
    }

    private static void Fill(FeatureColumn[] columns, int row, Span<float> features)
    {
        foreach (var column in columns)
        {
            if (column.Categories is not { Count: var count })
            {
                features[0] = column.Numbers[row];
                features = features[1..];
                continue;
            }
            features[..count].Clear();
            if (column.FeatureOf[column.Codes[row]] is >= 0 and var feature)
                features[feature] = 1;
            features = features[count..];
        }
    }
}
