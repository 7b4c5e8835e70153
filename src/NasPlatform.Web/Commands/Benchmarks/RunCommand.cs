using System.CommandLine;
using NasPlatform.Search.Benchmarks;
using NasPlatform.Search.Strategies;

namespace NasPlatform.Web.Commands.Benchmarks;

/// <summary><c>nas benchmark run</c>: a strategy on a table, with many seeds.</summary>
internal static class RunCommand
{
    public static Command Create(Terminal terminal)
    {
        var name = BenchmarkCommand.Name();
        var strategy = Options.Text("--strategy", "name", $"A strategy: {string.Join(", ", StrategyCatalog.Names)} (default random)");
        var set = Options.Settings("--strategy-set", "A setting of the strategy; repeatable");
        var options = new StudyOptions();
        var json = Options.Json();
        var command = new DocumentedCommand("run", "Runs a strategy on a table with many seeds, in simulated time", """
            The strategy sees the validation accuracy of one training of an architecture, and is
            judged by the mean test accuracy of the one that it chose. Regret is what that lacks
            to the best of the table, in points of per cent, over the seeds.

            Examples:
              nas benchmark run nasbench201 --strategy evolution --seeds 500 \
                --strategy-set population=100 --strategy-set sample=10
              nas benchmark run nasbench201 --strategy reinforce --dataset cifar100 \
                --seconds 1000000 --workers 8
            """)
        {
            name, strategy, set, json,
        };
        options.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            var table = BenchmarkCommand.Catalog(terminal).Open(parsed.GetRequiredValue(name));
            var started = terminal.Time.GetTimestamp();
            var study = options.Study(table, parsed.GetValue(strategy) ?? "random", parsed.GetValue(set) ?? [], parsed, terminal, cancellation);
            var wall = terminal.Time.GetElapsedTime(started);
            if (parsed.GetValue(json))
            {
                terminal.WriteJson(StudyTexts.Json(table, study, wall.TotalSeconds));
                return Task.CompletedTask;
            }

            Show(table, study, terminal);
            terminal.Say($"{Figures.Many(study.Runs.Count, "run")} in {Figures.Duration(wall)}.");
            return Task.CompletedTask;
        });
        return command;
    }

    private static void Show(BenchmarkTable table, BenchmarkStudy study, Terminal terminal)
    {
        terminal.Say($"{study.Options.Strategy} on {table.Name}, {study.Dataset.Name}, {Figures.Many(study.Dataset.Budget(study.Options.Epochs).Epochs, "epoch")}: {Figures.Many(study.Runs.Count, "run")} of {Figures.Many(study.Queries, "query", "queries")} on {Figures.Many(study.Options.Workers, "simulated worker")}");
        terminal.Output.WriteLine();
        if (study.Queries > 0)
        {
            var regrets = Tables.New(["queries", "simulated time", "regret: 25 %", "median", "75 %"], numbers: [0, 1, 2, 3, 4]);
            foreach (var query in study.Checkpoints())
            {
                regrets.Row([Figures.Exact(query), StudyTexts.Simulated(study.MeanSeconds(query)), .. StudyTexts.RegretQuartiles(study, query)?.Select(StudyTexts.Points) ?? ["–", "–", "–"]]);
            }

            terminal.Show(regrets);
            terminal.Output.WriteLine();
        }

        var best = table.Architecture(study.Dataset.Full.Best);
        terminal.Say(StudyTexts.Chosen(study) is { } chosen
            ? $"Chosen: {StudyTexts.Judged(study)} {StudyTexts.WithConfidence(chosen)} (mean, 95 %). The best of the table has {Figures.Percent(study.Optimum)}, {StudyTexts.Points(study.Optimum - chosen.Mean)} more: {best}"
            : $"No run found an architecture of the table, whose best has {Figures.Percent(study.Optimum)}: {best}");
        var missing = study.Runs.Average(run => run.Missing);
        terminal.Say($"A run asked for {study.Runs.Average(run => run.Distinct):0.0} different architectures{(missing > 0 ? $", and {missing:0.0} times for one that the table does not have" : "")}.");
    }
}
