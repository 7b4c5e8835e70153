using Microsoft.EntityFrameworkCore;
using NasPlatform.Web.Accounts;
using NasPlatform.Web.Lists;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Experiments;

/// <summary>The experiments that a caller sees, as lists show them: pages, REST, downloads and the terminal.</summary>
internal static class ExperimentList
{
    /// <summary>One page.</summary>
    public static Task<ListPage<ExperimentRow>> PageAsync(StoreContext context, Caller caller, ExperimentQuery query, CancellationToken cancellation) =>
        Rows(context, caller, query).ToPageAsync(query.Page, query.Size, cancellation);

    /// <summary>All rows that the query lets through, in its order.</summary>
    public static IQueryable<ExperimentRow> Rows(StoreContext context, Caller caller, ExperimentQuery query) =>
        Rows(context, Sorted(Filtered(context, caller, query), query));

    /// <summary>Experiments as rows, in their order; which of them may be seen is settled before.</summary>
    public static IQueryable<ExperimentRow> Rows(StoreContext context, IQueryable<StoredExperiment> experiments) =>
        from experiment in experiments
        select new ExperimentRow
        {
            Id = experiment.Id,
            Name = experiment.Name,
            Owner = context.Users.Where(user => user.Id == experiment.OwnerId).Select(user => user.DisplayName).FirstOrDefault(),
            OwnerId = experiment.OwnerId,
            Visibility = experiment.Visibility,
            Origin = experiment.Origin,
            Dataset = experiment.Dataset,
            Task = experiment.Task,
            Space = experiment.Space,
            Strategy = experiment.Strategy,
            State = experiment.State,
            Wish = experiment.Wish,
            Reason = experiment.Reason,
            CreatedAt = experiment.CreatedAt,
            StartedAt = experiment.StartedAt,
            EndedAt = experiment.EndedAt,
            SearchSeconds = experiment.SearchSeconds,
            TrialCount = experiment.TrialCount,
            EndedCount = experiment.EndedCount,
            BestTrial = experiment.BestTrial,
            BestScore = experiment.BestScore,
            TestScore = experiment.TestScore,
        };

    private static IQueryable<StoredExperiment> Filtered(StoreContext context, Caller caller, ExperimentQuery query)
    {
        var experiments = context.Experiments.VisibleTo(caller);
        if (query.IsMine)
        {
            var me = caller.UserId;
            experiments = experiments.Where(experiment => experiment.OwnerId == me);
        }

        if (query.States is { Count: > 0 } states)
        {
            experiments = experiments.Where(experiment => states.Contains(experiment.State));
        }

        if (query.Dataset is { } dataset)
        {
            experiments = experiments.Where(experiment => experiment.Dataset == dataset);
        }

        if (query.Space is { } space)
        {
            experiments = experiments.Where(experiment => experiment.Space == space);
        }

        if (query.Strategy is { } strategy)
        {
            experiments = experiments.Where(experiment => experiment.Strategy == strategy);
        }

        if (query.Origin is { } origin)
        {
            experiments = experiments.Where(experiment => experiment.Origin == origin);
        }

        if (query.Search?.ToLowerInvariant() is { } text)
        {
            experiments = experiments.Where(experiment =>
                experiment.Name.ToLower().Contains(text)
                || experiment.Dataset.ToLower().Contains(text)
                || experiment.Space.ToLower().Contains(text)
                || experiment.Strategy.ToLower().Contains(text)
                || context.Users.Any(user => user.Id == experiment.OwnerId && user.DisplayName.ToLower().Contains(text)));
        }

        return experiments;
    }

    private static IQueryable<StoredExperiment> Sorted(IQueryable<StoredExperiment> experiments, ExperimentQuery query)
    {
        var down = query.IsDescending;
        var sorted = query.Sort switch
        {
            ExperimentSort.Created => experiments.By(experiment => experiment.CreatedAt, down),
            ExperimentSort.Name => experiments.By(experiment => experiment.Name.ToLower(), down),
            ExperimentSort.Dataset => experiments.By(experiment => experiment.Dataset, down),
            ExperimentSort.Space => experiments.By(experiment => experiment.Space, down),
            ExperimentSort.Strategy => experiments.By(experiment => experiment.Strategy, down),
            ExperimentSort.State => experiments.By(experiment => experiment.State, down),
            ExperimentSort.Trials => experiments.By(experiment => experiment.EndedCount, down),
            ExperimentSort.BestScore => experiments.ByOptional(experiment => experiment.BestScore, down),
            ExperimentSort.TestScore => experiments.ByOptional(experiment => experiment.TestScore, down),
            ExperimentSort.Ended => experiments.ByOptional(experiment => experiment.EndedAt, down),
        };

        // Equals have an order too, or a row could be on two pages.
        return sorted.ThenByDescending(experiment => experiment.Id);
    }
}
