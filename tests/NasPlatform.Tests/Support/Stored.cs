using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Experiments;
using NasPlatform.Web.Store;

namespace NasPlatform.Tests.Support;

/// <summary>Rows that a test puts into the store as if they had come about.</summary>
internal static class Stored
{
    public static StoredExperiment Experiment(string name = "an experiment", ExperimentState state = ExperimentState.Completed, Guid? owner = null, Visibility visibility = Visibility.Team) => new()
    {
        Id = Guid.CreateVersion7(),
        Name = name,
        OwnerId = owner,
        Visibility = visibility,
        Spec = SpecJson.Write(PlatformFixture.TinySpec()),
        Dataset = "textures",
        Space = "chain",
        Strategy = "reinforce",
        Origin = Origin.Terminal, // nobody takes it up
        State = state,
        CreatedAt = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero),
    };

    public static StoredTrial Trial(Guid experiment, int number, double? accuracy = 0.5, long parameters = 1000, string genotype = "3x3/1x1/8 -> 3x3/2x2/16") => new()
    {
        ExperimentId = experiment,
        Number = number,
        Genotype = genotype,
        Decisions = """{"layer1/filter height":1,"layer1/filter width":1,"layer1/stride":0,"layer1/filters":0}""",
        Key = $"key-{number}",
        State = accuracy is null ? StoredTrialState.Failed : StoredTrialState.Completed,
        Outcome = accuracy is null ? Outcome.Diverged : Outcome.Completed,
        Reason = accuracy is null ? "The loss was no longer finite." : null,
        ProposedAt = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero),
        EndedAt = new DateTimeOffset(2026, 11, 20, 12, 0, 0, TimeSpan.Zero).AddSeconds(number),
        Score = accuracy,
        Loss = accuracy is { } share ? 1 - share : null,
        ParameterCount = parameters,
        DurationSeconds = 1.5,
    };
}
