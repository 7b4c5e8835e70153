using System.IO.Compression;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.EntityFrameworkCore;
using Microsoft.Net.Http.Headers;
using NasPlatform.Web.Accounts;
using NasPlatform.Web.Artifacts;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Models;

/// <summary>A model's files as downloads. The right to see the model is the caller's to check before.</summary>
internal sealed class ModelFiles(PlatformStore store, ArtifactStore artifacts)
{
    private const int LongestStem = 80;

    /// <summary>One file, in parts where the request asks for parts, with its SHA-256 in <c>Repr-Digest</c> (RFC 9530).</summary>
    /// <exception cref="RefusedException">The model has no such file.</exception>
    public async Task<IResult> OneAsync(Guid modelId, string fileName, HttpContext http)
    {
        await using var context = store.Open();
        var file = await context.Artifacts.SingleOrDefaultAsync(file => file.ModelId == modelId && file.FileName == fileName, http.RequestAborted)
            ?? throw RefusedException.NotFound("file");
        var digest = Convert.ToBase64String(Convert.FromHexString(file.Sha256));
        http.Response.Headers["Repr-Digest"] = $"sha-256=:{digest}:";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        return Results.Stream(
            artifacts.Open(file.Sha256), "application/octet-stream", SafeName(file.FileName), entityTag: new EntityTagHeaderValue($"\"{file.Sha256}\""), enableRangeProcessing: true);
    }

    /// <summary>All files in one zip archive, written as it is sent.</summary>
    /// <exception cref="RefusedException">There is no such model, or it has no files.</exception>
    public async Task<IResult> AllAsync(Guid modelId, HttpContext http)
    {
        await using var context = store.Open();
        var name = await context.Models.Where(model => model.Id == modelId).Select(model => model.Name).SingleOrDefaultAsync(http.RequestAborted);
        var files = await context.Artifacts.Where(file => file.ModelId == modelId).OrderBy(file => file.FileName).ToListAsync(http.RequestAborted);
        if (name is null || files.Count == 0)
        {
            throw RefusedException.NotFound("model");
        }

        // The archive writes the few bytes after each of its files synchronously.
        http.Features.GetRequiredFeature<IHttpBodyControlFeature>().AllowSynchronousIO = true;
        http.Response.Headers.XContentTypeOptions = "nosniff";
        return Results.Stream(sent => WriteAsync(sent, files, http.RequestAborted), "application/zip", SafeName($"{name}.zip"));
    }

    /// <summary>A name that is one on every system: letters and digits of ASCII, '-', '_' and '.', at most 80 of them before the extension.</summary>
    public static string SafeName(string name)
    {
        var extension = string.Concat(Path.GetExtension(name).Where(char.IsAsciiLetterOrDigit));
        var stem = string.Concat(Path.ChangeExtension(name, null).Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.' ? letter : '-'));
        stem = string.Join('-', stem.Split('-').Select(part => part.Trim('.')).Where(part => part.Length > 0));
        stem = stem.Length > LongestStem ? stem[..LongestStem] : stem;
        return $"{(stem.Length == 0 ? "model" : stem)}{(extension.Length == 0 ? "" : $".{extension}")}";
    }

    private async Task WriteAsync(Stream sent, List<Artifact> files, CancellationToken cancellation)
    {
        await using var zip = await ZipArchive.CreateAsync(sent, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, cancellation);
        foreach (var file in files)
        {
            // Weights hardly shrink; what is sent is what is stored.
            var entry = zip.CreateEntry(SafeName(file.FileName), CompressionLevel.NoCompression);
            await using var target = await entry.OpenAsync(cancellation);
            await using var source = artifacts.Open(file.Sha256);
            await source.CopyToAsync(target, cancellation);
        }
    }
}
