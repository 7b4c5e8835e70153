using Microsoft.EntityFrameworkCore;
using NasPlatform.Web.Accounts;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Api;

/// <summary>The check before what belongs to an experiment is read.</summary>
internal static class Visibles
{
    /// <exception cref="RefusedException">There is no such experiment, or none that the caller sees.</exception>
    public static async Task DemandVisibleAsync(this StoreContext context, Caller caller, Guid experimentId, CancellationToken cancellation)
    {
        if (!await context.Experiments.VisibleTo(caller).AnyAsync(experiment => experiment.Id == experimentId, cancellation))
        {
            throw RefusedException.NotFound("experiment");
        }
    }
}
