using NasPlatform.Search.Experiments;
using NasPlatform.Search.Training;
using NasPlatform.Web.Commands;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Experiments;

/// <summary>How far an experiment has come, in words and as a share.</summary>
/// <param name="Fraction">0 to 1; null where nobody can tell.</param>
/// <param name="Words">What is going on: <c>12 of 40 trials</c>.</param>
/// <param name="Left">How long it will take still; null where nobody can tell.</param>
public sealed record ExperimentProgress(double? Fraction, string Words, TimeSpan? Left)
{
    /// <param name="experiment">Where it stands.</param>
    /// <param name="spec">Its budget.</param>
    /// <param name="searchedAt">When its search time was measured last.</param>
    /// <param name="final">The final training that is under way: the share that is done, 0 to 1; null where none is.</param>
    /// <param name="now">The time.</param>
    /// <param name="supernet">The training of a one-shot strategy's supernet that is under way; null where none is.</param>
    public static ExperimentProgress Of(StoredExperiment experiment, ExperimentSpec spec, DateTimeOffset? searchedAt, double? final, DateTimeOffset now, TrainingProgress? supernet = null)
    {
        var since = searchedAt is { } at && now > at ? (now - at).TotalSeconds : 0;
        return experiment.State switch
        {
            ExperimentState.Waiting => new(null, "Waiting for a free place to run", null),
            ExperimentState.Searching when supernet is { } training => new(training.Fraction, $"Supernet: epoch {training.Epoch} of {training.Epochs}", SupernetLeft(training)),
            ExperimentState.Searching => Searching(experiment, spec.Budget, spec.FinalEpochs == 0 ? 1 : spec.Budget.SearchShare, experiment.SearchSeconds + since),
            ExperimentState.Finishing => Finishing(experiment, spec.Budget, final, since),
            _ => new(null, Trials(experiment, spec.Budget), null),
        };
    }

    private static TimeSpan? SupernetLeft(TrainingProgress training) => training is { ImagesPerSecond: > 0, Batch: > 0 }
        ? TimeSpan.FromSeconds((1 - training.Fraction) * training.Epochs * training.Steps * training.Batch / training.ImagesPerSecond)
        : null;

    private static ExperimentProgress Searching(StoredExperiment experiment, Budget budget, double searchShare, double searched)
    {
        var byTrials = budget.Trials is { } trials ? (double)experiment.EndedCount / trials : (double?)null;
        var byTime = budget.Minutes is { } minutes ? searched / (minutes * 60 * searchShare) : (double?)null;
        var done = byTrials is null ? byTime : byTime is null ? byTrials : Math.Max(byTrials.Value, byTime.Value);
        TimeSpan? left = (byTrials, byTime) switch
        {
            (_, { } share) when share >= (byTrials ?? 0) => TimeSpan.FromSeconds(Math.Max(0, (budget.Minutes!.Value * 60) - searched)), // not null: there is a share of it
            ({ } share, _) when experiment.EndedCount >= 3 => TimeSpan.FromSeconds(Math.Max(0, searched * ((1 / share) - 1))),
            _ => null,
        };
        return new(done is { } value ? Math.Clamp(value, 0, 1) : null, Trials(experiment, budget), left);
    }

    private static ExperimentProgress Finishing(StoredExperiment experiment, Budget budget, double? final, double since)
    {
        TimeSpan? left = budget.Minutes is { } minutes ? TimeSpan.FromSeconds(Math.Max(0, (minutes * 60) - experiment.SearchSeconds - since))
            : final is > 0.02 and { } share ? TimeSpan.FromSeconds(since * ((1 / share) - 1))
            : null;
        return new(final, experiment.BestTrial is { } best ? $"Trial {best} is trained in full" : "The best trial is trained in full", left);
    }

    private static string Trials(StoredExperiment experiment, Budget budget) => budget.Trials is { } trials
        ? $"{Figures.Exact(experiment.EndedCount)} of {Figures.Many(trials, "trial")}"
        : Figures.Many(experiment.EndedCount, "trial");
}
