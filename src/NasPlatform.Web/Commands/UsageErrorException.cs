using NasPlatform.Search;

namespace NasPlatform.Web.Commands;

/// <summary>The command line is wrong in a way that only the command itself can see.</summary>
#pragma warning disable CA1032 // As its base class: without a message it would be no help.
internal sealed class UsageErrorException(string message) : UserErrorException(message);
#pragma warning restore CA1032
