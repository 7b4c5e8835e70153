using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using NasPlatform.Web.Accounts;
using NasPlatform.Web.Lists;
using NasPlatform.Web.Models;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Api;

/// <summary>Models: lists, one with its description and certificate, its files.</summary>
internal static class ModelEndpoints
{
    public static void MapModels(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/models").WithTags("Models");
        group.MapGet("", ListAsync).WithSummary("Lists models")
            .WithDescription("Parameters: search, dataset, experiment (an id), sort, order (asc or desc), page, size (at most 500).");
        group.MapGet("/{id:guid}", GetAsync).WithSummary("A model with its description, parity certificate and files");
        group.MapGet("/{id:guid}/files/{fileName}", FileAsync).WithSummary("Downloads a file of a model")
            .WithDescription("Parts of it by Range; its SHA-256 is in Repr-Digest and, in hexadecimal, its ETag.");
        group.MapGet("/{id:guid}/files.zip", FilesAsync).WithSummary("Downloads all files of a model as a zip archive");
    }

    private static async Task<Ok<ListPage<ModelRow>>> ListAsync(HttpContext http, PlatformStore store, CancellationToken cancellation)
    {
        await using var context = store.Open();
        return TypedResults.Ok(await ModelList.PageAsync(context, http.GetCaller(), ModelQuery.Parse(http.Request.Query), cancellation));
    }

    private static async Task<Ok<ModelView>> GetAsync(Guid id, HttpContext http, PlatformStore store, CancellationToken cancellation)
    {
        await using var context = store.Open();
        var row = await ModelList.Rows(context, context.Experiments.VisibleTo(http.GetCaller())).SingleOrDefaultAsync(row => row.Id == id, cancellation)
            ?? throw RefusedException.NotFound("model");
        var written = await context.Models.Where(model => model.Id == id).Select(model => new { model.Description, model.Parity }).SingleAsync(cancellation);
        var files = await context.Artifacts.Where(file => file.ModelId == id).OrderBy(file => file.FileName)
            .Select(file => new ModelFile(file.FileName, file.Format, file.Length, file.Sha256, $"/api/v1/models/{id}/files/{file.FileName}")).ToListAsync(cancellation);
        return TypedResults.Ok(new ModelView(row, JsonDocument.Parse(written.Description).RootElement, JsonDocument.Parse(written.Parity).RootElement, files));
    }

    private static async Task<IResult> FileAsync(Guid id, string fileName, HttpContext http, PlatformStore store, ModelFiles files)
    {
        await DemandVisibleAsync(id, http, store);
        return await files.OneAsync(id, fileName, http);
    }

    private static async Task<IResult> FilesAsync(Guid id, HttpContext http, PlatformStore store, ModelFiles files)
    {
        await DemandVisibleAsync(id, http, store);
        return await files.AllAsync(id, http);
    }

    private static async Task DemandVisibleAsync(Guid id, HttpContext http, PlatformStore store)
    {
        await using var context = store.Open();
        if (!await ModelList.Rows(context, context.Experiments.VisibleTo(http.GetCaller())).AnyAsync(row => row.Id == id, http.RequestAborted))
        {
            throw RefusedException.NotFound("model");
        }
    }
}

/// <summary>A model.</summary>
/// <param name="Description">What architecture.json says.</param>
/// <param name="Parity">Whether the exported ONNX agrees with what was measured.</param>
internal sealed record ModelView(ModelRow Summary, JsonElement Description, JsonElement Parity, IReadOnlyList<ModelFile> Files);

/// <summary>A file of a model.</summary>
/// <param name="Format">onnx, safetensors, pytorch, json, card or parity.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Sha256">Lower-case hexadecimal.</param>
internal sealed record ModelFile(string Name, string Format, long Length, string Sha256, string Url);
