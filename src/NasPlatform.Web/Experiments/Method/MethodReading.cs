using Microsoft.EntityFrameworkCore;
using NasPlatform.Search.Experiments;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Strategies;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Experiments.Method;

/// <summary>
/// What strategies make of what they were told: derived by telling the trials again, for nothing of it is stored. The replays of the experiments that were looked at last are kept, so that a page that is
/// looked at again, or while the search goes on, tells the new trials only.
/// </summary>
internal sealed class MethodReading(PlatformStore store, TimeProvider time) : IDisposable
{
    private const int MostKept = 4;

    /// <summary>Trials that are read and told at a time.</summary>
    private const int AtOnce = 500;

    /// <summary>For how long trials are told before what is known so far is shown: some strategies learn for seconds from each.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly List<Kept> _kept = [];

    /// <summary>Tells what was told since, as much as can be told in a second, and gives what the strategy makes of it.</summary>
    /// <param name="experiment">That the caller may see.</param>
    public Task<MethodView> ReadAsync(Guid experiment, ExperimentSpec spec, CancellationToken cancellation) => StrategyCatalog.IsExplained(spec.Strategy)
        ? Task.Run(() => ReplayAsync(experiment, spec, cancellation), cancellation)
        : Task.FromResult(new MethodView(0, true, null, []));

    public void Dispose()
    {
        foreach (var kept in _kept)
        {
            kept.Dispose();
        }
    }

    private async Task<MethodView> ReplayAsync(Guid experiment, ExperimentSpec spec, CancellationToken cancellation)
    {
        var kept = Keep(experiment, spec);
        await kept.Turn.WaitAsync(cancellation);
        try
        {
            var isComplete = await TellAsync(experiment, kept, cancellation);
            if (kept.View is null || kept.View.Told != kept.Replay.Told)
            {
                kept.View = View(kept);
            }

            return kept.View = kept.View with { IsComplete = isComplete };
        }
        finally
        {
            kept.Turn.Release();
        }
    }

    /// <returns>Whether all was told.</returns>
    private async Task<bool> TellAsync(Guid experiment, Kept kept, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        await using var context = store.Open();
        while (true)
        {
            var next = await context.Trials.AsNoTracking()
                .Where(trial => trial.ExperimentId == experiment && trial.Number > kept.Replay.Told && trial.ToldAt != null)
                .OrderBy(trial => trial.Number).Take(AtOnce).ToListAsync(cancellation);
            if (next.Count == 0)
            {
                return true;
            }

            foreach (var stored in next)
            {
                if (time.GetElapsedTime(began) > Patience)
                {
                    return false;
                }

                cancellation.ThrowIfCancellationRequested();
                var trial = stored.ToTrial();
                kept.Replay.Tell(trial);
                kept.Trials.Add(trial);
            }
        }
    }

    private static MethodView View(Kept kept)
    {
        var explanation = kept.Replay.Explain();
        if (explanation?.Population is null)
        {
            return new(kept.Replay.Told, false, explanation, []);
        }

        var lineage = new List<Descendant>();
        foreach (var trial in kept.Trials)
        {
            var isKnown = kept.Replay.Origins.TryGetValue(trial.Number, out var parent);
            lineage.Add(new(
                trial.Number,
                isKnown,
                parent,
                trial.State == TrialState.Completed ? trial.Evaluation!.Score : null, // not null: it has ended
                parent is { } of ? Changes(kept.Space, kept.Trials[of - 1], trial) : []));
        }

        return new(kept.Replay.Told, false, explanation, lineage);
    }

    private static IReadOnlyList<DecisionChange> Changes(SearchSpace space, Trial before, Trial after)
    {
        var (parent, child) = (Options(space, before), Options(space, after));
        return
        [
            .. from name in child.Keys.Union(parent.Keys)
               let change = new DecisionChange(name, parent.GetValueOrDefault(name), child.GetValueOrDefault(name))
               where change.Before != change.After
               select change,
        ];
    }

    private static Dictionary<string, string> Options(SearchSpace space, Trial trial) =>
        space.FromValues(trial.Decisions).Decisions.ToDictionary(decision => decision.Name, decision => decision.Choice.Options[decision.Value]);

    private Kept Keep(Guid experiment, ExperimentSpec spec)
    {
        lock (_lock)
        {
            var known = _kept.Find(kept => kept.Experiment == experiment);
            if (known is not null)
            {
                _kept.Remove(known);
            }

            _kept.Add(known ??= new(experiment, new(spec), spec.CreateSpace()));
            if (_kept.Count > MostKept)
            {
                // Not disposed: somebody may be reading it, and what it holds is memory only.
                _kept.RemoveAt(0);
            }

            return known;
        }
    }

    /// <summary>A replay with what it was told.</summary>
    private sealed record Kept(Guid Experiment, StrategyReplay Replay, SearchSpace Space) : IDisposable
    {
        /// <summary>One reads at a time.</summary>
        public SemaphoreSlim Turn { get; } = new(1);

        public List<Trial> Trials { get; } = [];

        /// <summary>What was made of it last; null before the first time.</summary>
        public MethodView? View { get; set; }

        public void Dispose()
        {
            Replay.Dispose();
            Turn.Dispose();
        }
    }
}
