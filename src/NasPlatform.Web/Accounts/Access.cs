using NasPlatform.Web.Store;

namespace NasPlatform.Web.Accounts;

/// <summary>
/// Who may do what to which object: the one place where that is decided. Every query of objects starts from <c>VisibleTo</c>, every change passes
/// <c>Demand</c>; pages, REST and hubs add no rules of their own. What one may not see is answered as if it were not there.
/// </summary>
public static class Access
{
    public static IQueryable<StoredExperiment> VisibleTo(this IQueryable<StoredExperiment> experiments, Caller caller)
    {
        var (id, isAdministrator) = (caller.UserId, caller.Role == Role.Administrator);
        return experiments.Where(experiment => isAdministrator || experiment.Visibility == Visibility.Team || (id != null && experiment.OwnerId == id));
    }

    public static IQueryable<StoredDataset> VisibleTo(this IQueryable<StoredDataset> datasets, Caller caller)
    {
        var (id, isAdministrator) = (caller.UserId, caller.Role == Role.Administrator);
        return datasets.Where(dataset => isAdministrator || dataset.Visibility == Visibility.Team || (id != null && dataset.OwnerId == id));
    }

    public static bool MayChange(this StoredExperiment experiment, Caller caller) => MayChange(caller, experiment.OwnerId);

    public static bool MayChange(this StoredDataset dataset, Caller caller) => MayChange(caller, dataset.OwnerId);

    /// <exception cref="RefusedException">The caller's role does not suffice.</exception>
    public static void Demand(this Caller caller, Role role)
    {
        if (caller.Role < role)
        {
            throw RefusedException.Forbidden($"This needs the role {role.ToString().ToLowerInvariant()}; yours is {caller.Role.ToString().ToLowerInvariant()}.");
        }
    }

    /// <exception cref="RefusedException">It is another's.</exception>
    public static void DemandChange(this Caller caller, StoredExperiment experiment)
    {
        if (!experiment.MayChange(caller))
        {
            throw RefusedException.Forbidden("Only its owner or an administrator may change this experiment.");
        }
    }

    /// <exception cref="RefusedException">It is another's.</exception>
    public static void DemandChange(this Caller caller, StoredDataset dataset)
    {
        if (!dataset.MayChange(caller))
        {
            throw RefusedException.Forbidden("Only its owner or an administrator may change this dataset.");
        }
    }

    private static bool MayChange(Caller caller, Guid? owner) =>
        caller.Role == Role.Administrator || (caller.Role == Role.Member && owner is not null && owner == caller.UserId);
}
