using NasPlatform.Tests.Support;
using NasPlatform.Web.Commands;

namespace NasPlatform.Tests.Commands;

public sealed class BenchmarkCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_table_is_imported_listed_queried_and_removed()
    {
        var empty = await Run("list");
        var import = await Import();
        var list = await Run("list");
        var query = await Run("query cells best --json");
        var shown = await Run("query cells best");
        var removal = await Run("remove cells");

        Assert.Contains("Not here: NAS-Bench-201", empty.Output);
        Assert.Equal(ExitCode.Done, import.ExitCode);
        Assert.StartsWith("cells: cells.csv, architectures of nasbench101. 91 architectures of space 'nasbench101' (all of its encodings), measured on cells.", import.Output);
        Assert.Contains(list.Lines, line => line.Contains("cells", StringComparison.Ordinal) && line.Contains("4, 108", StringComparison.Ordinal) && line.Contains(" all ", StringComparison.Ordinal));
        Assert.Equal(["", "1", "2", "3", "mean"], query.Json.Select(line => line.GetProperty("training").GetString()));
        Assert.Equal(0.91, query.Json[^1].GetProperty("test").GetDouble());
        Assert.Equal(27 * 91, query.Json[^1].GetProperty("seconds").GetDouble());
        Assert.Contains(shown.Lines, line => line.Contains("91.00 %", StringComparison.Ordinal) && line.Contains("40:57", StringComparison.Ordinal) && line.Contains("1,091", StringComparison.Ordinal));
        Assert.Contains("Also known: cells luck 0.", shown.Lines);
        Assert.Equal(ExitCode.Done, removal.ExitCode);
        Assert.Equal(empty.Output, (await Run("list")).Output);
    }

    [Fact]
    public async Task Runs_tell_the_chosen_and_the_regret_and_are_the_same_again()
    {
        await Import();

        var run = await Run("run cells --strategy evolution --queries 50 --seeds 8 --json");
        var again = await Run("run cells --strategy evolution --queries 50 --seeds 8 --json");
        var shown = await Run("run cells --strategy evolution --queries 50 --seeds 8 --workers 2");

        var json = Assert.Single(run.Json);
        Assert.Equal((8, 50, 0.91), (json.GetProperty("runs").GetInt32(), json.GetProperty("queries").GetInt32(), json.GetProperty("optimum").GetDouble()));
        Assert.Equal("10", json.GetProperty("strategySettings").GetProperty("population").GetString());
        Assert.InRange(json.GetProperty("mean").GetDouble(), 0.5, 0.91);
        Assert.Equal([1, 2, 5, 10, 20, 50], json.GetProperty("checkpoints").EnumerateArray().Select(point => point.GetProperty("query").GetInt32()));
        Assert.Equal(json.GetProperty("checkpoints").ToString(), Assert.Single(again.Json).GetProperty("checkpoints").ToString());
        Assert.StartsWith("evolution on cells, cells, 108 epochs: 8 runs of 50 queries on 2 simulated workers", shown.Output);
        Assert.Contains("The best of the table has 91.00 %", shown.Output);
    }

    [Fact]
    public async Task Strategies_are_compared_on_the_same_seeds_and_their_curves_written()
    {
        await Import();

        var compare = await Run("compare cells --strategies random,evolution --strategy-set evolution.population=20 --queries 30 --seeds 6 --csv curves.csv");

        Assert.Equal(ExitCode.Done, compare.ExitCode);
        Assert.Contains(compare.Lines, line => line.Contains("  random ", StringComparison.Ordinal));
        Assert.Contains(compare.Lines, line => line.Contains("  evolution ", StringComparison.Ordinal) && line.Contains('±'));
        var curves = await File.ReadAllLinesAsync(_folder["curves.csv"], TestContext.Current.CancellationToken);
        Assert.Equal("strategy,query,mean_seconds,regret_q1,regret_median,regret_q3", curves[0]);
        Assert.Equal(60, curves.Length - 1);

        // The same seeds: the first queries of both are drawn alike.
        Assert.Equal(curves[1]["random,".Length..], curves[31]["evolution,".Length..]);
    }

    [Fact]
    public async Task Locality_shows_autocorrelations_and_rank_correlations()
    {
        await Import();

        var locality = await Run("locality cells --steps 2000 --edits 4 --json");

        var json = Assert.Single(locality.Json);
        Assert.Equal(4, json.GetProperty("autocorrelations").GetArrayLength());
        var ranks = json.GetProperty("rankCorrelations").EnumerateArray().ToDictionary(rank => rank.GetProperty("figure").GetString()!, rank => rank.GetProperty("spearman").GetDouble()); // not null: all are named
        Assert.Equal(["validation after 4 epochs", "validation after 108 epochs", "parameters", "luck"], ranks.Keys);
        Assert.Equal(1, ranks["parameters"], 12);
        Assert.Contains("The noise band is ±", (await Run("locality cells --steps 2000")).Output);
    }

    [Theory]
    [InlineData("run cells --strategy evolushun", ExitCode.UserError, "There is no strategy 'evolushun'. Did you mean 'evolution'?")]
    [InlineData("run cells --strategy-set popluation=5 --strategy evolution", ExitCode.UserError, "Strategy 'evolution' has no setting 'popluation'.")]
    [InlineData("run cells --strategy random --strategy-set proxy=naswot --seeds 2", ExitCode.UserError, "'cells' has no naswot or nwot of cells, so nothing can be chosen by naswot; its figures are ")]
    [InlineData("run cells --dataset cifar10", ExitCode.UserError, "There is no dataset of 'cells' 'cifar10'.")]
    [InlineData("run cells --epochs 12", ExitCode.UserError, "Nothing was trained for 12 epochs on cells; the table has 4, 108.")]
    [InlineData("run cells --workers 0", ExitCode.UsageError, "--workers is 0; give 1 to 1000000.")]
    [InlineData("run cells --seconds 0", ExitCode.UsageError, "--seconds is 0; give more than 0.")]
    [InlineData("compare cells --strategies random --strategy-set population=5", ExitCode.UsageError, "--strategy-set is 'population=5'; write it as strategy.setting=value with one of random.")]
    [InlineData("compare cells --strategies ,", ExitCode.UsageError, "--strategies is empty; give names joined by commas.")]
    [InlineData("locality cells --edits 0", ExitCode.UsageError, "--edits is 0 and --steps 100000; give at least 1, and more steps than edits.")]
    [InlineData("run cell", ExitCode.UserError, "There is no benchmark 'cell'. Did you mean 'cells'? Known: cells.")]
    [InlineData("query cells 01/01", ExitCode.UserError, "Not a genotype of space 'nasbench101'")]
    [InlineData("import nothing.csv", ExitCode.UserError, "cannot be read")]
    public async Task A_mistake_is_told(string line, int exitCode, string message)
    {
        await Import();

        var run = await Run(line);

        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains(message, run.Error);
    }

    private Task<NasRun> Import()
    {
        _folder.Write("cells.csv", MadeUpBenchmark.Csv());
        return Run("import cells.csv --space nasbench101 --set vertices=4");
    }

    private Task<NasRun> Run(string line) => NasRun.Of(_folder, ["benchmark", .. line.Split(' ')]);
}
