using Microsoft.EntityFrameworkCore;
using NasPlatform.Search.Experiments;
using NasPlatform.Tests.Support;
using NasPlatform.Web;
using NasPlatform.Web.Accounts;
using NasPlatform.Web.Artifacts;
using NasPlatform.Web.Datasets;
using NasPlatform.Web.Experiments;
using NasPlatform.Web.Jobs;
using NasPlatform.Web.Store;

namespace NasPlatform.Tests.Jobs;

/// <summary>Servers, workers, runners and databases that die or freeze in the middle of a search: the experiment completes, and the store's invariants hold.</summary>
[Collection(Alone.Name)]
public sealed class KillTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<NasProcess> _processes = [];
    private PlatformStore? _store;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private PlatformStore Store => _store!; // not null: each test begins with it

    /// <summary>Two dozen trials of a second or so, two side by side.</summary>
    private static ExperimentSpec Spec => PlatformFixture.TinySpec() with
    {
        Budget = new(Trials: 16),
        Fidelity = new(Epochs: 60),
        Parallelism = 2,
        Threads = 2,
        FinalEpochs = 40,
    };

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            await process.DisposeAsync();
        }

        _store?.Dispose();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_server_that_was_killed_goes_on_after_its_restart_and_its_runners_end_with_it()
    {
        var server = await ServeAsync(null);
        var id = await BeginAsync();
        await WaitAsync(id, experiment => experiment.EndedCount >= 3);
        var runners = server.Runners();

        server.Kill();
        await EndedAsync(runners);
        await ServeAsync(null);

        await CompletesAsync(id);
        Assert.NotEmpty(runners);
    }

    [Fact]
    public async Task A_runner_that_was_killed_in_its_supernet_goes_on_from_the_last_epoch()
    {
        var server = await ServeAsync(null);
        var id = await BeginAsync(TinySupernet.Darts(1, ("epochs", "8"), ("batch", "8")) with { FinalEpochs = 1 });
        await WaitAsync(id, experiment => experiment.SearchSeconds > 0);

        NasProcess.Signal(server.Runners()[^1], "-KILL");
        await CompletesAsync(id, trials: 1);

        await using var context = Store.Open();
        var epochs = (await context.SupernetEpochs.Where(epoch => epoch.ExperimentId == id).ToListAsync(Cancellation)).ConvertAll(epoch => epoch.Read());
        Assert.Equal(Enumerable.Range(1, 8), epochs.Select(epoch => epoch.Epoch).Order());
        Assert.Equal(epochs.Select(epoch => epoch.Seconds).Order(), epochs.OrderBy(epoch => epoch.Epoch).Select(epoch => epoch.Seconds));
    }

    [Theory]
    [InlineData(JobKind.Search)]
    [InlineData(JobKind.Trial)]
    public async Task A_runner_that_was_killed_fails_one_attempt(JobKind kind)
    {
        var server = await ServeAsync(null);
        var id = await BeginAsync();
        await WaitAsync(id, experiment => experiment.EndedCount >= 2);

        // The first runner is the search's. One that trains may be between two trials, where its death costs nothing: then another's turn comes.
        do
        {
            var runners = server.Runners();
            NasProcess.Signal(kind == JobKind.Search ? runners[0] : runners[^1], "-KILL");
            await Task.Delay(TimeSpan.FromSeconds(1), Cancellation);
        }
        while (!await HasCrashedAsync());

        await CompletesAsync(id);
        await using var context = Store.Open();
        var crashed = await context.Attempts.Where(attempt => attempt.Outcome == AttemptOutcome.Crashed).ToListAsync(Cancellation);
        Assert.Contains("killed", Assert.Single(crashed).Reason, StringComparison.Ordinal);
        Assert.Equal(kind, await context.Jobs.Where(job => job.Id == crashed[0].JobId).Select(job => job.Kind).SingleAsync(Cancellation));
    }

    [Fact]
    public async Task Of_two_workers_the_other_takes_over_when_one_is_killed()
    {
        var postgres = await (await PostgresServer.RequireAsync()).CreateDatabaseAsync();
        await WorkAsync(postgres);
        await WorkAsync(postgres);
        var id = await BeginAsync();
        await WaitAsync(id, experiment => experiment.EndedCount >= 3);

        (await SearcherAsync(id)).Kill();

        await CompletesAsync(id);
    }

    [Fact]
    public async Task A_worker_that_was_frozen_for_longer_than_its_lease_writes_nothing_when_it_thaws()
    {
        var postgres = await (await PostgresServer.RequireAsync()).CreateDatabaseAsync();
        await WorkAsync(postgres);
        await WorkAsync(postgres);
        var id = await BeginAsync();
        await WaitAsync(id, experiment => experiment.EndedCount >= 3);
        var frozen = await SearcherAsync(id);

        frozen.Freeze();
        await WaitAsync(id, async context => await context.Attempts.AnyAsync(attempt => attempt.Outcome == AttemptOutcome.Lost, Cancellation), 600);
        await Task.Delay(TimeSpan.FromSeconds(3), Cancellation);
        frozen.Thaw();

        await CompletesAsync(id);
    }

    [Theory]
    [InlineData(60)]
    public async Task A_database_that_is_away_is_waited_for(int seconds)
    {
        await using var database = await PostgresServer.RequireOwnAsync();
        var postgres = await database.CreateDatabaseAsync();
        await ServeAsync(postgres);
        var id = await BeginAsync();
        await WaitAsync(id, experiment => experiment.EndedCount >= 3);

        database.Stop();
        await Task.Delay(TimeSpan.FromSeconds(seconds), Cancellation);
        database.Start();

        await CompletesAsync(id);
    }

    private Task<NasProcess> ServeAsync(string? postgres) => StartAsync(postgres, "serve", "--local", "--urls", "http://127.0.0.1:0");

    private Task<NasProcess> WorkAsync(string postgres) => StartAsync(postgres, "worker");

    private async Task<NasProcess> StartAsync(string? postgres, params string[] arguments)
    {
        if (_store is null)
        {
            TinyDataset.Open(_folder.Path).Dispose();
            var options = new StoreOptions(postgres, _folder["data/nas.db"]);
            _store = new(new StoreFixture.Factory(options), options, TimeProvider.System);
        }

        var process = await NasProcess.StartAsync(_folder["data"], postgres, arguments);
        _processes.Add(process);
        return process;
    }

    private Task<Guid> BeginAsync(ExperimentSpec? spec = null) =>
        new ExperimentActions(Store, new QueueSignal(), new DataFolders(_folder["data"]), TimeProvider.System).StartAsync(Caller.Program, spec ?? Spec, null, Visibility.Team, null, Cancellation);

    private Task<StoredExperiment> WaitAsync(Guid id, Predicate<StoredExperiment> isThere) => ExperimentWatch.WaitAsync(Store, id, isThere, 600);

    private async Task WaitAsync(Guid id, Func<StoreContext, Task<bool>> isThere, int seconds)
    {
        var started = TimeProvider.System.GetTimestamp();
        await using var context = Store.Open();
        while (!await isThere(context))
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started).TotalSeconds < seconds, $"It did not come to that in {seconds} s.\n{await ExperimentWatch.LogAsync(context, id)}");
            await Task.Delay(100, Cancellation);
        }
    }

    private async Task CompletesAsync(Guid id, int trials = 16)
    {
        await ExperimentWatch.WaitAsync(Store, id, experiment => experiment.State is ExperimentState.Completed or ExperimentState.Failed, 600);
        await using var context = Store.Open();
        var experiment = await context.Experiments.SingleAsync(experiment => experiment.Id == id, Cancellation);
        var log = $"{await ExperimentWatch.LogAsync(context, id)}\n{string.Join("\n---\n", _processes.Select(process => process.Output))}";
        TestContext.Current.AddAttachment("log", log);
        Assert.True(experiment.State == ExperimentState.Completed, log);
        Assert.Equal((trials, trials), (experiment.TrialCount, experiment.EndedCount));
        await new PlatformInvariants(context, new ArtifactStore(_folder["data/artifacts"])).CheckAsync();
    }

    private async Task<bool> HasCrashedAsync()
    {
        await using var context = Store.Open();
        return await context.Attempts.AnyAsync(attempt => attempt.Outcome == AttemptOutcome.Crashed, Cancellation);
    }

    /// <summary>The process that holds the search.</summary>
    private async Task<NasProcess> SearcherAsync(Guid id)
    {
        await using var context = Store.Open();
        var owner = await context.Jobs.Where(job => job.ExperimentId == id && job.Kind == JobKind.Search).Select(job => job.Owner).SingleAsync(Cancellation);
        return Assert.Single(_processes, process => owner!.Contains($"-{process.Id}-", StringComparison.Ordinal)); // not null: it runs
    }

    private static async Task EndedAsync(int[] processes)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (processes.Any(NasProcess.Lives))
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started).TotalSeconds < 120, "Runners live on after their server.");
            await Task.Delay(50, Cancellation);
        }
    }
}
