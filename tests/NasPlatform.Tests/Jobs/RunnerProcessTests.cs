using NasPlatform.Search.Experiments;
using NasPlatform.Search.Spaces;
using NasPlatform.Tests.Support;
using NasPlatform.Web.Jobs.Runners;
using NasPlatform.Web.Store;

namespace NasPlatform.Tests.Jobs;

/// <summary>Runners as real child processes, treated badly: what they did not finish fails with its reason.</summary>
public sealed class RunnerProcessTests : IDisposable
{
    private static readonly RunnerLimits Limits = new() { Bytes = 8L << 30, WatchInterval = TimeSpan.FromMilliseconds(100) };

    private readonly TemporaryFolder _folder = new();

    public RunnerProcessTests() => TinyDataset.Open(_folder.Path).Dispose();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static RunnerOrder.RunSearch Search => new(PlatformFixture.TinySpec(), []);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task One_that_grows_too_large_is_ended_for_its_memory()
    {
        await using var runner = Start(Limits with { Bytes = 1 << 20 });

        var failure = await FailureAsync(runner);

        Assert.Equal(AttemptOutcome.OutOfMemory, failure.Outcome);
        Assert.Contains("more than the 0.0 GB that it may", failure.Message, StringComparison.Ordinal);
        Assert.False(runner.IsUsable);
    }

    [Fact]
    public async Task One_that_is_silent_for_too_long_is_ended_for_that()
    {
        await using var runner = Start(Limits with { Silence = TimeSpan.FromSeconds(5) });
        NasProcess.Signal(runner.ProcessId, "-STOP");

        var failure = await FailureAsync(runner);

        Assert.Equal((AttemptOutcome.TimedOut, "The runner did not answer for 5 s and was ended."), (failure.Outcome, failure.Message));
    }

    [Fact]
    public async Task One_that_does_not_stop_when_it_is_told_to_is_ended()
    {
        await using var runner = Start(Limits with { StopPatience = TimeSpan.FromSeconds(1) });
        using var stop = new CancellationTokenSource();
        NasProcess.Signal(runner.ProcessId, "-STOP");
        stop.CancelAfter(TimeSpan.FromMilliseconds(200));

        Assert.Equal(AttemptOutcome.Cancelled, (await FailureAsync(runner, stop.Token)).Outcome);
    }

    [Fact]
    public async Task One_that_stops_in_time_is_used_again()
    {
        await using var runner = Start(Limits);
        using var stop = new CancellationTokenSource();

        var said = new List<RunnerMessage>();
        await foreach (var message in runner.WorkAsync(Search, stop.Token))
        {
            said.Add(message);
            if (message is RunnerMessage.Keep)
            {
                // The search waits for its first trial to be kept: now it is told to stop.
                await stop.CancelAsync();
                runner.Send(new RunnerOrder.Kept());
            }
        }

        Assert.IsType<RunnerMessage.Stopped>(said[^1]);
        Assert.True(runner.IsUsable);
        await foreach (var message in runner.WorkAsync(Trial(), Cancellation))
        {
            said.Add(message);
        }

        Assert.IsType<RunnerMessage.TrialEnded>(said[^1]);
    }

    [Fact]
    public async Task One_whose_work_was_left_is_not_given_other_work()
    {
        await using var runner = Start(Limits);

        await foreach (var message in runner.WorkAsync(Search, Cancellation))
        {
            break;
        }

        Assert.False(runner.IsUsable);
    }

    private RunnerProcess Start(RunnerLimits limits) => RunnerProcess.Start(_folder["data"], limits, TimeProvider.System);

    private static async Task<RunnerFailureException> FailureAsync(RunnerProcess runner, CancellationToken? stop = null) => await Assert.ThrowsAsync<RunnerFailureException>(async () =>
    {
        await foreach (var message in runner.WorkAsync(Trial(), stop ?? Cancellation))
        {
            if (message.IsLast)
            {
                break;
            }
        }
    });

    private static RunnerOrder.TryArchitecture Trial()
    {
        var spec = PlatformFixture.TinySpec();
        var space = SearchSpaceCatalog.Create(spec.Space, spec.SpaceSettings);
        var genotype = space.Sample(new(1));
        return new(spec, new()
        {
            Number = 1,
            Genotype = space.Format(genotype),
            Decisions = genotype.ToDictionary(),
            Key = space.Key(genotype).Value,
            State = TrialState.Running,
            ProposedAt = TimeProvider.System.GetUtcNow(),
        }, "none");
    }
}
