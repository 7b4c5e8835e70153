using NasPlatform.Web.Jobs.Runners;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Jobs;

/// <summary>What an attempt at a job works with.</summary>
/// <param name="Lease">Its right to write.</param>
/// <param name="Request">Whether and why it must end.</param>
internal sealed record AttemptContext(JobLease Lease, StopRequest Request)
{
    /// <summary>Asked for when it must end: its lease is lost, the node shuts down, or the experiment's owner wants something else.</summary>
    public CancellationToken Stop => Request.Token;
}

/// <summary>Asks an attempt to end early; the first reason counts.</summary>
internal sealed class StopRequest : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private int _why;

    public StopReason Why => (StopReason)Volatile.Read(ref _why);

    public CancellationToken Token => _source.Token;

    public void Ask(StopReason reason)
    {
        if (Interlocked.CompareExchange(ref _why, (int)reason, (int)StopReason.None) == (int)StopReason.None)
        {
            _source.Cancel();
        }
    }

    public void Dispose() => _source.Dispose();
}

/// <summary>Why an attempt must end early.</summary>
internal enum StopReason
{
    /// <summary>It need not.</summary>
    None,

    /// <summary>The lease is another's, or the job was cancelled: nothing may be written any more.</summary>
    Lost,

    /// <summary>This node is shutting down; the job goes back into the queue.</summary>
    Shutdown,

    /// <summary>The experiment is to pause or to end.</summary>
    Wish,
}

/// <summary>What a kind of job does.</summary>
internal interface IJobWork
{
    JobKind Kind { get; }

    /// <summary>Works until the job has ended, and writes how, in one transaction with what it gave.</summary>
    /// <exception cref="OperationCanceledException">It was stopped; the caller looks why.</exception>
    /// <exception cref="LeaseLostException">The job is another's by now.</exception>
    /// <exception cref="RunnerFailureException">The attempt failed; the caller has it tried again.</exception>
    Task RunAsync(AttemptContext attempt);

    /// <summary>The job has failed for good: writes that down where it belongs. Within the transaction that ends the job, its experiment locked.</summary>
    Task GiveUpAsync(StoreContext context, StoredJob job, string reason, CancellationToken cancellation);
}
