using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using NasPlatform.Web.Accounts;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Jobs;

/// <summary>What waits and runs, and who works.</summary>
/// <param name="Jobs">Those of what the caller sees; running ones first, then in the order of the queue.</param>
/// <param name="Hidden">Jobs of what the caller does not see.</param>
/// <param name="Nodes">Processes that take jobs and were heard of within the last minute.</param>
internal sealed record QueueList(IReadOnlyList<JobRow> Jobs, int Hidden, IReadOnlyList<NodeRow> Nodes)
{
    /// <summary>Jobs that are listed at most.</summary>
    private const int MostJobs = 500;

    public static async Task<QueueList> LoadAsync(StoreContext context, Caller caller, CancellationToken cancellation)
    {
        var live = context.Jobs.Where(job => job.State == JobState.Waiting || job.State == JobState.Running);
        var (experiments, datasets) = (context.Experiments.VisibleTo(caller), context.Datasets.VisibleTo(caller));
        var visible = live.Where(job =>
            (job.ExperimentId != null && experiments.Any(experiment => experiment.Id == job.ExperimentId)) || (job.DatasetId != null && datasets.Any(dataset => dataset.Id == job.DatasetId)));
        var jobs = await (
            from job in visible
            orderby job.State == JobState.Running descending, job.Id
            select new JobRow(
                job.Id,
                job.Kind,
                job.Group,
                job.State,
                job.ExperimentId,
                context.Experiments.Where(experiment => experiment.Id == job.ExperimentId).Select(experiment => experiment.Name).FirstOrDefault(),
                job.TrialNumber,
                context.Datasets.Where(dataset => dataset.Id == job.DatasetId).Select(dataset => dataset.Name).FirstOrDefault(),
                job.Owner,
                job.AttemptCount,
                job.Reason,
                job.CreatedAt,
                job.Progress)).Take(MostJobs).ToListAsync(cancellation);
        var hidden = await live.CountAsync(cancellation) - await visible.CountAsync(cancellation);
        var nodes = await context.Nodes.OrderBy(node => node.Machine).ThenBy(node => node.StartedAt)
            .Select(node => new NodeRow(
                node.Id, node.Machine, node.Groups, node.Slots, node.StartedAt, (StoreContext.NowMs() - node.SeenAt) / 1000.0, context.Jobs.Count(job => job.Owner == node.Id && job.State == JobState.Running)))
            .ToListAsync(cancellation);
        return new(jobs, hidden, nodes);
    }
}

/// <summary>A job that waits or runs.</summary>
/// <param name="Group">Which nodes may take it.</param>
/// <param name="Experiment">The experiment's name.</param>
/// <param name="Dataset">The dataset's name, for one that takes it in.</param>
/// <param name="Node">The node that works on it.</param>
/// <param name="Reason">Why it waits again.</param>
internal sealed record JobRow(
    Guid Id,
    JobKind Kind,
    string Group,
    JobState State,
    Guid? ExperimentId,
    string? Experiment,
    int? Trial,
    string? Dataset,
    string? Node,
    int AttemptCount,
    string? Reason,
    DateTimeOffset CreatedAt,
    [property: JsonIgnore] string? ProgressJson)
{
    /// <summary>How far it has come: a <c>TrainingProgress</c> or an <c>IngestProgress</c>; null before it said so.</summary>
    public JsonElement? Progress => ProgressJson is null ? null : JsonDocument.Parse(ProgressJson).RootElement;
}

/// <summary>A process that takes jobs.</summary>
/// <param name="Groups">The groups it serves, separated by spaces.</param>
/// <param name="Slots">Threads that its runners may use at once.</param>
/// <param name="SeenSecondsAgo">When it was last heard of.</param>
/// <param name="Running">Jobs that it works on.</param>
internal sealed record NodeRow(string Id, string Machine, string Groups, int Slots, DateTimeOffset StartedAt, double SeenSecondsAgo, int Running);
