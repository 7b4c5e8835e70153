using NasPlatform.Web.Store;

namespace NasPlatform.Web.Accounts;

/// <summary>Who asks for something: a person with an account, or the program itself.</summary>
/// <param name="UserId">Null for the program itself and for the one person of <c>--local</c>.</param>
/// <param name="Role">What they may do.</param>
/// <param name="Name">For the audit.</param>
/// <param name="RemoteAddress">Where the request came from; null within the program.</param>
public sealed record Caller(Guid? UserId, Role Role, string Name, string? RemoteAddress = null)
{
    /// <summary>The program itself, and the terminal on the machine that holds the data.</summary>
    public static readonly Caller Program = new(null, Role.Administrator, "the program");
}
