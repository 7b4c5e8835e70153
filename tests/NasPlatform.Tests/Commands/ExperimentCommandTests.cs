using NasPlatform.Tests.Support;
using NasPlatform.Web.Commands;

namespace NasPlatform.Tests.Commands;

/// <summary><c>nas experiment</c> and <c>nas dataset</c> on the platform's store, while no server runs.</summary>
public sealed class ExperimentCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ExperimentCommandTests() => TinyDataset.Open(_folder.Path).Dispose();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_experiment_is_started_shown_steered_and_deleted()
    {
        var started = await RunAsync("experiment", "start", "--dataset", "textures", "--trials", "4", "--threads", "1", "--name", "mine", "--json");
        var id = Assert.Single(started.Json).GetProperty("id").GetGuid();
        var end = id.ToString("N")[^8..];

        var listed = Assert.Single((await RunAsync("experiment", "list", "--json")).Json);
        var extended = await RunAsync("experiment", "extend", end, "--trials", "2");
        var paused = await RunAsync("experiment", "pause", "mine");
        var again = await RunAsync("experiment", "pause", "mine");
        var shown = await RunAsync("experiment", "show", id.ToString());
        var watched = await RunAsync("experiment", "watch", "mine", "--json");
        var unasked = await RunAsync("experiment", "delete", "mine");
        var deleted = await RunAsync("experiment", "delete", "mine", "--yes");
        var gone = await RunAsync("experiment", "show", "mine");

        Assert.Equal(("mine", "waiting"), (listed.GetProperty("name").GetString(), listed.GetProperty("state").GetString()));
        Assert.All([extended, paused, shown, watched, deleted], run => Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error)));
        Assert.All([again, unasked, gone], run => Assert.Equal(ExitCode.UserError, run.ExitCode));
        Assert.Contains("already", again.Error, StringComparison.Ordinal);
        Assert.Contains("paused", shown.Output, StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(1, watched.Json.Count), watched.Json.Select(told => told.GetProperty("sequence").GetInt32()));
    }

    [Fact]
    public async Task Datasets_of_the_terminal_are_in_the_store_for_as_long_as_they_are_there()
    {
        Directory.CreateDirectory(_folder["photos/a"]);
        Directory.CreateDirectory(_folder["photos/b"]);
        for (var number = 0; number < 12; number++)
        {
            var pixels = new byte[3 * 8 * 8];
            Random.Shared.NextBytes(pixels);
            TinyPng.Write(_folder[$"photos/{(number % 2 == 0 ? "a" : "b")}/{number}.png"], 3, 8, 8, pixels);
        }

        var added = await RunAsync("dataset", "add", "photos");
        var started = await RunAsync("experiment", "start", "--dataset", "photos", "--trials", "1", "--name", "needs it");
        var needed = await RunAsync("dataset", "remove", "photos", "--yes");
        var cancelled = await RunAsync("experiment", "cancel", "needs it");
        var removed = await RunAsync("dataset", "remove", "photos", "--yes");

        Assert.All([added, started, cancelled, removed], run => Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error)));
        Assert.Equal(ExitCode.UserError, needed.ExitCode);
        Assert.Contains("'needs it' needs it now", needed.Error, StringComparison.Ordinal);
    }

    private Task<NasRun> RunAsync(params string[] arguments) => NasRun.Of(_folder, arguments);
}
