using Microsoft.Extensions.Logging.Abstractions;
using NasPlatform.Search;
using NasPlatform.Tests.Support;
using NasPlatform.Web;
using NasPlatform.Web.Benchmarks;

namespace NasPlatform.Tests.Benchmarks;

public sealed class CalculationsTests : IDisposable
{
    private const string Id = "0123456789abcdef0123";

    private readonly TemporaryFolder _folder = new();
    private readonly Calculations _calculations;

    public CalculationsTests() => _calculations = New();

    public void Dispose()
    {
        _calculations.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task An_answer_is_kept_for_the_next_server()
    {
        var calculation = _calculations.Start("cells", Id, (share, _) =>
        {
            share(0.5);
            return new Answer(double.NaN, "yes");
        });
        await EndAsync(calculation);

        using var next = New();
        Assert.Equal((CalculationState.Completed, null), (calculation.State, _calculations.Find(Id)));
        Assert.Equal("yes", next.Read<Answer>("cells", Id)?.Text);
        Assert.Equal(double.NaN, next.Read<Answer>("cells", Id)?.Number);
        Assert.Null(next.Read<Answer>("others", Id));
        next.Forget("cells");
        Assert.Null(next.Read<Answer>("cells", Id));
    }

    [Fact]
    public async Task What_is_asked_for_twice_is_calculated_once_and_one_thing_at_a_time()
    {
        using var go = new ManualResetEventSlim();
        var first = _calculations.Start("cells", Id, (_, stop) => Wait(go, stop));
        var again = _calculations.Start("cells", Id, (_, stop) => Wait(go, stop));
        var next = _calculations.Start("cells", "abcd", (_, _) => new Answer(1, ""));

        Assert.Same(first, again);
        Assert.Equal(CalculationState.Waiting, next.State);
        go.Set();
        await EndAsync(next);
        Assert.Equal(CalculationState.Completed, first.State);
    }

    [Fact]
    public async Task What_is_stopped_or_fails_keeps_nothing_and_says_why()
    {
        using var never = new ManualResetEventSlim();
        var stopped = _calculations.Start("cells", Id, (_, stop) => Wait(never, stop));
        stopped.Cancel();
        await EndAsync(stopped);
        var failed = _calculations.Start<Answer>("cells", "abcd", (_, _) => throw new UserErrorException("No times."));
        await EndAsync(failed);

        Assert.Equal(CalculationState.Cancelled, _calculations.Find(Id)?.State);
        Assert.Equal((CalculationState.Failed, "No times."), (failed.State, failed.Problem));
        Assert.Null(_calculations.Read<Answer>("cells", Id));
    }

    private static Answer Wait(ManualResetEventSlim go, CancellationToken stop)
    {
        go.Wait(stop);
        return new(0, "");
    }

    private static async Task EndAsync(Calculation calculation)
    {
        while (calculation.IsGoingOn)
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    private Calculations New() => new(new DataFolders(_folder["data"]), TimeProvider.System, NullLogger<Calculations>.Instance);

    private sealed record Answer(double Number, string Text);
}
