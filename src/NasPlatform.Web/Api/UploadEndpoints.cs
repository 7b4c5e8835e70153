using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using NasPlatform.Search;
using NasPlatform.Web.Accounts;
using NasPlatform.Web.Store;
using NasPlatform.Web.Uploads;

namespace NasPlatform.Web.Api;

/// <summary>Files that become datasets, sent in chunks.</summary>
internal static class UploadEndpoints
{
    public static void MapUploads(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/uploads").WithTags("Uploads");
        group.MapPost("", BeginAsync).WithSummary("Begins an upload").WithDescription("Then send its chunks, in order; when all were received, add a dataset with its id.");
        group.MapGet("", ListAsync).WithSummary("The caller's uploads that no dataset was made of");
        group.MapGet("/{id:guid}", GetAsync).WithSummary("How far an upload has come");
        group.MapPut("/{id:guid}", ReceiveAsync).WithSummary("Sends the next chunk")
            .WithDescription($"The body is the chunk, at most {UploadLimits.LargestChunk >> 20} MiB; 'offset' is what was received so far; the header Content-Digest (RFC 9530) holds its SHA-256 as sha-256=:base64:. "
                + "A chunk counts whole or not at all. After a dropped connection ask how far the upload has come and go on from there.")
            .Accepts<byte[]>(isOptional: true, "application/octet-stream", "*/*")
            .WithMetadata(new RequestSizeLimitAttribute(UploadLimits.LargestChunk));
        group.MapDelete("/{id:guid}", RemoveAsync).WithSummary("Cancels an upload and removes what was received");
    }

    private static async Task<Created<UploadView>> BeginAsync(NewUpload given, HttpContext http, UploadActions actions, CancellationToken cancellation)
    {
        var upload = await actions.BeginAsync(http.GetCaller(), given.FileName, given.Length, cancellation);
        return TypedResults.Created($"/api/v1/uploads/{upload.Id}", UploadView.Of(upload));
    }

    private static async Task<Ok<IReadOnlyList<UploadView>>> ListAsync(HttpContext http, UploadActions actions, CancellationToken cancellation) =>
        TypedResults.Ok<IReadOnlyList<UploadView>>([.. (await actions.ListAsync(http.GetCaller(), cancellation)).Select(UploadView.Of)]);

    private static async Task<Ok<UploadView>> GetAsync(Guid id, HttpContext http, UploadActions actions, CancellationToken cancellation) =>
        TypedResults.Ok(UploadView.Of(await actions.FindAsync(http.GetCaller(), id, cancellation)));

    private static async Task<Ok<UploadView>> ReceiveAsync(
        Guid id, long offset, [FromHeader(Name = "Content-Digest")] string digest, HttpContext http, UploadActions actions, CancellationToken cancellation) =>
        TypedResults.Ok(UploadView.Of(await actions.ReceiveAsync(http.GetCaller(), id, offset, Sha256(digest), http.Request.Body, cancellation)));

    private static async Task<NoContent> RemoveAsync(Guid id, HttpContext http, UploadActions actions, CancellationToken cancellation)
    {
        await actions.RemoveAsync(http.GetCaller(), id, cancellation);
        return TypedResults.NoContent();
    }

    private static byte[] Sha256(string digest)
    {
        const string Start = "sha-256=:";
        var text = digest.Trim();
        var hash = new byte[32];
        return text.StartsWith(Start, StringComparison.OrdinalIgnoreCase) && text.EndsWith(':')
            && Convert.TryFromBase64String(text[Start.Length..^1], hash, out var written) && written == hash.Length
            ? hash
            : throw new UserErrorException("The header Content-Digest must hold the chunk's SHA-256, as sha-256=:<base64 of its 32 bytes>:.");
    }
}

/// <summary>A file to send.</summary>
/// <param name="FileName">Its name on the sender's machine: shown, never used as a path.</param>
/// <param name="Length">Bytes in all.</param>
internal sealed record NewUpload(string FileName, long Length);

/// <summary>A file that is being sent, or was.</summary>
/// <param name="Received">Bytes that arrived; the next chunk begins there.</param>
internal sealed record UploadView(Guid Id, string FileName, long Length, long Received, bool IsComplete, DateTimeOffset CreatedAt, DateTimeOffset LastReceivedAt)
{
    public static UploadView Of(Upload upload) =>
        new(upload.Id, upload.FileName, upload.Length, upload.Received, upload.Received == upload.Length, upload.CreatedAt, upload.LastReceivedAt);
}
