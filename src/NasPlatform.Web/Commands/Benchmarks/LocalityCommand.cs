using System.CommandLine;
using System.Globalization;
using NasPlatform.Search.Benchmarks;

namespace NasPlatform.Web.Commands.Benchmarks;

/// <summary><c>nas benchmark locality</c>: what a table tells of its space without searching it.</summary>
internal static class LocalityCommand
{
    public static Command Create(Terminal terminal)
    {
        var name = BenchmarkCommand.Name();
        var dataset = BenchmarkCommand.DatasetOption();
        var steps = Options.Whole("--steps", "n", "Architectures that the walk visits (default 100000)");
        var edits = Options.Whole("--edits", "n", "The largest distance (default 12)");
        var seed = Options.Seed("Of the walk (default 1)");
        var json = Options.Json();
        var command = new DocumentedCommand("locality", "Shows how alike close architectures are, and what ranks them as training does", """
            Autocorrelation of accuracy along random walks by single edits, by the number of edits;
            within the noise band it is not to be told from none. Then rank correlations (Spearman)
            with the accuracy after the most epochs: of fewer epochs, and of every other figure.

            Examples:
              nas benchmark locality nasbench201
              nas benchmark locality nasbench201 --dataset cifar100 --edits 8 --json
            """)
        {
            name, dataset, steps, edits, seed, json,
        };
        command.SetAction((parsed, cancellation) =>
        {
            var table = BenchmarkCommand.Catalog(terminal).Open(parsed.GetRequiredValue(name));
            var looked = table.Dataset(parsed.GetValue(dataset));
            var most = parsed.GetValue(edits) ?? 12;
            var length = parsed.GetValue(steps) ?? 100_000;
            if (most < 1 || length <= most)
            {
                throw new UsageErrorException($"--edits is {most} and --steps {length}; give at least 1, and more steps than edits.");
            }

            using var progress = new ProgressLine(terminal);
            var locality = Locality.Of(table, looked, length, most, parsed.GetValue(seed) ?? 1, new CountLine(progress, "steps", length), cancellation);
            var ranks = RankCorrelations.Of(looked);
            if (parsed.GetValue(json))
            {
                terminal.WriteJson(new { Benchmark = table.Name, Dataset = looked.Name, locality.Steps, locality.Walks, locality.NoiseBand, locality.Autocorrelations, RankCorrelations = ranks });
                return Task.CompletedTask;
            }

            Show(table, looked, locality, ranks, terminal);
            return Task.CompletedTask;
        });
        return command;
    }

    private static void Show(BenchmarkTable table, BenchmarkDataset dataset, Locality locality, IReadOnlyList<RankCorrelation> ranks, Terminal terminal)
    {
        var accuracy = dataset.Full.HasTest ? "test accuracy" : "validation accuracy";
        terminal.Say($"{table.Name}, {dataset.Name}: {accuracy} after {Figures.Many(dataset.Full.Epochs, "epoch")} along {(locality.Walks == 1 ? "a random walk" : Figures.Many(locality.Walks, "random walk"))} of {Figures.Many(locality.Steps, "step")}");
        terminal.Output.WriteLine();
        var distances = Tables.New(["edits", "autocorrelation", ""], numbers: [0, 1]);
        foreach (var (place, rho) in locality.Autocorrelations.Index())
        {
            distances.Row($"{place + 1}", Correlation(rho), Math.Abs(rho) <= locality.NoiseBand ? "not to be told from none" : "");
        }

        terminal.Show(distances);
        terminal.Say($"The noise band is ± {Correlation(locality.NoiseBand)}.");
        if (table.Description.Coverage < 1)
        {
            terminal.Say($"The table has {BenchmarkCommand.Coverage(table.Description.Coverage)} of the space, and the walks keep to that.");
        }

        if (ranks.Count == 0)
        {
            return;
        }

        terminal.Output.WriteLine();
        var ranked = Tables.New(["ranked by", $"rank correlation with {accuracy}", "architectures"], numbers: [1, 2]);
        foreach (var rank in ranks)
        {
            ranked.Row(rank.Figure, Correlation(rank.Spearman), Figures.Exact(rank.Architectures));
        }

        terminal.Show(ranked);
    }

    private static string Correlation(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);
}
