using NasPlatform.Search.Strategies;
using NasPlatform.Tests.Support;
using NasPlatform.Web;
using NasPlatform.Web.Commands;

namespace NasPlatform.Tests.Commands;

public sealed class NasProgramTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Commands => ["search", "dataset", "dataset add", "evaluate", "predict", "export", "inspect", "space", "strategy", "benchmark", "benchmark import", "benchmark query", "benchmark run", "benchmark compare", "benchmark locality", "bench"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Every_command_has_help_with_examples(string command)
    {
        var run = await NasRun.Of(_folder, [.. command.Split(' '), "--help"]);

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.Contains("Examples:", run.Output);
        Assert.Contains($"  nas {command} ", run.Output);
        Assert.All(run.Output[run.Output.IndexOf("Examples:", StringComparison.Ordinal)..].Split('\n'), line => Assert.InRange(line.Length, 0, 80));
    }

    [Theory]
    [InlineData("serch", "There is no command 'serch'. Did you mean 'search'?")]
    [InlineData("search --trails 3", "There is no option '--trails'. Did you mean '--trials'?")]
    [InlineData("search --trials many --dataset x", "--trials is 'many'; give a whole number.")]
    [InlineData("search --set layers --dataset x", "--set is 'layers'; give it as name=value, such as --set layers=4.")]
    [InlineData("search", "Give the dataset with --dataset; nas dataset list shows what there is.")]
    [InlineData("search --resume", "--resume goes on with the experiment in a folder; name it with --out.")]
    [InlineData("search --dataset x --flip --no-flip", "Give either --flip or --no-flip.")]
    [InlineData("space list all", "'all' is one argument too many.")]
    [InlineData("dataset", "Give a command after 'nas dataset'.")]
    public async Task A_wrong_command_line_says_what_is_wrong_with_it(string line, string message)
    {
        var run = await NasRun.Of(_folder, line.Split(' '));

        Assert.Equal(ExitCode.UsageError, run.ExitCode);
        Assert.StartsWith($"nas: {message}\n", run.Error);
    }

    [Fact]
    public async Task Without_a_command_the_help_is_shown_and_that_is_a_usage_error()
    {
        var run = await NasRun.Of(_folder, []);

        Assert.Equal(ExitCode.UsageError, run.ExitCode);
        Assert.Contains("search", run.Output);
        Assert.Contains("130  interrupted", run.Output);
    }

    [Theory]
    [InlineData("search --dataset fashion-minst", "There is no dataset 'fashion-minst'. Did you mean 'fashion-mnist'? Known: fashion-mnist.")]
    [InlineData("strategy show reinforse", "There is no strategy 'reinforse'. Did you mean 'reinforce'? Known: {strategies}.")]
    [InlineData("dataset remove nothing", "There is no dataset 'nothing'. There are none yet.")]
    public async Task An_unknown_name_is_answered_with_the_known_ones(string line, string message)
    {
        var run = await NasRun.Of(_folder, line.Split(' '));

        Assert.Equal(ExitCode.UserError, run.ExitCode);
        Assert.Equal($"nas: {message.Replace("{strategies}", string.Join(", ", StrategyCatalog.Names), StringComparison.Ordinal)}\n", run.Error);
    }

    [Fact]
    public async Task A_trace_is_shown_only_when_asked_for()
    {
        var brief = await NasRun.Of(_folder, ["dataset", "remove", "nothing"]);
        var verbose = await NasRun.Of(_folder, ["dataset", "remove", "nothing", "--verbose"]);

        Assert.DoesNotContain("   at ", brief.Error);
        Assert.Contains("   at ", verbose.Error);
    }

    [Fact]
    public void A_broken_settings_file_is_a_clear_error()
    {
        _folder.Write("appsettings.json", """{ "Datasets": { "Limits": { "MaxImageSides": 3 } } }""");

        var error = Assert.Throws<NasPlatform.Search.UserErrorException>(() => AppSettings.Read(_folder["appsettings.json"]));

        Assert.Contains("MaxImageSides", error.Message);
        Assert.Contains(_folder["appsettings.json"], error.Message);
    }
}
