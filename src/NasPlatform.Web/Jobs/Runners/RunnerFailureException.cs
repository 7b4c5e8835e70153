using NasPlatform.Web.Store;

namespace NasPlatform.Web.Jobs.Runners;

/// <summary>A runner ended before its work did.</summary>
#pragma warning disable CA1032 // Without how and why it would be no help.
internal sealed class RunnerFailureException(AttemptOutcome outcome, string reason) : Exception(reason)
#pragma warning restore CA1032
{
    public AttemptOutcome Outcome { get; } = outcome;
}
