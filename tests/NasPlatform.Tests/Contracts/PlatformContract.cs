using Microsoft.EntityFrameworkCore;
using NasPlatform.Search.Datasets;
using NasPlatform.Search.Experiments;
using NasPlatform.Search.Export;
using NasPlatform.Search.Export.Onnx;
using NasPlatform.Tests.Support;
using NasPlatform.Web.Accounts;
using NasPlatform.Web.Experiments;
using NasPlatform.Web.Store;

namespace NasPlatform.Tests.Contracts;

/// <summary>What is true of the platform on every database: experiments from start to end, and what people do with them meanwhile. The invariants are checked after each.</summary>
public abstract class PlatformContract(SharedPlatform shared, TestDatabase database) : IAsyncLifetime
{
    private PlatformFixture? _platform;

    private PlatformFixture Platform => _platform!; // not null: set before each test

    private ExperimentActions Actions => Platform.Experiments;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _platform = await shared.GetAsync(database);

    public async ValueTask DisposeAsync()
    {
        if (_platform is not null)
        {
            await PlatformInvariants.CheckAsync(Platform);
        }

        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task An_experiment_goes_from_start_to_a_certified_model_and_tries_what_the_terminal_would()
    {
        var id = await Platform.BeginAsync();
        var experiment = await Platform.WaitForAsync(id, ExperimentState.Completed);

        Assert.Equal((4, 4, 2), (experiment.TrialCount, experiment.EndedCount, experiment.FinalEpochs));
        await using var context = Platform.Store.Open();
        var model = await context.Models.SingleAsync(model => model.ExperimentId == id, Cancellation);
        Assert.Equal(experiment.TestScore, model.TestScore);
        Assert.NotEqual(Parity.Differs, ParityCertificate.FromJson(model.Parity).Parity);
        var files = await context.Artifacts.Where(artifact => artifact.ModelId == model.Id).Select(artifact => artifact.FileName).ToListAsync(Cancellation);
        Assert.Subset(files.ToHashSet(), new HashSet<string> { "model.onnx", "model.py", "model.safetensors", "architecture.json", "README.md" });
        Assert.Equal(await InTerminalAsync(PlatformFixture.TinySpec()), await TrialsAsync(id));
        Assert.False(Directory.Exists(Path.Join(Platform.DataFolder, "experiments", id.ToString("N"))));
    }

    [Fact]
    public async Task A_supernet_is_trained_first_and_what_it_found_is_tried_as_the_terminal_would()
    {
        var spec = TinySupernet.Darts() with { Budget = new(Trials: 20) };
        var id = await Platform.BeginAsync(spec);
        var experiment = await Platform.WaitForAsync(id, ExperimentState.Completed);

        Assert.Equal((1, 1), (experiment.TrialCount, experiment.EndedCount));
        await using var context = Platform.Store.Open();
        var epochs = (await context.SupernetEpochs.Where(epoch => epoch.ExperimentId == id).OrderBy(epoch => epoch.Epoch).ToListAsync(Cancellation)).ConvertAll(epoch => epoch.Read());
        Assert.Equal([1, 2, 3], epochs.Select(epoch => epoch.Epoch));
        Assert.Equal([epochs[^1].Genotype], experiment.ReadDerived());
        Assert.True(experiment.SearchSeconds >= epochs[^1].Seconds);
        Assert.Equal(4, await context.Events.CountAsync(happened => happened.ExperimentId == id && happened.Kind == EventKind.SupernetLearned, Cancellation));
        Assert.Equal(await InTerminalAsync(spec), await TrialsAsync(id));
        using var client = Platform.CreateClient();
        var page = await client.GetStringAsync(new Uri($"/experiments/{id}", UriKind.Relative), Cancellation);
        Assert.Contains("What the supernet has learned", page, StringComparison.Ordinal);
        Assert.Contains("reduction/node2/edge1", page, StringComparison.Ordinal);

        await Actions.DeleteAsync(Caller.Program, id, Cancellation);
        Assert.False(await context.SupernetEpochs.AnyAsync(epoch => epoch.ExperimentId == id, Cancellation));
    }

    [Fact]
    public async Task A_search_with_trials_side_by_side_tries_the_same_whatever_ends_first()
    {
        var spec = PlatformFixture.TinySpec() with { Parallelism = 2, Threads = 2, Budget = new(Trials: 8), FinalEpochs = 0, Strategy = "evolution" };
        var (first, second) = (await Platform.BeginAsync(spec), await Platform.BeginAsync(spec));

        await Platform.WaitForAsync(first, ExperimentState.Completed);
        await Platform.WaitForAsync(second, ExperimentState.Completed);

        Assert.Equal(await TrialsAsync(first), await TrialsAsync(second));
    }

    [Fact]
    public async Task A_paused_search_goes_on_as_it_would_have_gone()
    {
        var spec = PlatformFixture.TinySpec() with { Budget = new(Trials: 14), FinalEpochs = 0 };
        var whole = await Platform.BeginAsync(spec);
        await Platform.WaitForAsync(whole, ExperimentState.Completed);
        var id = await Platform.BeginAsync(spec);
        await Platform.WaitAsync(id, experiment => experiment.EndedCount >= 2);

        await Actions.PauseAsync(Caller.Program, id, Cancellation);
        var paused = await Platform.WaitForAsync(id, ExperimentState.Paused);
        await PlatformInvariants.CheckAsync(Platform);
        await Actions.ResumeAsync(Caller.Program, id, Cancellation);
        await Platform.WaitForAsync(id, ExperimentState.Completed);

        Assert.InRange(paused.EndedCount, 2, 13);
        Assert.Equal(await TrialsAsync(whole), await TrialsAsync(id));
    }

    [Fact]
    public async Task A_cancelled_experiment_keeps_what_was_found_and_can_be_resumed()
    {
        var id = await Platform.BeginAsync(PlatformFixture.TinySpec() with { Budget = new(Trials: 14), FinalEpochs = 0 });
        await Platform.WaitAsync(id, experiment => experiment.EndedCount >= 1);

        await Actions.CancelAsync(Caller.Program, id, Cancellation);
        var cancelled = await Platform.WaitForAsync(id, ExperimentState.Cancelled);
        Assert.NotNull(cancelled.EndedAt);
        Assert.NotNull(cancelled.BestTrial);
        await Assert.ThrowsAsync<RefusedException>(() => Actions.PauseAsync(Caller.Program, id, Cancellation));

        await Actions.ResumeAsync(Caller.Program, id, Cancellation);
        Assert.Equal(14, (await Platform.WaitForAsync(id, ExperimentState.Completed)).EndedCount);
    }

    [Fact]
    public async Task A_search_is_finished_early_and_its_best_is_trained_in_full()
    {
        var id = await Platform.BeginAsync(PlatformFixture.TinySpec() with { Budget = new(Trials: 10_000) });
        await Platform.WaitAsync(id, experiment => experiment.EndedCount >= 2);

        await Actions.FinishAsync(Caller.Program, id, Cancellation);
        var experiment = await Platform.WaitForAsync(id, ExperimentState.Completed);

        Assert.InRange(experiment.EndedCount, 2, 1000);
        Assert.NotNull(experiment.TestScore);
    }

    [Fact]
    public async Task Trials_and_time_can_be_added_while_it_runs_and_after_it_has_ended()
    {
        var id = await Platform.BeginAsync(PlatformFixture.TinySpec() with { Budget = new(Trials: 3) });
        await Platform.WaitAsync(id, experiment => experiment.TrialCount >= 1);

        await Actions.ExtendAsync(Caller.Program, id, trials: 3, minutes: null, Cancellation);
        Assert.Equal(6, (await Platform.WaitForAsync(id, ExperimentState.Completed)).EndedCount);

        await Actions.ExtendAsync(Caller.Program, id, trials: 2, minutes: null, Cancellation);
        Assert.Equal(8, (await Platform.WaitForAsync(id, ExperimentState.Completed)).EndedCount);

        await Actions.ExtendAsync(Caller.Program, id, trials: null, minutes: 60, Cancellation);
        await Platform.WaitAsync(id, experiment => experiment.EndedCount >= 9);
        await Actions.FinishAsync(Caller.Program, id, Cancellation);
        var experiment = await Platform.WaitForAsync(id, ExperimentState.Completed);
        Assert.InRange(experiment.EndedCount, 9, 10_000);
        await using var context = Platform.Store.Open();
        Assert.Equal(3, await context.Models.CountAsync(model => model.ExperimentId == id, Cancellation));
    }

    [Fact]
    public async Task Trials_added_to_a_search_that_time_had_ended_are_tried()
    {
        var id = await Platform.BeginAsync(PlatformFixture.TinySpec() with { Budget = new(Trials: null, Minutes: 0.04), FinalEpochs = 0 });
        var before = await Platform.WaitForAsync(id, ExperimentState.Completed);

        await Actions.ExtendAsync(Caller.Program, id, trials: 20, minutes: null, Cancellation);
        var after = await Platform.WaitForAsync(id, ExperimentState.Completed);

        Assert.True(after.EndedCount > before.EndedCount, $"{before.EndedCount} and then {after.EndedCount}");
    }

    [Fact]
    public async Task Deleting_an_experiment_that_runs_leaves_nothing()
    {
        var id = await Platform.BeginAsync(PlatformFixture.TinySpec() with { Budget = new(Trials: 10_000) });
        await Platform.WaitAsync(id, experiment => experiment.EndedCount >= 1);

        await Actions.DeleteAsync(Caller.Program, id, Cancellation);
        await Task.Delay(1500, Cancellation);

        await using var context = Platform.Store.Open();
        Assert.Equal(0, await context.Experiments.CountAsync(row => row.Id == id, Cancellation));
        Assert.Equal(0, await context.Trials.CountAsync(row => row.ExperimentId == id, Cancellation));
        Assert.Equal(0, await context.MetricPoints.CountAsync(row => row.ExperimentId == id, Cancellation));
        Assert.Equal(0, await context.Events.CountAsync(row => row.ExperimentId == id, Cancellation));
        Assert.Equal(0, await context.Jobs.CountAsync(row => row.ExperimentId == id, Cancellation));
        Assert.Equal(0, await context.Attempts.CountAsync(row => !context.Jobs.Any(job => job.Id == row.JobId), Cancellation));
    }

    [Fact]
    public async Task A_server_that_is_stopped_goes_on_after_its_restart()
    {
        var spec = PlatformFixture.TinySpec() with { Budget = new(Trials: 30) };
        var id = await Platform.BeginAsync(spec);
        await Platform.WaitAsync(id, experiment => experiment.EndedCount >= 3);

        await Platform.RestartAsync();
        var experiment = await Platform.WaitForAsync(id, ExperimentState.Completed);

        Assert.Equal(30, experiment.EndedCount);
        Assert.Equal(await InTerminalAsync(spec), await TrialsAsync(id));
    }

    [Fact]
    public async Task Health_says_that_it_can_work()
    {
        using var client = Platform.CreateClient();

        Assert.Equal(System.Net.HttpStatusCode.OK, (await client.GetAsync("/health/live", Cancellation)).StatusCode);
        var ready = await client.GetAsync("/health/ready", Cancellation);
        var text = await ready.Content.ReadAsStringAsync(Cancellation);
        Assert.True(ready.IsSuccessStatusCode, text);
        Assert.Contains("\"database\":\"healthy\"", text, StringComparison.Ordinal);
        Assert.Contains("scheduler", text, StringComparison.Ordinal);
    }

    private async Task<List<(string Genotype, double? Score)>> TrialsAsync(Guid id)
    {
        await using var context = Platform.Store.Open();
        var trials = await context.Trials.Where(trial => trial.ExperimentId == id).OrderBy(trial => trial.Number).ToListAsync(Cancellation);
        return trials.ConvertAll(trial => (trial.Genotype, trial.Score));
    }

    /// <summary>The trials of the same spec in <see cref="ExperimentRunner"/>, in this process.</summary>
    private async Task<List<(string Genotype, double? Score)>> InTerminalAsync(ExperimentSpec spec)
    {
        using var output = new TemporaryFolder();
        using var dataset = new DatasetCatalog(Platform.DataFolder, TimeProvider.System).Open("textures", cancellation: Cancellation);
        using var folder = ExperimentFolder.Create(output["run"], spec with { FinalEpochs = 0 });
        await new ExperimentRunner(folder, dataset, new ParityCheck(output.Path, TimeProvider.System), new Progress<ExperimentEvent>(), TimeProvider.System).RunAsync(Cancellation);
        return [.. folder.Trials.Values.Select(trial => (trial.Genotype, trial.Evaluation?.Score))];
    }
}
