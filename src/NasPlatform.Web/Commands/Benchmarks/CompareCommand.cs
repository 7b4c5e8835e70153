using System.CommandLine;
using NasPlatform.Search.Benchmarks;
using NasPlatform.Search.Strategies;

namespace NasPlatform.Web.Commands.Benchmarks;

/// <summary><c>nas benchmark compare</c>: strategies side by side on the same seeds.</summary>
internal static class CompareCommand
{
    public static Command Create(Terminal terminal)
    {
        var name = BenchmarkCommand.Name();
        var strategies = new Option<string>("--strategies") { HelpName = "a,b,c", Description = $"Strategies: {string.Join(", ", StrategyCatalog.Names)}", Required = true };
        var set = Options.Settings("--strategy-set", "A setting of a strategy, as strategy.setting=value; repeatable");
        var csv = Options.Text("--csv", "file", "Write the quartiles of regret after each query there");
        var options = new StudyOptions();
        var json = Options.Json();
        var command = new DocumentedCommand("compare", "Runs strategies side by side on the same seeds", """
            The difference is the mean of a strategy's runs less that of the first strategy's, run
            by run, with its 95 % confidence interval.

            Examples:
              nas benchmark compare nasbench201 --strategies random,evolution --csv r.csv
              nas benchmark compare nasbenchmacro --strategies random,evolution \
                --strategy-set evolution.population=50 --queries 150
            """)
        {
            name, strategies, set, csv, json,
        };
        options.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            var table = BenchmarkCommand.Catalog(terminal).Open(parsed.GetRequiredValue(name));
            var compared = parsed.GetRequiredValue(strategies).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct().ToList();
            var settings = SettingsOf(compared, parsed.GetValue(set) ?? []);
            var studies = new List<(BenchmarkStudy Study, TimeSpan Wall)>();
            foreach (var strategy in compared)
            {
                var started = terminal.Time.GetTimestamp();
                var study = options.Study(table, strategy, settings[strategy], parsed, terminal, cancellation);
                studies.Add((study, terminal.Time.GetElapsedTime(started)));
                if (parsed.GetValue(json))
                {
                    terminal.WriteJson(StudyTexts.Json(table, study, studies[^1].Wall.TotalSeconds));
                }
            }

            if (parsed.GetValue(csv) is { } file)
            {
                RegretCurves.Write(terminal.FullPath(file), studies.Select(study => study.Study));
            }

            if (!parsed.GetValue(json))
            {
                Show(table, studies, terminal);
            }

            return Task.CompletedTask;
        });
        return command;
    }

    private static Dictionary<string, Dictionary<string, string>> SettingsOf(List<string> strategies, Dictionary<string, string> given)
    {
        var settings = strategies.ToDictionary(strategy => strategy, _ => new Dictionary<string, string>());
        if (settings.Count == 0)
        {
            throw new UsageErrorException("--strategies is empty; give names joined by commas.");
        }

        foreach (var (name, value) in given)
        {
            if (name.Split('.', 2) is not [var strategy, var setting] || !settings.TryGetValue(strategy, out var own))
            {
                throw new UsageErrorException($"--strategy-set is '{name}={value}'; write it as strategy.setting=value with one of {string.Join(", ", strategies)}.");
            }

            own[setting] = value;
        }

        return settings;
    }

    private static void Show(BenchmarkTable table, List<(BenchmarkStudy Study, TimeSpan Wall)> studies, Terminal terminal)
    {
        var first = studies[0].Study;
        terminal.Say($"{table.Name}, {first.Dataset.Name}: {Figures.Many(first.Runs.Count, "run")} of each. The best of the table has {Figures.Percent(first.Optimum)}.");
        terminal.Output.WriteLine();
        var rows = Tables.New(
            ["strategy", $"mean {StudyTexts.Judged(first)}", $"less {first.Options.Strategy}'s", "regret: 25 %", "median", "75 %", "queries", "different", "simulated time", "took"],
            numbers: [1, 2, 3, 4, 5, 6, 7, 8, 9]);
        foreach (var (study, wall) in studies)
        {
            var last = study.Queries;
            string[] regret = last > 0 && StudyTexts.RegretQuartiles(study, last) is { } quartiles ? [.. quartiles.Select(StudyTexts.Points)] : ["–", "–", "–"];
            rows.Row(
            [
                study.Options.Strategy,
                StudyTexts.WithConfidence(StudyTexts.Chosen(study)),
                study == first ? "" : Difference(study, first),
                .. regret,
                Figures.Exact(last),
                $"{study.Runs.Average(run => run.Distinct):0.0}",
                last > 0 ? StudyTexts.Simulated(study.MeanSeconds(last)) : "–",
                Figures.Duration(wall),
            ]);
        }

        terminal.Show(rows);
    }

    /// <summary>Run by run, as the runs of one seed belong together.</summary>
    private static string Difference(BenchmarkStudy study, BenchmarkStudy first)
    {
        var differences = study.Chosen.Zip(first.Chosen, (own, other) => own - other).Where(difference => !double.IsNaN(difference)).ToList();
        if (differences.Count == 0)
        {
            return "–";
        }

        var (mean, halfWidth) = Statistics.MeanWithConfidence(differences);
        return $"{(mean >= 0 ? "+" : "")}{StudyTexts.Points(mean)}{(double.IsFinite(halfWidth) ? $" ± {StudyTexts.Points(halfWidth)}" : "")}";
    }
}
