using System.Collections.Immutable;

namespace NasPlatform.Search.Benchmarks;

/// <summary>A table's figures of one dataset: trainings for different numbers of epochs, and what is known of the architectures without training.</summary>
public sealed class BenchmarkDataset
{
    private readonly Dictionary<string, double[]> _figures;

    internal BenchmarkDataset(string name, IReadOnlyCollection<(ColumnTitle Title, double[] Values)> columns)
    {
        Name = name;
        Budgets = [.. columns.Where(column => column.Title.IsMeasurement).GroupBy(column => column.Title.Epochs).OrderBy(group => group.Key).Select(group => new BenchmarkBudget(group.Key, [.. group]))];
        _figures = columns.Where(column => !column.Title.IsMeasurement).ToDictionary(column => column.Title.Name, column => column.Values);
    }

    public string Name { get; }

    /// <summary>By their epochs, ascending; at least one.</summary>
    public ImmutableArray<BenchmarkBudget> Budgets { get; }

    /// <summary>The trainings of the most epochs: what an architecture is worth.</summary>
    public BenchmarkBudget Full => Budgets[^1];

    /// <summary>Numbers of the architectures that need no training, a row each, by name: parameters, multiply_adds, latencies, scores at initialisation. NaN where one is missing.</summary>
    public IReadOnlyDictionary<string, double[]> Figures => _figures;

    /// <exception cref="UserErrorException">There are no trainings of so many epochs.</exception>
    public BenchmarkBudget Budget(int? epochs) => epochs is null
        ? Full
        : Budgets.FirstOrDefault(budget => budget.Epochs == epochs)
            ?? throw new UserErrorException($"Nothing was trained for {(epochs == 1 ? "1 epoch" : $"{epochs} epochs")} on {Name}; the table has {string.Join(", ", Budgets.Select(budget => budget.Epochs))}.");

    /// <summary>Trainable parameters of the network for this dataset; null where the table does not tell.</summary>
    public long? Parameters(int row) => Whole(ColumnTitle.Parameters, row);

    /// <summary>Multiply-adds for one example, as the benchmark counts them; null where the table does not tell.</summary>
    public long? MultiplyAdds(int row) => Whole(ColumnTitle.MultiplyAdds, row);

    private long? Whole(string figure, int row) => _figures.TryGetValue(figure, out var values) && !double.IsNaN(values[row]) ? (long)values[row] : null;
}
