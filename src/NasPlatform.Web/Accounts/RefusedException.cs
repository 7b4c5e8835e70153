namespace NasPlatform.Web.Accounts;

/// <summary>A request that cannot be granted, with a sentence for people; REST and pages turn it into their answers.</summary>
#pragma warning disable CA1032 // A refusal without its reason would be no help.
public sealed class RefusedException : Exception
#pragma warning restore CA1032
{
    private RefusedException(Refusal refusal, string message)
        : base(message) => Refusal = refusal;

    public Refusal Refusal { get; }

    /// <summary>There is no such object, or none that the caller may see.</summary>
    public static RefusedException NotFound(string what) => new(Refusal.NotFound, $"There is no such {what}.");

    /// <summary>The caller may see it but not do that.</summary>
    public static RefusedException Forbidden(string why) => new(Refusal.Forbidden, why);

    /// <summary>Its state does not allow it now.</summary>
    public static RefusedException Conflict(string why) => new(Refusal.Conflict, why);
}

/// <summary>Why a request is refused.</summary>
public enum Refusal
{
    NotFound,
    Forbidden,
    Conflict,
}
