using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Training;

namespace NasPlatform.Search.Benchmarks;

/// <summary>
/// Looks architectures up in a table in place of training them. What a strategy sees is one of an architecture's trainings, drawn once for each architecture as the benchmarks' own interfaces
/// draw it, or the mean of them. Durations are the table's, of the whole training at the proposal's epochs.
/// </summary>
/// <param name="table">The table.</param>
/// <param name="dataset">One of its datasets.</param>
/// <param name="repeats">Draws the trainings; null for the mean.</param>
public sealed class TableEvaluator(BenchmarkTable table, BenchmarkDataset dataset, RandomSource? repeats) : IEvaluator
{
    /// <exception cref="UserErrorException">The table has no trainings of so many epochs, or of a part of the training split.</exception>
    public Evaluation.Evaluation Evaluate(Proposal proposal, IProgress<TrainingProgress> progress, CancellationToken cancellation) =>
        proposal.Fidelity.Fraction == 1
            ? Of(table.Find(proposal.Genotype), dataset.Budget(proposal.Fidelity.Epochs))
            : throw new UserErrorException($"'{table.Name}' has trainings on all of the training split only, not on {proposal.Fidelity.Fraction} of it.");

    /// <summary>What the table says.</summary>
    /// <param name="row">Null where it does not have the architecture, which is an outcome of its own.</param>
    /// <param name="budget">One of the dataset's.</param>
    internal Evaluation.Evaluation Of(int? row, BenchmarkBudget budget)
    {
        if (row is not { } known || Measured(known, budget) is not { Searched: { } score } measurement)
        {
            return new() { Outcome = Outcome.Failed, Reason = $"The table '{table.Name}' does not have this architecture." };
        }

        return new()
        {
            Outcome = Outcome.Completed,
            Score = score,
            BestOfLastFive = score,
            ParameterCount = dataset.Parameters(known) ?? 0,
            MultiplyAdds = dataset.MultiplyAdds(known) ?? 0,
            DurationSeconds = measurement.Seconds ?? 0,
        };
    }

    private Measurement Measured(int row, BenchmarkBudget budget)
    {
        if (repeats is null || budget.Repeats.Length == 1)
        {
            return budget.Mean(row);
        }

        var trainings = budget.RepeatsOf(row);
        return trainings.Count == 0 ? default : budget.Single(row, trainings[repeats.Split("row", row).Next(trainings.Count)]);
    }
}
