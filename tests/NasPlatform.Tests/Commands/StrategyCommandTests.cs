using NasPlatform.Tests.Support;
using NasPlatform.Web.Commands;

namespace NasPlatform.Tests.Commands;

public sealed class StrategyCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_demonstration_tells_how_many_ones_there_are_batch_by_batch()
    {
        var shown = await Run("strategy demo --batches 20");
        var json = await Run("strategy demo --batches 20 --json");
        var evolution = await Run("strategy demo evolution --batches 60");

        Assert.StartsWith("batch     1 ", shown.Lines[0]);
        Assert.Equal(20, shown.Lines.Count(line => line.StartsWith("batch", StringComparison.Ordinal)));
        Assert.Contains("by chance it is 2.0, with its cap on logits at most 18.9 on average.", shown.Output);
        Assert.Equal(20, json.Json.Count);
        Assert.InRange(json.Json[0].GetProperty("ones").GetDouble(), 0.5, 4);
        Assert.True(json.Json[0].GetProperty("diagnostics").GetProperty("entropy").GetDouble() > 0);
        Assert.Contains("by chance it is 2.0.", evolution.Output);
    }

    [Theory]
    [InlineData("strategy demo --batches 0", ExitCode.UsageError, "--batches is 0; give 1 to 100000.")]
    [InlineData("strategy demo nothing", ExitCode.UserError, "There is no strategy 'nothing'")]
    [InlineData("strategy demo --strategy-set policy=none", ExitCode.UserError, "it must be one of controller, generator")]
    public async Task What_cannot_be_shown_is_one_error(string arguments, int exitCode, string message)
    {
        var run = await Run(arguments);

        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains(message, run.Error);
    }

    private Task<NasRun> Run(string arguments) => NasRun.Of(_folder, arguments.Split(' '));
}
