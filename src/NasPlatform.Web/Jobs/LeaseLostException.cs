namespace NasPlatform.Web.Jobs;

/// <summary>The lease of an attempt is no longer good: the job is another's, or over. Nothing of the unit of work is written.</summary>
#pragma warning disable CA1032 // There is one thing that it can say.
internal sealed class LeaseLostException() : Exception("The lease is no longer good.");
#pragma warning restore CA1032
