namespace NasPlatform.Search.Benchmarks;

/// <summary>How well a figure ranks architectures.</summary>
/// <param name="Figure">What they were ranked by.</param>
/// <param name="Spearman">The rank correlation with the reported accuracy after the most epochs, −1 to 1.</param>
/// <param name="Architectures">How many had both.</param>
public sealed record RankCorrelation(string Figure, double Spearman, int Architectures);

/// <summary>What can stand in for a full training, by the ranks that it gives.</summary>
public static class RankCorrelations
{
    /// <summary>Of the accuracies after fewer epochs, of the accuracy that a search sees, and of every figure of the dataset.</summary>
    public static IReadOnlyList<RankCorrelation> Of(BenchmarkDataset dataset)
    {
        var judged = dataset.Full.Reported;
        var ranked = dataset.Budgets.SkipLast(1).Select(budget => ($"{(budget.HasTest ? "test" : "validation")} after {Epochs(budget)}", budget.Reported)).ToList();
        if (dataset.Full is { HasValidation: true, HasTest: true })
        {
            ranked.Add(($"validation after {Epochs(dataset.Full)}", dataset.Full.Searched));
        }

        ranked.AddRange(dataset.Figures.Select(figure => (figure.Key, (IReadOnlyList<double>)figure.Value)));
        return
        [
            .. from figure in ranked
               let spearman = Statistics.Spearman(figure.Item2, judged)
               where !double.IsNaN(spearman)
               select new RankCorrelation(figure.Item1, spearman, Enumerable.Range(0, judged.Count).Count(row => !double.IsNaN(figure.Item2[row]) && !double.IsNaN(judged[row]))),
        ];

        static string Epochs(BenchmarkBudget budget) => budget.Epochs == 1 ? "1 epoch" : $"{budget.Epochs} epochs";
    }
}
