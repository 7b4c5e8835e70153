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
}
