using Microsoft.EntityFrameworkCore;
using NasPlatform.Search.Export;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Models;

/// <summary>A model as pages show it: a page of its own, and the part of a shared experiment.</summary>
/// <param name="Row">As lists show it.</param>
/// <param name="Parity">Whether the exported file agrees with what was measured.</param>
/// <param name="Files">In the order of their names.</param>
public sealed record ModelDetail(ModelRow Row, ModelDescription Description, ParityCertificate Parity, IReadOnlyList<Artifact> Files)
{
    /// <summary>Null where there is none among those experiments.</summary>
    public static async Task<ModelDetail?> FindAsync(StoreContext context, IQueryable<StoredExperiment> experiments, Guid id, CancellationToken cancellation)
    {
        if (await ModelList.Rows(context, experiments).SingleOrDefaultAsync(row => row.Id == id, cancellation) is not { } row)
        {
            return null;
        }

        var texts = await context.Models.Where(model => model.Id == id).Select(model => new { model.Description, model.Parity }).SingleAsync(cancellation);
        var files = await context.Artifacts.Where(file => file.ModelId == id).OrderBy(file => file.FileName).ToListAsync(cancellation);
        return new(row, ModelDescription.FromJson(texts.Description), ParityCertificate.FromJson(texts.Parity), files);
    }
}
