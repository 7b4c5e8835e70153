namespace NasPlatform.Search;

/// <summary>
/// A problem that the person can do something about. The message is one clear sentence or two: what is wrong, where, and
/// what to do; programs print it without a stack trace.
/// </summary>
#pragma warning disable CA1032 // A user error without a message would be no help to the user.
public class UserErrorException(string message, Exception? inner = null) : Exception(message, inner);
#pragma warning restore CA1032
