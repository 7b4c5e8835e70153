using Microsoft.EntityFrameworkCore;
using NasPlatform.Search.Export;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Experiments;

/// <summary>A trained model as it is shown.</summary>
/// <param name="Description">All that is known of it but its weights.</param>
/// <param name="Parity">Whether its ONNX file computes the same.</param>
/// <param name="Files">What can be downloaded.</param>
public sealed record ModelView(Guid Id, string Name, int TrialNumber, DateTimeOffset CreatedAt, ModelDescription Description, ParityCertificate Parity, IReadOnlyList<ModelFile> Files)
{
    /// <summary>The right to see the model's experiment is the caller's to check before.</summary>
    public static async Task<ModelView?> FindAsync(StoreContext context, Guid id, CancellationToken cancellation)
    {
        if (await context.Models.SingleOrDefaultAsync(model => model.Id == id, cancellation) is not { } model)
        {
            return null;
        }

        var files = await context.Artifacts.Where(file => file.ModelId == id).OrderBy(file => file.FileName)
            .Select(file => new ModelFile(file.FileName, file.Format, file.Length, file.Sha256)).ToListAsync(cancellation);
        return new(id, model.Name, model.TrialNumber, model.CreatedAt, ModelDescription.FromJson(model.Description), ParityCertificate.FromJson(model.Parity), files);
    }
}

/// <summary>A file of a model.</summary>
/// <param name="Length">Bytes.</param>
/// <param name="Sha256">Lower-case hexadecimal.</param>
public sealed record ModelFile(string Name, string Format, long Length, string Sha256);
