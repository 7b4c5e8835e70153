using NasPlatform.Tests.Support;
using NasPlatform.Web.Commands;

namespace NasPlatform.Tests.Commands;

public sealed class DatasetCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_dataset_is_added_listed_shown_and_removed()
    {
        TinyDataset.WriteIdx(_folder["idx"]);

        var added = await Run("dataset", "add", "idx", "--name", "bars", "--validation", "0.25");
        var listed = await Run("dataset", "list");
        var shown = await Run("dataset", "show", "bars");
        var json = await Run("dataset", "show", "bars", "--json");
        var removed = await Run("dataset", "remove", "bars", "--yes");

        Assert.Equal((ExitCode.Done, ""), (added.ExitCode, added.Error));
        Assert.StartsWith("Added 'bars'", added.Lines[0]);
        Assert.Contains("320 images of 8 x 8, grey, 4 classes: 180 train, 60 validation, 80 test.", added.Lines);
        Assert.Contains(listed.Lines, line => line.Contains("bars", StringComparison.Ordinal) && line.Contains("8 x 8, grey", StringComparison.Ordinal) && line.Contains("180", StringComparison.Ordinal));
        Assert.Contains(shown.Lines, line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is ["3", "3", "45", "15", "20"]);
        Assert.Equal("crop", Assert.Single(json.Json).GetProperty("fit").GetString());
        Assert.Equal(["Removed 'bars'."], removed.Lines);
        Assert.DoesNotContain("bars", (await Run("dataset", "list")).Output);
    }

    [Fact]
    public async Task Nothing_is_removed_unless_somebody_says_so()
    {
        TinyDataset.WriteIdx(_folder["idx"]);
        await Run("dataset", "add", "idx", "--name", "bars");

        var run = await Run("dataset", "remove", "bars");

        Assert.Equal(ExitCode.UserError, run.ExitCode);
        Assert.Contains("--yes", run.Error);
        Assert.Contains("bars", (await Run("dataset", "list")).Output);
    }

    [Fact]
    public async Task A_name_that_is_taken_is_refused_unless_it_is_to_be_replaced()
    {
        TinyDataset.WriteIdx(_folder["idx"]);
        await Run("dataset", "add", "idx", "--name", "bars");

        var refused = await Run("dataset", "add", "idx", "--name", "bars");
        var replaced = await Run("dataset", "add", "idx", "--name", "bars", "--replace", "--size", "4x6", "--channels", "3", "--fit", "stretch", "--json");

        Assert.Equal(ExitCode.UserError, refused.ExitCode);
        var report = Assert.Single(replaced.Json);
        Assert.Equal((3, 4, 6), (report.GetProperty("channels").GetInt32(), report.GetProperty("height").GetInt32(), report.GetProperty("width").GetInt32()));
    }

    [Theory]
    [InlineData("--size 0x3", ExitCode.UsageError)]
    [InlineData("--size 5000", ExitCode.UserError)]
    [InlineData("--fit zoom", ExitCode.UsageError)]
    [InlineData("--channels 2", ExitCode.UserError)]
    [InlineData("--validation 0.7 --test 0.7", ExitCode.UserError)]
    [InlineData("--name ../bars", ExitCode.UserError)]
    public async Task Options_out_of_range_are_refused(string options, int exitCode)
    {
        TinyDataset.WriteIdx(_folder["idx"]);

        var run = await Run(["dataset", "add", "idx", .. options.Split(' ')]);

        Assert.Equal(exitCode, run.ExitCode);
        Assert.StartsWith("nas: ", run.Error);
        Assert.Empty(run.Output);
    }

    [Fact]
    public async Task A_path_that_is_not_there_is_named()
    {
        var run = await Run("dataset", "add", "nowhere");

        Assert.Equal(ExitCode.UserError, run.ExitCode);
        Assert.Contains(_folder["nowhere"], run.Error);
    }

    private Task<NasRun> Run(params string[] arguments) => NasRun.Of(_folder, arguments);
}
