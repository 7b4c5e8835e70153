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
    public async Task A_series_a_table_and_a_text_are_told_of_in_their_own_words()
    {
        _folder.Write("load.csv", "day,a,b\n" + string.Concat(Enumerable.Range(0, 100).Select(i => $"2026-{1 + (i / 28):00}-{1 + (i % 28):00},{i},{i % 7}\n")));
        _folder.Write("houses.csv", "rooms,town,price\n" + string.Concat(Enumerable.Range(0, 40).Select(i => $"{i % 6},{"uvw"[i % 3]},{1000 + (i * i)}.5\n")));
        _folder.Write("song.txt", string.Concat(Enumerable.Repeat("la la li\n", 50)));

        var load = await Run("dataset", "add", "load.csv", "--targets", "b", "--steps", "10", "--horizon", "2", "--rows", "60,20,10");
        var houses = await Run("dataset", "add", "houses.csv");
        var song = await Run("dataset", "add", "song.txt", "--characters", "--steps", "8", "--validation", "0.2");
        var listed = await Run("dataset", "list");
        var shownLoad = await Run("dataset", "show", "load");
        var shownHouses = await Run("dataset", "show", "houses");
        var shownSong = await Run("dataset", "show", "song");

        Assert.Equal(("", "", ""), (load.Error, houses.Error, song.Error));
        Assert.Contains("90 steps of 2 variables, 2 steps of 1 variable forecast from the 10 steps before: 60 train, 20 validation, 10 test.", load.Output.ReplaceLineEndings(" "));
        Assert.Contains("40 rows of 4 features, 'price' predicted: 32 train, 4 validation, 4 test.", houses.Lines);
        Assert.Contains("450 tokens of a vocabulary of 5 characters, 8 learnt from at once: 315 train, 90 validation, 45 test.", song.Output.ReplaceLineEndings(" "));
        Assert.All(new[] { "forecasting", "tabular regression", "language modelling" }, task => Assert.Contains(task, listed.Output));
        Assert.Contains(shownLoad.Lines, line => line.Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is ["b", "numbers, predicted", ..]);
        Assert.Contains(shownHouses.Lines, line => line.Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is ["town", "3 categories"]);
        Assert.Contains(shownSong.Lines, line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is ["0", "l", "105", "30", "15"]);
        Assert.DoesNotContain("image", load.Output + houses.Output + song.Output + shownLoad.Output + shownHouses.Output + shownSong.Output);
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
    [InlineData("--task everything", ExitCode.UsageError)]
    [InlineData("--rows 10,20", ExitCode.UsageError)]
    [InlineData("--rows 0,20,20", ExitCode.UsageError)]
    [InlineData("--steps 0", ExitCode.UserError)]
    [InlineData("--horizon 2000000", ExitCode.UserError)]
    [InlineData("--vocabulary 2", ExitCode.UserError)]
    [InlineData("--categories 0", ExitCode.UserError)]
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
