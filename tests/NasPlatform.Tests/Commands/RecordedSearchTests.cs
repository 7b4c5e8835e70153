using Microsoft.EntityFrameworkCore;
using NasPlatform.Tests.Support;
using NasPlatform.Web;
using NasPlatform.Web.Commands;
using NasPlatform.Web.Jobs;
using NasPlatform.Web.Store;

namespace NasPlatform.Tests.Commands;

/// <summary>Searches in the terminal are in the platform's store, and what is wanted of them there is done.</summary>
public sealed class RecordedSearchTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    public RecordedSearchTests() => TinyDataset.Open(_folder.Path).Dispose();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_search_leaves_in_the_store_all_that_the_platform_s_own_leave()
    {
        var search = await SearchAsync("run", "--trials", "3", "--final-epochs", "2");

        Assert.Equal((ExitCode.Done, ""), (search.ExitCode, search.Error));
        await using var local = await OpenAsync();
        await using var context = local.Store.Open();
        var experiment = await context.Experiments.SingleAsync(_cancellation);
        Assert.Equal((ExperimentState.Completed, Origin.Terminal, 3, 3), (experiment.State, experiment.Origin, experiment.TrialCount, experiment.EndedCount));
        Assert.InRange(experiment.TestScore ?? 0, 0.1, 1);
        var trials = await context.Trials.OrderBy(trial => trial.Number).ToListAsync(_cancellation);
        Assert.Equal([1, 2, 3], trials.Select(trial => trial.Number));
        Assert.All(trials, trial => Assert.NotNull(trial.ToldAt));
        Assert.All(trials, trial => Assert.NotEmpty(trial.ReadDecisions()));
        Assert.All(trials, trial => Assert.NotEmpty(trial.ReadDiagnostics()));
        var points = await context.MetricPoints.ToListAsync(_cancellation);
        Assert.Equal([1, 2], points.Where(point => point.TrialNumber == 0).Select(point => point.Epoch).Order());
        Assert.All(trials.Where(trial => trial.ReusedFromTrial is null), trial => Assert.Single(points, point => point.TrialNumber == trial.Number));
        var sequence = await context.Events.OrderBy(happened => happened.Sequence).Select(happened => happened.Sequence).ToListAsync(_cancellation);
        Assert.Equal(Enumerable.Range(1, sequence.Count).Select(number => (long)number), sequence);
        var model = await context.Models.SingleAsync(_cancellation);
        Assert.Contains("model.onnx", await context.Artifacts.Where(file => file.ModelId == model.Id).Select(file => file.FileName).ToListAsync(_cancellation));
        Assert.False(await context.Jobs.AnyAsync(job => job.State == JobState.Running || job.State == JobState.Waiting, _cancellation));
        Assert.False(await context.Attempts.AnyAsync(attempt => attempt.EndedAt == null, _cancellation));
        Assert.Equal("textures", await context.Datasets.Select(dataset => dataset.Name).SingleAsync(_cancellation));

        var download = await RunAsync("experiment", "download", experiment.Name, "--out", "files");
        Assert.Equal(ExitCode.Done, download.ExitCode);
        Assert.Equal(await File.ReadAllBytesAsync(_folder["run/model/model.onnx"], _cancellation), await File.ReadAllBytesAsync(_folder["files/model.onnx"], _cancellation));
    }

    [Fact]
    public async Task A_pause_from_elsewhere_stops_it_cleanly_and_it_is_resumed_in_the_same_rows()
    {
        var running = SearchAsync("run", "--trials", "10", "--final-epochs", "1", "--epochs", "150");
        await UntilAsync(experiment => experiment is { EndedCount: >= 1 });

        var pause = await RunAsync("experiment", "pause", "textures, chain, reinforce");
        var search = await running;

        Assert.Equal((ExitCode.Done, ExitCode.Interrupted), (pause.ExitCode, search.ExitCode));
        Assert.Contains("from the browser", search.Error, StringComparison.Ordinal);
        var paused = await UntilAsync(_ => true);
        Assert.Equal(ExperimentState.Paused, paused.State);

        var resumed = await RunAsync("search", "--resume", "--out", "run");
        var completed = await UntilAsync(_ => true);

        Assert.Equal((ExitCode.Done, ""), (resumed.ExitCode, resumed.Error));
        Assert.Equal((paused.Id, ExperimentState.Completed), (completed.Id, completed.State));
        Assert.InRange(paused.EndedCount, 1, 9);
        Assert.Equal((10, 10), (completed.TrialCount, completed.EndedCount));
    }

    [Fact]
    public async Task Finish_from_elsewhere_ends_the_search_and_trains_the_best()
    {
        var running = SearchAsync("run", "--trials", "500", "--final-epochs", "1");
        await UntilAsync(experiment => experiment is { EndedCount: >= 1 });

        await RunAsync("experiment", "finish", "textures, chain, reinforce");
        var search = await running;

        Assert.Equal((ExitCode.Done, ""), (search.ExitCode, search.Error));
        var experiment = await UntilAsync(_ => true);
        Assert.Equal((ExperimentState.Completed, Wish.Run), (experiment.State, experiment.Wish));
        Assert.InRange(experiment.EndedCount, 1, 499);
    }

    [Fact]
    public async Task When_the_terminal_died_the_experiment_is_paused_and_says_why()
    {
        var experiment = Stored.Experiment("orphan", ExperimentState.Searching);
        await using (var local = await OpenAsync())
        {
            await local.Store.WriteAsync(
                async (context, again) =>
                {
                    context.Experiments.Add(experiment);
                    await context.SaveChangesAsync(again);
                    context.Trials.Add(new() { ExperimentId = experiment.Id, Number = 1, Genotype = "g", Decisions = "{}", Key = "k", State = StoredTrialState.Running, ProposedAt = experiment.CreatedAt });
                    context.Jobs.Add(new()
                    {
                        Id = Guid.NewGuid(),
                        Kind = JobKind.Search,
                        Group = TerminalSearches.Group,
                        ExperimentId = experiment.Id,
                        State = JobState.Running,
                        Owner = "terminal-gone-1",
                        LeaseUntil = 1,
                        CreatedAt = experiment.CreatedAt,
                    });
                },
                _cancellation);
        }

        var show = await RunAsync("experiment", "show", "orphan");

        Assert.Contains("paused: The terminal that ran it has ended.", show.Output, StringComparison.Ordinal);
        await using var after = await OpenAsync();
        await using var context = after.Store.Open();
        Assert.Equal(StoredTrialState.Cancelled, (await context.Trials.SingleAsync(_cancellation)).State);
        Assert.Equal(JobState.Cancelled, (await context.Jobs.SingleAsync(_cancellation)).State);
    }

    [Fact]
    public async Task A_database_that_cannot_be_used_costs_the_search_nothing_but_a_warning()
    {
        Directory.CreateDirectory(_folder["data/nas.db"]);

        var search = await SearchAsync("run", "--trials", "2", "--final-epochs", "1");

        Assert.Equal(ExitCode.Done, search.ExitCode);
        Assert.Single(search.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("Everything is in run.", search.Error, StringComparison.Ordinal);
        Assert.True(File.Exists(_folder["run/model/model.onnx"]));
    }

    private Task<NasRun> SearchAsync(string run, params string[] more) => RunAsync(
    [
        "search", "--dataset", "textures", "--set", "layers=2", "--set", "strides=1,2", "--set", "filters=8,16", "--batch-size", "32", "--threads", "1", "--parallel", "1",
        "--out", run, .. more,
    ]);

    private Task<NasRun> RunAsync(params string[] arguments) => NasRun.Of(_folder, arguments);

    private Task<LocalStore> OpenAsync() =>
        LocalStore.OpenAsync(AppSettings.Load(_folder.Path, name => name == "NAS_DATA" ? _folder["data"] : null), _cancellation);

    private async Task<StoredExperiment> UntilAsync(Predicate<StoredExperiment> isThere)
    {
        await using var local = await OpenAsync();
        for (var tries = 0; tries < 6000; tries++)
        {
            await using var context = local.Store.Open();
            if (await context.Experiments.SingleOrDefaultAsync(_cancellation) is { } experiment && isThere(experiment))
            {
                return experiment;
            }

            await Task.Delay(100, _cancellation);
        }

        throw new TimeoutException("The experiment did not come that far.");
    }
}
