using NasPlatform.Search.Datasets;
using NasPlatform.Search.Networks;

namespace NasPlatform.Web.Datasets;

/// <summary>A part of a dataset to look at, in the data's unit; images are shown by the gallery.</summary>
public abstract record DatasetSample
{
    private const int MostVariables = 6;
    private const int MostVariablesOfCourse = 3;
    private const int MostExamples = 3;
    private const int MostRows = 8;
    private const int MostColumns = 10;
    private const int MostPoints = 800;
    private const int MostCharacters = 1_500;

    /// <summary>A line of a chart.</summary>
    /// <param name="Points">Steps, 0-based, and values.</param>
    public sealed record Line(string Name, IReadOnlyList<double[]> Points);

    /// <summary>Some training series of a class.</summary>
    /// <param name="Examples">Each with a line a variable.</param>
    public sealed record OfClass(IReadOnlyList<IReadOnlyList<Line>> Examples, int Variables) : DatasetSample;

    /// <summary>A series that is forecast, thinned out.</summary>
    public sealed record Course(IReadOnlyList<Line> Lines, int Variables) : DatasetSample;

    /// <summary>The first rows of a table.</summary>
    /// <param name="Titles">Of the columns that are shown; the first is predicted.</param>
    /// <param name="Columns">Of them all.</param>
    public sealed record Rows(IReadOnlyList<string> Titles, IReadOnlyList<(IReadOnlyList<string> Cells, Split Split)> First, int Columns) : DatasetSample;

    /// <summary>How the training text begins.</summary>
    public sealed record Beginning(string Text) : DatasetSample;

    /// <summary>Null for images.</summary>
    /// <param name="label">The class whose series are shown.</param>
    public static DatasetSample? Of(Dataset dataset, int label) => dataset.Task switch
    {
        TaskKind.ImageClassification => null,
        TaskKind.SequenceClassification => SeriesOf(dataset, label),
        TaskKind.Forecasting => CourseOf(dataset),
        TaskKind.TabularClassification or TaskKind.TabularRegression => RowsOf(dataset),
        TaskKind.LanguageModelling => BeginningOf(dataset),
    };

    private static OfClass SeriesOf(Dataset dataset, int label)
    {
        var labels = dataset.Labels;
        var splits = dataset.Splits;
        var chosen = new List<int>();
        for (var index = 0; index < labels.Length && chosen.Count < MostExamples; index++)
        {
            if (labels[index] == label && splits[index] == (byte)Split.Train)
            {
                chosen.Add(index);
            }
        }

        var shown = Math.Min(dataset.Channels, MostVariables);
        return new([.. chosen.Select(index => Enumerable.Range(0, shown).Select(variable =>
            new Line(dataset.Report.Columns[variable].Name, Thinned(dataset.Width, step => dataset.Values(index)[(variable * dataset.Width) + step]))).ToArray())], dataset.Channels);
    }

    private static Course CourseOf(Dataset dataset)
    {
        // What is predicted comes first.
        int[] variables = [.. dataset.Report.Targets.Concat(Enumerable.Range(0, dataset.Channels)).Distinct().Take(MostVariablesOfCourse)];
        return new(
            [.. variables.Select(variable => new Line(dataset.Report.Columns[variable].Name, Thinned(dataset.Count, step => dataset.Values(step)[variable])))],
            dataset.Channels);
    }

    // Of each of so many stretches the lowest and the highest, so that no peak is lost.
    private static List<double[]> Thinned(int steps, Func<int, float> value)
    {
        var points = new List<double[]>();
        var stretch = Math.Max(1, (2 * steps + MostPoints - 1) / MostPoints);
        for (var start = 0; start < steps; start += stretch)
        {
            var (low, high) = (start, start);
            for (var step = start; step < Math.Min(start + stretch, steps); step++)
            {
                (low, high) = (value(step) < value(low) ? step : low, value(step) > value(high) ? step : high);
            }

            points.Add([Math.Min(low, high), value(Math.Min(low, high))]);
            if (low != high)
            {
                points.Add([Math.Max(low, high), value(Math.Max(low, high))]);
            }
        }

        return points;
    }

    private static Rows RowsOf(Dataset dataset)
    {
        var report = dataset.Report;
        var shown = report.Columns.Take(MostColumns).ToArray();
        var rows = new List<(IReadOnlyList<string>, Split)>();
        for (var row = 0; row < Math.Min(MostRows, dataset.Count); row++)
        {
            var values = dataset.Values(row);
            var cells = new List<string> { report.Task == TaskKind.TabularRegression ? DatasetWords.Number(dataset.Targets(row)[0]) : dataset.Classes[(int)dataset.Labels[row]] };
            foreach (var column in shown)
            {
                cells.Add(column.Categories is null ? DatasetWords.Number(values[0]) : values[..column.Features].IndexOf(1) is >= 0 and var category ? column.Categories[category] : "–");
                values = values[column.Features..];
            }

            rows.Add((cells, (Split)dataset.Splits[row]));
        }

        return new([report.TargetNames[0], .. shown.Select(column => column.Name)], rows, report.Columns.Count);
    }

    private static Beginning BeginningOf(Dataset dataset)
    {
        var text = new System.Text.StringBuilder();
        foreach (var label in dataset.Labels[..Math.Min(dataset.Count, MostCharacters)])
        {
            var token = dataset.Classes[(int)label];
            text.Append(token);
            if (!dataset.Report.IsCharacters)
            {
                text.Append(token == "<eos>" ? '\n' : ' ');
            }

            if (text.Length >= MostCharacters)
            {
                break;
            }
        }

        return new(text.ToString());
    }
}
