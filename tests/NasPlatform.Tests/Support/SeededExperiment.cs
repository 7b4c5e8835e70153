using System.Text.Json;
using NasPlatform.Search;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Experiments;
using NasPlatform.Search.Spaces;
using NasPlatform.Web.Store;

namespace NasPlatform.Tests.Support;

/// <summary>Puts an experiment with as many trials as wanted into a store, as a search would have left it.</summary>
internal static class SeededExperiment
{
    /// <summary>A search on <c>textures</c> in the space of NAS-Bench-201 by evolution.</summary>
    public static readonly ExperimentSpec Spec = new()
    {
        Dataset = "textures",
        Space = "nasbench201",
        SpaceSettings = new Dictionary<string, string> { ["cells"] = "1" },
        Strategy = "evolution",
        Budget = new(Trials: 1_000_000),
        Fidelity = new(Epochs: 3, Fraction: 0.2),
    };

    /// <param name="trials">Trials that completed, three epochs each; every 50th failed instead.</param>
    /// <param name="change">Changes the experiment before it is stored.</param>
    public static async Task<Guid> AddAsync(PlatformStore store, int trials, string name = "Seeded", Action<StoredExperiment>? change = null)
    {
        var began = new DateTimeOffset(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);
        var random = new RandomSource(7);
        var space = SearchSpaceCatalog.Create(Spec.Space, Spec.SpaceSettings);
        var experiment = new StoredExperiment
        {
            Id = Guid.CreateVersion7(),
            Name = name,
            Spec = SpecJson.Write(Spec),
            Dataset = Spec.Dataset,
            Space = Spec.Space,
            Strategy = Spec.Strategy,
            Origin = Origin.Platform,
            State = ExperimentState.Paused,
            CreatedAt = began,
            StartedAt = began,
        };
        change?.Invoke(experiment);
        var id = experiment.Id;
        await store.WriteAsync(
            (context, _) =>
            {
                context.Experiments.Add(experiment);
                context.Happened(id, EventKind.StateChanged, "The search began.");
                for (var number = 1; number <= trials; number++)
                {
                    var genotype = space.Sample(random);
                    var accuracy = 0.3 + (random.Next(6_000) / 10_000.0);
                    var isFailed = number % 50 == 0;
                    var ended = began.AddSeconds(number * 10);
                    var trial = new StoredTrial
                    {
                        ExperimentId = id,
                        Number = number,
                        Genotype = space.Format(genotype),
                        Decisions = JsonSerializer.Serialize(genotype.ToDictionary()),
                        Key = space.Key(genotype).Value,
                        State = StoredTrialState.Running,
                        ProposedAt = ended.AddSeconds(-9),
                        StartedAt = ended.AddSeconds(-8),
                        ElapsedSeconds = number * 10,
                        ToldAt = ended,
                        Diagnostics = JsonSerializer.Serialize(new Dictionary<string, double> { ["population"] = Math.Min(number, 10), ["population_mean_score"] = accuracy }),
                        AttemptCount = 1,
                    };
                    trial.End(
                        new()
                        {
                            Outcome = isFailed ? Outcome.Diverged : Outcome.Completed,
                            Reason = isFailed ? "The loss stopped being a finite number." : null,
                            Score = accuracy,
                            BestOfLastFive = accuracy,
                            Loss = 1 - accuracy,
                            ParameterCount = 50_000 + random.Next(500_000),
                            MultiplyAdds = 5_000_000 + random.Next(50_000_000),
                            DurationSeconds = 8,
                            ImagesPerSecond = 1_500,
                        },
                        ended);
                    context.Trials.Add(trial);
                    context.MetricPoints.AddRange(Enumerable.Range(1, 3).Select(epoch => new MetricPoint
                    {
                        ExperimentId = id,
                        TrialNumber = number,
                        Token = 1,
                        Epoch = epoch,
                        TrainLoss = 2.0 / epoch,
                        Score = accuracy * epoch / 3,
                        Loss = 2.1 / epoch,
                        Seconds = epoch * 2.5,
                    }));
                    context.Happened(id, EventKind.TrialEnded, $"Trial {number} ended.", number);
                    if (!isFailed && (experiment.BestScore is not { } best || accuracy > best))
                    {
                        (experiment.BestTrial, experiment.BestScore) = (number, accuracy);
                    }
                }

                (experiment.TrialCount, experiment.EndedCount, experiment.SearchSeconds) = (trials, trials, trials * 10);
                return Task.CompletedTask;
            },
            TestContext.Current.CancellationToken);
        return id;
    }
}
