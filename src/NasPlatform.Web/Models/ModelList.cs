using NasPlatform.Web.Accounts;
using NasPlatform.Web.Lists;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Models;

/// <summary>The models of the experiments that a caller sees, as lists show them.</summary>
internal static class ModelList
{
    /// <summary>One page.</summary>
    public static Task<ListPage<ModelRow>> PageAsync(StoreContext context, Caller caller, ModelQuery query, CancellationToken cancellation)
    {
        var rows = Rows(context, context.Experiments.VisibleTo(caller));
        if (query.Dataset is { } dataset)
        {
            rows = rows.Where(row => row.Dataset == dataset);
        }

        if (query.Experiment is { } experiment)
        {
            rows = rows.Where(row => row.ExperimentId == experiment);
        }

        if (query.Search?.ToLowerInvariant() is { } text)
        {
            rows = rows.Where(row =>
                row.Name.ToLower().Contains(text) || row.Genotype.ToLower().Contains(text) || row.Dataset.ToLower().Contains(text) || row.Space.ToLower().Contains(text));
        }

        var down = query.IsDescending;
        var sorted = query.Sort switch
        {
            ModelSort.Created => rows.By(row => row.CreatedAt, down),
            ModelSort.Name => rows.By(row => row.Name.ToLower(), down),
            ModelSort.Dataset => rows.By(row => row.Dataset, down),
            ModelSort.TestScore => rows.By(row => row.TestScore, down),
            ModelSort.Parameters => rows.By(row => row.ParameterCount, down),
            ModelSort.MultiplyAdds => rows.By(row => row.MultiplyAdds, down),
        };
        return sorted.ThenByDescending(row => row.Id).ToPageAsync(query.Page, query.Size, cancellation);
    }

    /// <summary>The models of some experiments as rows, in no order.</summary>
    public static IQueryable<ModelRow> Rows(StoreContext context, IQueryable<StoredExperiment> experiments) =>
        from model in context.Models
        join experiment in experiments on model.ExperimentId equals experiment.Id
        select new ModelRow
        {
            Id = model.Id,
            ExperimentId = model.ExperimentId,
            Experiment = experiment.Name,
            Name = model.Name,
            TrialNumber = model.TrialNumber,
            Genotype = model.Genotype,
            Dataset = experiment.Dataset,
            Space = experiment.Space,
            Strategy = experiment.Strategy,
            Task = model.Task,
            TestScore = model.TestScore,
            TestLoss = model.TestLoss,
            ParameterCount = model.ParameterCount,
            MultiplyAdds = model.MultiplyAdds,
            CreatedAt = model.CreatedAt,
        };
}
