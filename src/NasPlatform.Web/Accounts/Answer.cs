using System.Text.Json;
using NasPlatform.Search;

namespace NasPlatform.Web.Accounts;

/// <summary>What an exception that reached the end of a request is answered with.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Title">A few words.</param>
/// <param name="Text">A sentence for people: what is wrong and what to do.</param>
internal sealed record Answer(int Status, string Title, string Text)
{
    public static Answer To(Exception error) => error switch
    {
        RefusedException { Refusal: Refusal.NotFound } refused => new(StatusCodes.Status404NotFound, "Not found", refused.Message),
        RefusedException { Refusal: Refusal.Forbidden } refused => new(StatusCodes.Status403Forbidden, "Not allowed", refused.Message),
        RefusedException refused => new(StatusCodes.Status409Conflict, "Not possible now", refused.Message),
        UserErrorException wrong => new(StatusCodes.Status400BadRequest, "Not valid", wrong.Message),
        BadHttpRequestException { InnerException: JsonException wrong } bad => new(bad.StatusCode, "Not valid", $"The body is not the JSON that is expected here: {Told(wrong)}"),
        BadHttpRequestException bad => new(bad.StatusCode, "Not valid", bad.Message),
        _ => new(StatusCodes.Status500InternalServerError, "Something went wrong", "The server met an error that it did not expect. It is in the server's log; try again, and tell the administrator if it stays."),
    };

    /// <summary>An answer that has a status only.</summary>
    public static Answer To(int status) => status switch
    {
        StatusCodes.Status400BadRequest => new(status, "Not valid", "The request was not understood. Reload the page and try again."),
        StatusCodes.Status403Forbidden => new(status, "Not allowed", "Your role does not allow this. An administrator can change it."),
        StatusCodes.Status404NotFound => new(status, "Not found", "There is no such page, or none that you may see."),
        StatusCodes.Status429TooManyRequests => new(status, "Too many requests", "Wait a minute, then try again."),
        _ => new(status, "Something went wrong", "Try again, and tell the administrator if it stays."),
    };

    /// <summary>What the reader of JSON says, without the names of our types.</summary>
    private static string Told(JsonException wrong) => wrong.Message.Split('\'') switch
    {
        [_, var name, ..] when wrong.Message.Contains("could not be mapped", StringComparison.Ordinal) => $"there is no '{name}' in it; the document at /api/v1/openapi.json lists what there is.",
        _ when wrong is { Path: { } path } && wrong.Message.Contains("could not be converted", StringComparison.Ordinal) => $"{path} is of another kind; the document at /api/v1/openapi.json says of which.",
        _ => wrong.Message,
    };

    /// <summary>Whether the exception says something to the person who asked, rather than to whoever looks after the server.</summary>
    public static bool IsExpected(Exception error) => error is RefusedException or UserErrorException or BadHttpRequestException;
}
