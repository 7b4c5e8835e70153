using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using NasPlatform.Search.Evaluation;
using NasPlatform.Tests.Support;
using NasPlatform.Web.Jobs;
using NasPlatform.Web.Store;
using NasPlatform.Web.Trials;

namespace NasPlatform.Tests.Contracts;

/// <summary>What is true of the store on every database.</summary>
public abstract class StoreContract(TestDatabase database)
{
    [Fact]
    public async Task The_migrated_schema_is_the_models()
    {
        await using var migrated = await StoreFixture.CreateAsync(database);
        await using var made = await StoreFixture.CreateAsync(database, isMigrated: false);

        Assert.Equal(await SchemaAsync(made), await SchemaAsync(migrated));
    }

    [Fact]
    public async Task Preparing_a_database_twice_changes_nothing()
    {
        await using var fixture = await StoreFixture.CreateAsync(database);
        var before = await SchemaAsync(fixture);

        await StoreSetup.PrepareAsync(fixture.Contexts, fixture.Options, TestContext.Current.CancellationToken);

        Assert.Equal(before, await SchemaAsync(fixture));
    }

    [Fact]
    public async Task Sequence_numbers_have_no_gaps_when_many_write_at_once()
    {
        const int Writers = 6, Writes = 15;
        await using var fixture = await StoreFixture.CreateAsync(database);
        Guid[] experiments = [await fixture.AddExperimentAsync(), await fixture.AddExperimentAsync()];

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            var store = fixture.Another();
            for (var write = 0; write < Writes; write++)
            {
                await store.WriteAsync(
                    async (context, again) =>
                    {
                        var experiment = experiments[(writer + write) % 2];
                        await context.LockExperimentAsync(experiment, again);
                        context.Happened(experiment, EventKind.Changed, $"{writer} {write} first");
                        context.Happened(experiment, EventKind.Changed, $"{writer} {write} second");
                    },
                    TestContext.Current.CancellationToken);
            }
        })));

        await using var context = fixture.Store.Open();
        foreach (var id in experiments)
        {
            var events = await context.Events.Where(happened => happened.ExperimentId == id).OrderBy(happened => happened.Sequence).ToListAsync(TestContext.Current.CancellationToken);
            Assert.Equal(Enumerable.Range(1, Writers * Writes).Select(number => (long)number), events.Select(happened => happened.Sequence));
            Assert.All(events.Chunk(2), pair => Assert.Equal(pair[0].Text.Replace("first", "second", StringComparison.Ordinal), pair[1].Text));
        }
    }

    [Fact]
    public async Task What_one_unit_of_work_counts_no_other_changes_meanwhile()
    {
        const int Writers = 5, Writes = 10;
        await using var fixture = await StoreFixture.CreateAsync(database);
        var id = await fixture.AddExperimentAsync();

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => Task.Run(async () =>
        {
            var store = fixture.Another();
            for (var write = 0; write < Writes; write++)
            {
                await store.WriteAsync(async (context, again) => (await context.LockExperimentAsync(id, again))!.EndedCount++, TestContext.Current.CancellationToken);
            }
        })));

        await using var context = fixture.Store.Open();
        Assert.Equal(Writers * Writes, await context.Experiments.Where(experiment => experiment.Id == id).Select(experiment => experiment.EndedCount).SingleAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_change_is_told_after_its_commit_and_one_that_failed_is_not()
    {
        await using var fixture = await StoreFixture.CreateAsync(database);
        var id = await fixture.AddExperimentAsync();
        List<Guid> told = [];
        fixture.Store.Changed += told.Add;

        await fixture.Store.WriteAsync((context, _) => Happen(context), TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<InvalidOperationException>(() => fixture.Store.WriteAsync(
            async (context, _) =>
            {
                await Happen(context);
                throw new InvalidOperationException("no");
            },
            TestContext.Current.CancellationToken));

        Assert.Equal([id], told);
        await using var context = fixture.Store.Open();
        Assert.Equal(1, await context.Events.CountAsync(TestContext.Current.CancellationToken));

        Task Happen(StoreContext context)
        {
            context.Happened(id, EventKind.Changed, "It happened.");
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task Numbers_that_are_not_finite_are_stored_by_name()
    {
        await using var fixture = await StoreFixture.CreateAsync(database);
        var id = await fixture.AddExperimentAsync();
        double[] numbers = [double.NaN, double.PositiveInfinity, double.NegativeInfinity, 0.5];

        await fixture.Store.WriteAsync(
            (context, _) =>
            {
                context.MetricPoints.AddRange(numbers.Select((number, place) => Spool.Point(id, 1, 1, new EpochResult(place + 1, number, 0.5, number, 1))));
                return Task.CompletedTask;
            },
            TestContext.Current.CancellationToken);

        await using var context = fixture.Store.Open();
        var points = await context.MetricPoints.OrderBy(point => point.Epoch).ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal([NonFinite.NaN, NonFinite.PositiveInfinity, NonFinite.NegativeInfinity, null], points.Select(point => point.LossNonFinite));
        Assert.Equal([null, null, null, 0.5], points.Select(point => point.TrainLoss));
    }

    /// <summary>An attempt that went on from a checkpoint goes on with its predecessor's curve; one that began anew has its own.</summary>
    [Fact]
    public async Task A_curve_is_that_of_the_last_attempt_and_of_what_it_went_on_from()
    {
        await using var fixture = await StoreFixture.CreateAsync(database);
        var id = await fixture.AddExperimentAsync();
        await fixture.Store.WriteAsync(
            (context, _) =>
            {
                (int Trial, long Token, int Epoch)[] points = [(0, 1, 1), (0, 1, 2), (0, 1, 3), (0, 4, 3), (0, 4, 4), (7, 2, 1), (7, 2, 2), (7, 2, 3), (7, 3, 1), (7, 3, 2)];
                context.MetricPoints.AddRange(points.Select(point => Spool.Point(id, point.Trial, point.Token, new(point.Epoch, point.Token, null, null, 1, [2.5, 1.25]))));
                return Task.CompletedTask;
            },
            TestContext.Current.CancellationToken);

        await using var context = fixture.Store.Open();
        var curve = await CurvePoint.ReadAsync(context.MetricPoints.Where(point => point.ExperimentId == id), TestContext.Current.CancellationToken);

        (int, int, double?)[] expected = [(0, 1, 1), (0, 2, 1), (0, 3, 4), (0, 4, 4), (7, 1, 3), (7, 2, 3)];
        Assert.Equal(expected, curve.Select(point => (point.Trial, point.Epoch, point.TrainLoss)));
        Assert.All(curve, point => Assert.Equal([2.5, 1.25], point.TrainLosses));
    }

    [Fact]
    public async Task Of_many_that_claim_a_job_one_gets_it()
    {
        await using var fixture = await StoreFixture.CreateAsync(database);
        var job = await AddJobAsync(fixture);

        var leases = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Queue(fixture).ClaimAsync(job, TestContext.Current.CancellationToken))));

        Assert.Equal(1, Assert.Single(leases, lease => lease is not null)?.Token);
    }

    [Fact]
    public async Task A_stale_token_writes_nothing()
    {
        await using var fixture = await StoreFixture.CreateAsync(database);
        var job = await AddJobAsync(fixture);
        var (old, current) = (Queue(fixture), Queue(fixture));
        var stale = await ClaimAsync(old, job);
        await fixture.Store.WriteAsync(
            (context, again) => JobQueue.TryAgainAsync(context, stale, AttemptOutcome.Lost, "The node is gone.", TimeProvider.System.GetUtcNow(), again), TestContext.Current.CancellationToken);
        var lease = await ClaimAsync(current, job);

        Assert.Equal((1, 2), (stale.Token, lease.Token));
        Assert.False(await old.RenewAsync(stale, TestContext.Current.CancellationToken));
        Assert.True(await current.RenewAsync(lease, TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<LeaseLostException>(() => old.WriteAsync(stale, (context, experiment, _) =>
        {
            experiment.Name = "by the stale one";
            return Task.CompletedTask;
        }));
        await Assert.ThrowsAsync<LeaseLostException>(() => fixture.Store.WriteAsync(
            (context, again) => JobQueue.EndAsync(context, stale, JobState.Completed, AttemptOutcome.Completed, null, TimeProvider.System.GetUtcNow(), again), TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<LeaseLostException>(() => fixture.Store.WriteAsync(
            (context, again) => JobQueue.TryAgainAsync(context, stale, AttemptOutcome.Failed, "no", TimeProvider.System.GetUtcNow(), again), TestContext.Current.CancellationToken));
        await old.ReportAsync(stale, "a word");

        await using var context = fixture.Store.Open();
        var row = await context.Jobs.SingleAsync(TestContext.Current.CancellationToken);
        Assert.Equal((JobState.Running, 2, null, 0), (row.State, row.Token, row.Progress, row.FailureCount));
        Assert.Equal("test", (await context.Experiments.SingleAsync(TestContext.Current.CancellationToken)).Name);
        Assert.Equal([AttemptOutcome.Lost, null], await context.Attempts.OrderBy(attempt => attempt.Token).Select(attempt => attempt.Outcome).ToListAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_lease_is_judged_by_the_databases_clock()
    {
        await using var fixture = await StoreFixture.CreateAsync(database);
        var job = await AddJobAsync(fixture);
        var queue = new JobQueue(fixture.Store, NodeIdentity.New([], 1), Options(TimeSpan.FromSeconds(5)), new YearsAhead(), Microsoft.Extensions.Logging.Abstractions.NullLogger<JobQueue>.Instance);
        await ClaimAsync(queue, job);

        Assert.False(await IsOverdueAsync());
        await Task.Delay(5100, TestContext.Current.CancellationToken);
        Assert.True(await IsOverdueAsync());

        async Task<bool> IsOverdueAsync()
        {
            await using var context = fixture.Store.Open();
            return await context.Jobs.AnyAsync(row => row.LeaseUntil < StoreContext.NowMs(), TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task A_job_that_failed_waits_before_it_is_tried_again_and_is_given_up_after_three_failures()
    {
        await using var fixture = await StoreFixture.CreateAsync(database);
        var job = await AddJobAsync(fixture);
        var queue = Queue(fixture);

        Assert.True(await FailAsync());
        Assert.Null(await queue.ClaimAsync(job, TestContext.Current.CancellationToken));
        await HurryAsync();
        Assert.True(await FailAsync());
        await HurryAsync();
        Assert.False(await FailAsync());

        await using var context = fixture.Store.Open();
        Assert.Equal((JobState.Failed, "It crashed."), await context.Jobs.Select(row => new ValueTuple<JobState, string?>(row.State, row.Reason)).SingleAsync(TestContext.Current.CancellationToken));

        async Task<bool> FailAsync()
        {
            var lease = await ClaimAsync(queue, job);
            return await fixture.Store.WriteAsync(
                (context, again) => JobQueue.TryAgainAsync(context, lease, AttemptOutcome.Crashed, "It crashed.", TimeProvider.System.GetUtcNow(), again), TestContext.Current.CancellationToken);
        }

        Task HurryAsync() => fixture.Store.WriteAsync(
            (context, again) => context.Jobs.ExecuteUpdateAsync(set => set.SetProperty(row => row.NotBefore, 0), again), TestContext.Current.CancellationToken);
    }

    private static WorkerOptions Options(TimeSpan lease) => WorkerOptions.OfThisMachine() with { Lease = lease };

    private static JobQueue Queue(StoreFixture fixture) => new(
        fixture.Another(), NodeIdentity.New([], 1), Options(TimeSpan.FromSeconds(20)), TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger<JobQueue>.Instance);

    private static async Task<JobLease> ClaimAsync(JobQueue queue, Guid job)
    {
        var lease = await queue.ClaimAsync(job, TestContext.Current.CancellationToken);
        Assert.NotNull(lease);
        return lease;
    }

    private static async Task<Guid> AddJobAsync(StoreFixture fixture)
    {
        var id = await fixture.AddExperimentAsync();
        await fixture.Store.WriteAsync(
            (context, again) => ExperimentFlow.EnqueueAsync(context, id, JobKind.Search, null, JobGroups.Search, TimeProvider.System.GetUtcNow(), again), TestContext.Current.CancellationToken);
        await using var context = fixture.Store.Open();
        return await context.Jobs.Select(job => job.Id).SingleAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>The schema as the database describes it, one line a thing.</summary>
    /// <summary>Columns, indices and constraints; the columns' order, in which later migrations differ from the model, is of no account.</summary>
    private static async Task<List<string>> SchemaAsync(StoreFixture fixture)
    {
        await using var context = fixture.Store.Open();
        await context.Database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var command = context.Database.GetDbConnection().CreateCommand();
        command.CommandText = fixture.Options.IsPostgres
            ? """
              SELECT 'column', table_name || '.' || column_name, data_type || coalesce(character_maximum_length::text, '') || is_nullable || coalesce(column_default, '') || is_identity || coalesce(identity_generation, '')
                FROM information_schema.columns WHERE table_schema = 'public'
              UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
              UNION ALL SELECT 'constraint', conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
              ORDER BY 1, 2, 3
              """
            : """
              SELECT 'column', t.name || '.' || c.name, c.type || c."notnull" || coalesce(c.dflt_value, '') || c.pk FROM sqlite_master t JOIN pragma_table_xinfo(t.name) c WHERE t.type = 'table'
              UNION ALL SELECT 'index', i.name, coalesce(i.sql, i.tbl_name) FROM sqlite_master i WHERE i.type = 'index'
              UNION ALL SELECT 'constraint', t.name || '.' || k."from", k."table" || coalesce(k."to", '') || k.on_update || k.on_delete || k.seq FROM sqlite_master t JOIN pragma_foreign_key_list(t.name) k WHERE t.type = 'table'
              UNION ALL SELECT 'autoincrement', t.name, instr(t.sql, 'AUTOINCREMENT') > 0 FROM sqlite_master t WHERE t.type = 'table'
              ORDER BY 1, 2, 3
              """;
        var lines = new List<string>();
        await using DbDataReader reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            lines.Add($"{reader.GetString(0)} {reader.GetString(1)}: {reader.GetValue(2)}");
        }

        return [.. lines.Where(line => !line.Contains("__EF", StringComparison.Ordinal))];
    }

    private sealed class YearsAhead : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddYears(3);
    }
}
