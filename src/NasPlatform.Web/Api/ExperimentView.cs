using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using NasPlatform.Web.Accounts;
using NasPlatform.Web.Experiments;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Api;

/// <summary>An experiment.</summary>
/// <param name="Summary">What lists show.</param>
/// <param name="Spec">As it was given and extended.</param>
/// <param name="FinalEpochs">Epochs that the final training is to have; null before it began.</param>
/// <param name="Sequence">The number of the last event.</param>
/// <param name="Model">The newest model's id; null while there is none.</param>
/// <param name="MayChange">Whether the caller may change it.</param>
internal sealed record ExperimentView(ExperimentRow Summary, JsonElement Spec, int? FinalEpochs, long Sequence, Guid? Model, bool MayChange)
{
    /// <exception cref="RefusedException">There is none that the caller sees.</exception>
    public static async Task<ExperimentView> LoadAsync(StoreContext context, Caller caller, Guid id, CancellationToken cancellation)
    {
        var stored = await context.Experiments.VisibleTo(caller).SingleOrDefaultAsync(experiment => experiment.Id == id, cancellation)
            ?? throw RefusedException.NotFound("experiment");
        var row = await ExperimentList.Rows(context, context.Experiments.Where(experiment => experiment.Id == id)).SingleAsync(cancellation);
        var model = await context.Models.Where(model => model.ExperimentId == id).OrderByDescending(model => model.CreatedAt).Select(model => (Guid?)model.Id).FirstOrDefaultAsync(cancellation);
        return new(row, JsonDocument.Parse(stored.Spec).RootElement, stored.FinalEpochs, stored.Sequence, model, stored.MayChange(caller));
    }
}
