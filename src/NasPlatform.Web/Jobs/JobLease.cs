using NasPlatform.Web.Store;

namespace NasPlatform.Web.Jobs;

/// <summary>A job as it was when it was claimed; its token marks everything that this attempt writes.</summary>
internal sealed class JobLease(StoredJob job)
{
    public Guid JobId { get; } = job.Id;

    public long Token { get; } = job.Token;

    public JobKind Kind { get; } = job.Kind;

    public string Group { get; } = job.Group;

    public int AttemptCount { get; } = job.AttemptCount;

    public int FailureCount { get; } = job.FailureCount;

    public Guid? ExperimentId { get; } = job.ExperimentId;

    public int? TrialNumber { get; } = job.TrialNumber;

    public Guid? DatasetId { get; } = job.DatasetId;

    /// <summary>What it does, for the log; another attempt than the first says which it is.</summary>
    public override string ToString()
    {
        var what = Kind switch
        {
            JobKind.Supernet => $"Supernet of experiment {ExperimentId}",
            JobKind.Search => $"Search of experiment {ExperimentId}",
            JobKind.Trial => $"Trial {TrialNumber} of experiment {ExperimentId}",
            JobKind.Final => $"Final training of experiment {ExperimentId}",
            JobKind.Ingest => $"Taking in dataset {DatasetId}",
        };
        return Token == 1 ? what : $"{what} (attempt {Token})";
    }
}
