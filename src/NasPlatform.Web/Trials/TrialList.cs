using System.Globalization;
using NasPlatform.Web.Lists;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Trials;

/// <summary>An experiment's trials as lists show them: pages, REST and downloads. The right to see the experiment is the caller's to check before.</summary>
internal static class TrialList
{
    /// <summary>One page.</summary>
    public static Task<ListPage<TrialRow>> PageAsync(StoreContext context, Guid experimentId, TrialQuery query, CancellationToken cancellation) =>
        Rows(context, experimentId, query).ToPageAsync(query.Page, query.Size, cancellation);

    /// <summary>All rows that the query lets through, in its order.</summary>
    public static IQueryable<TrialRow> Rows(StoreContext context, Guid experimentId, TrialQuery query) =>
        Rows(Sorted(Filtered(context.Trials.Where(trial => trial.ExperimentId == experimentId), query), query));

    /// <summary>Trials as rows, in their order.</summary>
    public static IQueryable<TrialRow> Rows(IQueryable<StoredTrial> trials) =>
        from trial in trials
        select new TrialRow
        {
            Number = trial.Number,
            Genotype = trial.Genotype,
            Key = trial.Key,
            Epochs = trial.Epochs,
            State = trial.State,
            Outcome = trial.Outcome,
            Reason = trial.Reason,
            Score = trial.Score,
            BestOfLastFive = trial.BestOfLastFive,
            Loss = trial.Loss,
            LossNonFinite = trial.LossNonFinite,
            ParameterCount = trial.ParameterCount,
            MultiplyAdds = trial.MultiplyAdds,
            LatencyMs = trial.LatencyMs,
            MemoryBytes = trial.MemoryBytes,
            DurationSeconds = trial.DurationSeconds,
            ImagesPerSecond = trial.ImagesPerSecond,
            ReusedFromTrial = trial.ReusedFromTrial,
            AttemptCount = trial.AttemptCount,
            ProposedAt = trial.ProposedAt,
            StartedAt = trial.StartedAt,
            EndedAt = trial.EndedAt,
            ToldAt = trial.ToldAt,
            ElapsedSeconds = trial.ElapsedSeconds,
        };

    private static IQueryable<StoredTrial> Filtered(IQueryable<StoredTrial> trials, TrialQuery query)
    {
        if (query.States is { Count: > 0 } states)
        {
            trials = trials.Where(trial => states.Contains(trial.State));
        }

        if (query.LeastScore is { } least)
        {
            trials = trials.Where(trial => trial.Score >= least);
        }

        if (query.MostParameters is { } most)
        {
            trials = trials.Where(trial => trial.ParameterCount <= most);
        }

        if (query.IsReused is { } isReused)
        {
            trials = trials.Where(trial => (trial.ReusedFromTrial != null) == isReused);
        }

        if (query.Search?.ToLowerInvariant() is { } text)
        {
            int? number = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : null;
            trials = trials.Where(trial =>
                trial.Number == number
                || trial.Genotype.ToLower().Contains(text)
                || trial.Key.ToLower().Contains(text)
                || (trial.Reason != null && trial.Reason.ToLower().Contains(text)));
        }

        return trials;
    }

    private static IQueryable<StoredTrial> Sorted(IQueryable<StoredTrial> trials, TrialQuery query)
    {
        var down = query.IsDescending;
        return query.Sort switch
        {
            TrialSort.Number => trials.By(trial => trial.Number, down),
            TrialSort.State => ThenNewest(trials.By(trial => trial.State, down)),
            TrialSort.Epochs => ThenNewest(trials.ByOptional(trial => trial.Epochs, down)),
            TrialSort.Score => ThenNewest(trials.ByOptional(trial => trial.Score, down)),
            TrialSort.Loss => ThenNewest(trials.ByOptional(trial => trial.Loss, down)),
            TrialSort.Parameters => ThenNewest(trials.By(trial => trial.ParameterCount, down)),
            TrialSort.MultiplyAdds => ThenNewest(trials.By(trial => trial.MultiplyAdds, down)),
            TrialSort.Duration => ThenNewest(trials.ByOptional(trial => trial.DurationSeconds, down)),
            TrialSort.ImagesPerSecond => ThenNewest(trials.ByOptional(trial => trial.ImagesPerSecond, down)),
            TrialSort.Ended => ThenNewest(trials.ByOptional(trial => trial.EndedAt, down)),
        };

        // Equals have an order too, or a row could be on two pages.
        static IQueryable<StoredTrial> ThenNewest(IOrderedQueryable<StoredTrial> sorted) => sorted.ThenByDescending(trial => trial.Number);
    }
}
