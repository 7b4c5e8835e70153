namespace NasPlatform.Search.Benchmarks;

/// <summary>What a table answers about an architecture: one of its trainings, or the mean of them.</summary>
/// <param name="Dataset">On which it was trained.</param>
/// <param name="Epochs">Of the training.</param>
/// <param name="Training">The name of one of several trainings; null for their mean, or the only figure.</param>
/// <param name="IsMean">Whether several trainings were averaged here.</param>
/// <param name="Figures">Accuracies and time.</param>
public sealed record BenchmarkAnswer(BenchmarkDataset Dataset, int Epochs, int? Training, bool IsMean, Measurement Figures)
{
    /// <summary>All that is known of a row: for each number of epochs its trainings, if there were several, then the mean.</summary>
    /// <param name="datasets">Those that are asked for.</param>
    /// <param name="row">Of the table, 0-based.</param>
    public static IEnumerable<BenchmarkAnswer> Of(IEnumerable<BenchmarkDataset> datasets, int row)
    {
        foreach (var dataset in datasets)
        {
            foreach (var budget in dataset.Budgets)
            {
                var isRepeated = budget.Repeats.Length > 1;
                foreach (var repeat in isRepeated ? budget.RepeatsOf(row) : [])
                {
                    yield return new(dataset, budget.Epochs, budget.Repeats[repeat], false, budget.Single(row, repeat));
                }

                yield return new(dataset, budget.Epochs, null, isRepeated, budget.Mean(row));
            }
        }
    }
}
