using System.Collections.Immutable;

namespace NasPlatform.Search.Benchmarks;

/// <summary>What came of training every architecture of a table for one number of epochs on one dataset, once or several times.</summary>
public sealed class BenchmarkBudget
{
    // A column for each repeat; a metric of one figure, such as a mean, has that for all of them.
    private readonly double[][] _train;
    private readonly double[][] _valid;
    private readonly double[][] _test;
    private readonly double[][] _seconds;

    /// <param name="epochs">At least 1.</param>
    /// <param name="columns">Title and values, a value a row; NaN where one is missing. At least one of an accuracy.</param>
    internal BenchmarkBudget(int epochs, IReadOnlyCollection<(ColumnTitle Title, double[] Values)> columns)
    {
        Epochs = epochs;
        int[] named = [.. columns.Where(column => column.Title.IsMeasurement && column.Title.Repeat > 0).Select(column => column.Title.Repeat).Distinct().Order()];
        Repeats = named.Length > 0 ? [.. named] : [0];
        _train = Of(ColumnTitle.Train);
        _valid = Of(ColumnTitle.Valid);
        _test = Of(ColumnTitle.Test);
        _seconds = Of(ColumnTitle.Seconds);
        Searched = Means(HasValidation ? _valid : _test);
        Reported = Means(HasTest ? _test : _valid);
        Seconds = Means(_seconds);
        Best = BestOf(Reported);

        double[][] Of(string name)
        {
            var own = columns.Where(column => column.Title.Name == name).ToDictionary(column => column.Title.Repeat, column => column.Values);
            return own.Count == 0 ? [] : [.. Repeats.Select(repeat => own.GetValueOrDefault(repeat) ?? own.GetValueOrDefault(0) ?? [.. Enumerable.Repeat(double.NaN, own.Values.First().Length)])];
        }
    }

    public int Epochs { get; }

    /// <summary>The names of the separate trainings, ascending; a single 0 where the table has one figure, of one training or a mean.</summary>
    public ImmutableArray<int> Repeats { get; }

    public bool HasTrain => _train.Length > 0;

    public bool HasValidation => _valid.Length > 0;

    public bool HasTest => _test.Length > 0;

    public bool HasSeconds => _seconds.Length > 0;

    /// <summary>What a search is to see, a row each: the mean validation accuracy, or the test accuracy where the table has no validation. 0 to 1; NaN where it is missing.</summary>
    public IReadOnlyList<double> Searched { get; }

    /// <summary>What a search is judged by, a row each: the mean test accuracy, or the validation accuracy where the table has no test. 0 to 1; NaN where it is missing.</summary>
    public IReadOnlyList<double> Reported { get; }

    /// <summary>The mean time of a training, a row each; NaN where it is missing, empty where no time was kept.</summary>
    public IReadOnlyList<double> Seconds { get; }

    /// <summary>The row that is best by <see cref="Reported"/>, the first of equals.</summary>
    public int Best { get; }

    /// <summary>The mean over the trainings of an architecture.</summary>
    /// <param name="row">Of the table, 0-based.</param>
    public Measurement Mean(int row) => new(MeanOf(_train, row), MeanOf(_valid, row), MeanOf(_test, row), MeanOf(_seconds, row));

    /// <summary>One training of an architecture.</summary>
    /// <param name="row">Of the table, 0-based.</param>
    /// <param name="repeat">A place in <see cref="Repeats"/>.</param>
    public Measurement Single(int row, int repeat)
    {
        return new(Of(_train), Of(_valid), Of(_test), Of(_seconds));

        double? Of(double[][] repeats) => repeats.Length == 0 || double.IsNaN(repeats[repeat][row]) ? null : repeats[repeat][row];
    }

    /// <summary>The places in <see cref="Repeats"/> of the trainings that an architecture had: some had fewer than others.</summary>
    public IReadOnlyList<int> RepeatsOf(int row)
    {
        var searched = HasValidation ? _valid : _test;
        return [.. Enumerable.Range(0, searched.Length).Where(repeat => !double.IsNaN(searched[repeat][row]))];
    }

    private static double[] Means(double[][] repeats) =>
        repeats.Length <= 1 ? repeats.FirstOrDefault() ?? [] : [.. Enumerable.Range(0, repeats[0].Length).Select(row => MeanOf(repeats, row) ?? double.NaN)];

    private static double? MeanOf(double[][] repeats, int row)
    {
        var (sum, count) = (0.0, 0);
        foreach (var repeat in repeats)
        {
            if (!double.IsNaN(repeat[row]))
            {
                sum += repeat[row];
                count++;
            }
        }

        return count == 0 ? null : sum / count;
    }

    private static int BestOf(IReadOnlyList<double> values)
    {
        var best = 0;
        for (var row = 1; row < values.Count; row++)
        {
            best = values[row] > values[best] || double.IsNaN(values[best]) ? row : best;
        }

        return best;
    }
}
