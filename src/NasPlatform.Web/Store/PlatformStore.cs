using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace NasPlatform.Web.Store;

/// <summary>
/// The door to the database. Reading: <see cref="Open"/>. Changing: <see cref="WriteAsync"/>, one transaction a unit of work. SQLite has one writer at a time and
/// no fair queue, so writers of this process queue here; PostgreSQL has its own.
/// </summary>
public sealed class PlatformStore(IDbContextFactory<StoreContext> contexts, StoreOptions options, TimeProvider time) : IDisposable
{
    /// <summary>PostgreSQL tells listeners of this channel the id of each experiment in which something happened.</summary>
    public const string ChangeChannel = "nas_changes";

    /// <summary>PostgreSQL tells listeners of this channel when a job was put into the queue.</summary>
    public const string QueueChannel = "nas_queue";

    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Told after each commit in which something happened in an experiment, on the writer's thread: return at once.</summary>
    public event Action<Guid>? Changed;

    /// <summary>Another process has committed a change; tells those who listen here.</summary>
    public void Tell(Guid experimentId) => Changed?.Invoke(experimentId);

    public bool IsPostgres => options.IsPostgres;

    /// <summary>A context for reading, tracking nothing.</summary>
    public StoreContext Open()
    {
        var context = contexts.CreateDbContext();
        context.ChangeTracker.QueryTrackingBehavior = QueryTrackingBehavior.NoTracking;
        return context;
    }

    /// <summary>
    /// Runs a unit of work in one transaction and commits it. It may run again after a passing fault of the database, so it must do nothing but change the context.
    /// What it recorded by <see cref="StoreContext.Happened"/> gets its numbers within the transaction: they grow by one in the order of the commits.
    /// </summary>
    public async Task<T> WriteAsync<T>(Func<StoreContext, CancellationToken, Task<T>> change, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        if (!IsPostgres)
        {
            await _turn.WaitAsync(cancellation);
        }

        List<Guid> changed = [];
        T result;
        try
        {
            result = await context.Database.CreateExecutionStrategy().ExecuteAsync(
                async again =>
                {
                    context.ChangeTracker.Clear();
                    context.ForgetHappenings();
                    await using var transaction = await context.Database.BeginTransactionAsync(again);
                    var value = await change(context, again);
                    if (IsPostgres && context.ChangeTracker.Entries<StoredJob>().Any(job => job.State == EntityState.Added))
                    {
                        await context.Database.ExecuteSqlRawAsync($"NOTIFY {QueueChannel}", again);
                    }

                    await context.SaveChangesAsync(again);
                    changed = await NumberAsync(context, again);
                    await transaction.CommitAsync(again);
                    return value;
                },
                cancellation);
        }
        finally
        {
            if (!IsPostgres)
            {
                _turn.Release();
            }
        }

        changed.ForEach(Tell);

        return result;
    }

    public Task WriteAsync(Func<StoreContext, CancellationToken, Task> change, CancellationToken cancellation) =>
        WriteAsync(
            async (context, again) =>
            {
                await change(context, again);
                return true;
            },
            cancellation);

    public void Dispose() => _turn.Dispose();

    private async Task<List<Guid>> NumberAsync(StoreContext context, CancellationToken cancellation)
    {
        var byExperiment = context.Happenings.GroupBy(happening => happening.ExperimentId).OrderBy(group => group.Key).ToList();
        var now = time.GetUtcNow();
        foreach (var group in byExperiment)
        {
            // The update locks the experiment's row until the commit, so nobody sees a later number before an earlier one.
            var count = group.Count();
            await context.Experiments.Where(experiment => experiment.Id == group.Key)
                .ExecuteUpdateAsync(set => set.SetProperty(experiment => experiment.Sequence, experiment => experiment.Sequence + count), cancellation);
            var last = await context.Experiments.Where(experiment => experiment.Id == group.Key).Select(experiment => experiment.Sequence).SingleAsync(cancellation);
            context.Events.AddRange(group.Select((happening, place) => new StoredEvent
            {
                ExperimentId = group.Key,
                Sequence = last - count + 1 + place,
                At = now,
                Kind = happening.Kind,
                TrialNumber = happening.Trial,
                Text = happening.Text,
            }));
            if (IsPostgres)
            {
                await context.Database.ExecuteSqlAsync($"SELECT pg_notify({ChangeChannel}, {group.Key.ToString()})", cancellation);
            }
        }

        if (byExperiment.Count > 0)
        {
            await context.SaveChangesAsync(cancellation);
        }

        return [.. byExperiment.Select(group => group.Key)];
    }
}
