using Microsoft.EntityFrameworkCore;
using NasPlatform.Web.Accounts;
using NasPlatform.Web.Models;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Sharing;

/// <summary>The files of a shared experiment's model, for whoever has the link, where the link allows it.</summary>
internal static class SharedFiles
{
    public static void MapSharedFiles(this WebApplication app)
    {
        app.MapGet("/s/{token}/files/{fileName}", async (string token, string fileName, HttpContext http, ShareActions shares, PlatformStore store, ModelFiles files) =>
            await files.OneAsync(await ModelAsync(token, http, shares, store), fileName, http)).AllowAnonymous().ExcludeFromDescription();
        app.MapGet("/s/{token}/files.zip", async (string token, HttpContext http, ShareActions shares, PlatformStore store, ModelFiles files) =>
            await files.AllAsync(await ModelAsync(token, http, shares, store), http)).AllowAnonymous().ExcludeFromDescription();
    }

    /// <exception cref="RefusedException">The link does not work, allows no downloads, or there is no model yet: all alike.</exception>
    private static async Task<Guid> ModelAsync(string token, HttpContext http, ShareActions shares, PlatformStore store)
    {
        if (await shares.ResolveAsync(token, countsAsView: false, http.RequestAborted) is not { AllowsDownloads: true, ExperimentId: var id })
        {
            throw RefusedException.NotFound("file");
        }

        await using var context = store.Open();
        var newest = await context.Models.Where(model => model.ExperimentId == id).OrderByDescending(model => model.CreatedAt).Select(model => (Guid?)model.Id)
            .FirstOrDefaultAsync(http.RequestAborted);
        return newest ?? throw RefusedException.NotFound("file");
    }
}
