using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using NasPlatform.Search.Evaluation;
using NasPlatform.Tests.Support;
using NasPlatform.Web.Jobs;
using NasPlatform.Web.Store;

namespace NasPlatform.Tests.Jobs;

/// <summary>What a process found and did not get into the database before it died.</summary>
public sealed class SpoolTests : IAsyncLifetime
{
    private static readonly Evaluation Found = new() { Outcome = Outcome.Completed, Score = 0.75, BestOfLastFive = 0.75, Loss = double.NaN };

    private readonly TemporaryFolder _folder = new();
    private StoreFixture? _fixture;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private StoreFixture Fixture => _fixture!; // not null: set before each test

    public async ValueTask InitializeAsync() => _fixture = await StoreFixture.CreateAsync(TestDatabase.Sqlite);

    public async ValueTask DisposeAsync()
    {
        await Fixture.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Is_brought_in_by_the_next_process_while_its_token_is_good()
    {
        var (spool, queue) = Open();
        var lease = await ClaimAsync(queue);
        Write(spool, lease);

        Assert.Equal(1, await spool.ReplayAsync(Cancellation));

        await using var context = Fixture.Store.Open();
        var trial = await context.Trials.SingleAsync(Cancellation);
        Assert.Equal((StoredTrialState.Completed, 0.75, null, NonFinite.NaN), (trial.State, trial.Score, trial.Loss, trial.LossNonFinite));
        Assert.Equal([1, 2], await context.MetricPoints.OrderBy(point => point.Epoch).Select(point => point.Epoch).ToListAsync(Cancellation));
        Assert.Equal(JobState.Completed, await context.Jobs.Select(job => job.State).SingleAsync(Cancellation));
        Assert.Empty(Directory.GetFiles(_folder["spool"]));
        Assert.Equal(0, await spool.ReplayAsync(Cancellation));
    }

    [Fact]
    public async Task Is_dropped_when_another_attempt_has_begun()
    {
        var (spool, queue) = Open();
        var lease = await ClaimAsync(queue);
        Write(spool, lease);
        await Fixture.Store.WriteAsync((context, again) => JobQueue.TryAgainAsync(context, lease, AttemptOutcome.Lost, "gone", TimeProvider.System.GetUtcNow(), again), Cancellation);
        await queue.ClaimAsync(lease.JobId, Cancellation);

        Assert.Equal(0, await spool.ReplayAsync(Cancellation));

        await using var context = Fixture.Store.Open();
        Assert.Equal(0, await context.MetricPoints.CountAsync(Cancellation));
        Assert.Equal(StoredTrialState.Waiting, await context.Trials.Select(trial => trial.State).SingleAsync(Cancellation));
        Assert.Empty(Directory.GetFiles(_folder["spool"]));
    }

    [Fact]
    public async Task A_line_that_was_cut_off_is_passed_over()
    {
        var (spool, queue) = Open();
        var lease = await ClaimAsync(queue);
        Write(spool, lease);
        var path = Assert.Single(Directory.GetFiles(_folder["spool"]));
        var text = await File.ReadAllTextAsync(path, Cancellation);
        await File.WriteAllTextAsync(path, text[..^20], Cancellation);

        await spool.ReplayAsync(Cancellation);

        await using var context = Fixture.Store.Open();
        Assert.Equal(2, await context.MetricPoints.CountAsync(Cancellation));
        Assert.Equal(JobState.Running, await context.Jobs.Select(job => job.State).SingleAsync(Cancellation));
    }

    [Fact]
    public async Task A_file_of_a_living_process_is_left_alone()
    {
        var (spool, queue) = Open();
        using var living = spool.Begin(await ClaimAsync(queue));

        Assert.Equal(0, await spool.ReplayAsync(Cancellation));
        Assert.Single(Directory.GetFiles(_folder["spool"]));
    }

    private static void Write(Spool spool, JobLease lease)
    {
        using var file = spool.Begin(lease);
        file.Add(new(Epoch: new(1, 0.9, 0.5, 0.8, 1)));
        file.Add(new(Epoch: new(2, 0.7, 0.75, double.PositiveInfinity, 2)));
        file.Add(new(Evaluation: Found));
    }

    private (Spool Spool, JobQueue Queue) Open()
    {
        var queue = new JobQueue(Fixture.Store, NodeIdentity.New([], 1), WorkerOptions.OfThisMachine(), TimeProvider.System, NullLogger<JobQueue>.Instance);
        return (new(_folder["spool"], Fixture.Store, queue, TimeProvider.System), queue);
    }

    private async Task<JobLease> ClaimAsync(JobQueue queue)
    {
        var id = await Fixture.AddExperimentAsync();
        await Fixture.Store.WriteAsync(
            async (context, again) =>
            {
                context.Trials.Add(new() { ExperimentId = id, Number = 1, Genotype = "g", Decisions = "{}", Key = "k", State = StoredTrialState.Waiting, ProposedAt = TimeProvider.System.GetUtcNow() });
                await ExperimentFlow.EnqueueAsync(context, id, JobKind.Trial, 1, JobGroups.Cpu, TimeProvider.System.GetUtcNow(), again);
            },
            Cancellation);
        await using var context = Fixture.Store.Open();
        var lease = await queue.ClaimAsync(await context.Jobs.Select(job => job.Id).SingleAsync(Cancellation), Cancellation);
        Assert.NotNull(lease);
        return lease;
    }
}
