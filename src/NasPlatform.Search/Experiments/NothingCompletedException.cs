namespace NasPlatform.Search.Experiments;

/// <summary>A search ended without a single trial that completed, so that there is no winner.</summary>
#pragma warning disable CA1032 // As its base class: without a message it would be no help.
public sealed class NothingCompletedException(string message) : UserErrorException(message);
#pragma warning restore CA1032
