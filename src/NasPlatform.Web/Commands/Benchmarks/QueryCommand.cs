using System.CommandLine;
using System.Globalization;
using NasPlatform.Search;
using NasPlatform.Search.Benchmarks;

namespace NasPlatform.Web.Commands.Benchmarks;

/// <summary><c>nas benchmark query</c>: what a table says of an architecture.</summary>
internal static class QueryCommand
{
    public static Command Create(Terminal terminal)
    {
        var name = BenchmarkCommand.Name();
        var architecture = new Argument<string>("architecture") { Description = "In the space's text form, the name of a published one, or 'best'" };
        var dataset = BenchmarkCommand.DatasetOption();
        var json = Options.Json();
        var command = new DocumentedCommand("query", "Shows what was measured of an architecture", """
            A line for each dataset, number of epochs and training, and for the mean where there
            were several. 'best' is the best of the dataset (of the first, if none is named).

            Examples:
              nas benchmark query nasbenchmacro 22212220
              nas benchmark query nasbench201 best --dataset cifar100 --json
            """)
        {
            name, architecture, dataset, json,
        };
        command.SetAction(parsed =>
        {
            var table = BenchmarkCommand.Catalog(terminal).Open(parsed.GetRequiredValue(name));
            var row = table.RowOf(parsed.GetRequiredValue(architecture), parsed.GetValue(dataset));
            var answers = BenchmarkAnswer.Of(parsed.GetValue(dataset) is { } one ? [table.Dataset(one)] : table.Datasets, row).ToList();
            if (parsed.GetValue(json))
            {
                foreach (var (of, epochs, training, isMean, answer) in answers)
                {
                    terminal.WriteJson(new
                    {
                        Architecture = table.Architecture(row),
                        Dataset = of.Name,
                        Epochs = epochs,
                        Training = Training(training, isMean),
                        answer.Train,
                        answer.Valid,
                        answer.Test,
                        answer.Seconds,
                        Parameters = of.Parameters(row),
                        MultiplyAdds = of.MultiplyAdds(row),
                    });
                }

                return;
            }

            terminal.Say(table.Architecture(row));
            terminal.Output.WriteLine();
            var shown = Tables.New(["dataset", "epochs", "training", "train", "validation", "test", "time", "parameters", "multiply-adds"], numbers: [1, 3, 4, 5, 6, 7, 8]);
            foreach (var (of, epochs, training, isMean, answer) in answers)
            {
                shown.Row(
                    of.Name,
                    $"{epochs}",
                    Training(training, isMean),
                    Percent(answer.Train),
                    Percent(answer.Valid),
                    Percent(answer.Test),
                    answer.Seconds is { } seconds ? Figures.Duration(TimeSpan.FromSeconds(seconds)) : "–",
                    of.Parameters(row) is { } parameters ? Figures.Exact(parameters) : "–",
                    of.MultiplyAdds(row) is { } multiplyAdds ? Figures.Exact(multiplyAdds) : "–");
            }

            terminal.Show(shown);
            ShowFigures(table, row, terminal);
        });
        return command;
    }

    private static string Training(int? training, bool isMean) => training is { } one ? $"{one}" : isMean ? "mean" : "";

    private static void ShowFigures(BenchmarkTable table, int row, Terminal terminal)
    {
        var figures =
            from dataset in table.Datasets
            from figure in dataset.Figures
            where figure.Key is not ("parameters" or "multiply_adds") && !double.IsNaN(figure.Value[row])
            select $"{dataset.Name} {figure.Key} {figure.Value[row].ToString("G6", CultureInfo.InvariantCulture)}";
        var texts = figures.ToList();
        if (texts.Count > 0)
        {
            terminal.Output.WriteLine();
            terminal.Say($"Also known: {string.Join(", ", texts)}.");
        }
    }

    private static string Percent(double? share) => share is { } known ? Figures.Percent(known) : "–";
}
