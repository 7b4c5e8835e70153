namespace NasPlatform.Web.Benchmarks;

/// <summary>Something that is being calculated, or could not be. Read by pages while it goes on.</summary>
public sealed class Calculation : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private double _share;

    public CalculationState State { get; private set; } = CalculationState.Waiting;

    /// <summary>How much is done, 0 to 1.</summary>
    public double Share => Volatile.Read(ref _share);

    /// <summary>Why it failed, for people; null where it did not.</summary>
    public string? Problem { get; private set; }

    public bool IsGoingOn => State is CalculationState.Waiting or CalculationState.Running;

    /// <summary>Cancelled when nobody wants it any more.</summary>
    public CancellationToken Stopped => _stop.Token;

    /// <summary>Ends it; nothing of it is kept.</summary>
    public void Cancel() => _stop.Cancel();

    public void Begin() => State = CalculationState.Running;

    public void Tell(double share) => Volatile.Write(ref _share, share);

    public void End(CalculationState state, string? problem = null) => (Problem, State) = (problem, state);

    public void Dispose() => _stop.Dispose();
}

/// <summary>Where a calculation stands.</summary>
public enum CalculationState
{
    /// <summary>For those before it: one goes on at a time.</summary>
    Waiting,
    Running,
    Completed,
    Failed,
    Cancelled,
}
