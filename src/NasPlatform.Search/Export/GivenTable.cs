using NasPlatform.Search.Datasets;
using NasPlatform.Search.Datasets.Layouts;
using NasPlatform.Search.Networks;

namespace NasPlatform.Search.Export;

/// <summary>Reads CSV files as a trained model takes them: the columns by their titles, whatever else the file has.</summary>
public static class GivenTable
{
    /// <summary>The numbers of each row, <c>[features]</c>, encoded as in training: a missing number is the column's mean, a category one 1 among 0s.</summary>
    /// <param name="model">One for rows of a table.</param>
    /// <param name="path">The file.</param>
    /// <param name="limits">What it may ask of this machine.</param>
    /// <exception cref="UserErrorException">A column is missing, or a cell is not what it must be; the message names the line.</exception>
    public static IEnumerable<float[]> Rows(ModelDescription model, string path, DatasetLimits limits)
    {
        var columns = model.Input.Columns;
        using var rows = Open(path, limits);
        var places = Places(rows, columns, path);
        while (rows.Read())
        {
            var numbers = new List<float>(model.Input.Channels);
            foreach (var (column, place) in columns.Zip(places))
            {
                if (column.Categories is { } categories)
                {
                    var text = rows[place];
                    var known = Cell.IsMissing(text) ? DataColumn.Missing : categories.Contains(text) ? text : DataColumn.Other;
                    numbers.AddRange(categories.Select(category => category == known ? 1f : 0));
                }
                else
                {
                    numbers.Add(Cell.IsMissing(rows[place]) ? (float)model.Input.Mean[numbers.Count] : Number(rows, place, column));
                }
            }

            yield return [.. numbers];
        }
    }

    /// <summary>
    /// The last steps of a series, <c>[variables, steps]</c> of the model's input: a row a step, a column a variable. One that is too short begins with the variables' means, as in training, or, where a
    /// forecast looks back at it, is refused.
    /// </summary>
    /// <param name="model">One for series.</param>
    /// <param name="path">The file.</param>
    /// <param name="limits">What it may ask of this machine.</param>
    /// <exception cref="UserErrorException">A column is missing, a cell is no number, or there are too few steps.</exception>
    public static float[] Series(ModelDescription model, string path, DatasetLimits limits)
    {
        var input = model.Input;
        using var rows = Open(path, limits);
        var places = Places(rows, input.Columns, path);
        var steps = new Queue<float[]>();
        while (rows.Read())
        {
            steps.Enqueue([.. input.Columns.Zip(places, (column, place) => Number(rows, place, column))]);
            if (steps.Count > input.Width)
            {
                steps.Dequeue();
            }
        }

        if (steps.Count == 0 || (model.Task == TaskKind.Forecasting && steps.Count < input.Width))
        {
            throw new UserErrorException($"{path} has {steps.Count} steps, and the forecast looks back at {input.Width}.");
        }

        float[] mean = [.. input.Mean.Select(value => (float)value)];
        float[][] all = [.. Enumerable.Repeat(mean, input.Width - steps.Count), .. steps];
        return [.. Enumerable.Range(0, input.Channels).SelectMany(variable => all.Select(step => step[variable]))];
    }

    private static CsvRows Open(string path, DatasetLimits limits) => File.Exists(path)
        ? new(File.OpenRead(path), path, limits)
        : throw new UserErrorException($"There is no file {path}.");

    private static int[] Places(CsvRows rows, IReadOnlyList<DataColumn> columns, string path)
    {
        var titles = rows.Titles.ToList();
        int[] places = [.. columns.Select(column => titles.IndexOf(column.Name))];
        var missing = columns.Zip(places).Where(pair => pair.Second < 0).Select(pair => pair.First.Name).ToList();
        return missing.Count == 0
            ? places
            : throw new UserErrorException($"{path} lacks {(missing.Count == 1 ? "the column" : "the columns")} {string.Join(", ", missing)}; it has {string.Join(", ", titles)}.");
    }

    private static float Number(CsvRows rows, int place, DataColumn column) => Cell.IsNumber(rows[place], rows.HasDecimalCommas, out var number)
        ? (float)number
        : throw rows.Wrong($"'{rows[place]}' in the column '{column.Name}' is no number");
}
