using System.CommandLine;
using System.Globalization;
using NasPlatform.Search.Benchmarks;

namespace NasPlatform.Web.Commands.Benchmarks;

/// <summary><c>nas benchmark</c>: tables of measured architectures, and searches on them.</summary>
internal static class BenchmarkCommand
{
    public static Command Create(Terminal terminal) => new DocumentedCommand("benchmark", "Searches tables of measured architectures, in place of training", """
        A table holds what training every architecture of a space gave, so that a search on it
        takes milliseconds and its outcome can be held against the optimum. Which files can be
        imported: docs/guide/benchmarks.md.

        Examples:
          nas benchmark import table.csv.gz --name nasbench201
          nas benchmark run nasbench201 --strategy evolution --seeds 200
          nas benchmark compare nasbench201 --strategies random,evolution
        """)
    {
        ImportCommand.Create(terminal),
        List(terminal),
        Remove(terminal),
        QueryCommand.Create(terminal),
        RunCommand.Create(terminal),
        CompareCommand.Create(terminal),
        LocalityCommand.Create(terminal),
    };

    public static BenchmarkCatalog Catalog(Terminal terminal)
    {
        var settings = DataFolder.Settings(terminal);
        return new(settings.DataFolder, settings.DatasetLimits);
    }

    public static Argument<string> Name() => new("name") { Description = "A benchmark (nas benchmark list)" };

    public static Option<string?> DatasetOption() => Options.Text("--dataset", "name", "One of the table's datasets (default: its first)");

    /// <summary>A share as <c>37.5 %</c>, a whole one as <c>all</c>.</summary>
    public static string Coverage(double share) => share == 1 ? "all" : share.ToString("0.0 %", CultureInfo.InvariantCulture);

    private static Command List(Terminal terminal)
    {
        var json = Options.Json();
        var command = new Command("list", "Lists the tables that are here, and where others are published") { json };
        command.SetAction(parsed =>
        {
            var here = Catalog(terminal).List();
            if (parsed.GetValue(json))
            {
                foreach (var table in here)
                {
                    terminal.WriteJson(new
                    {
                        table.Name,
                        table.Title,
                        table.Space,
                        table.SpaceSettings,
                        table.Rows,
                        table.Coverage,
                        Datasets = table.Datasets.Select(dataset => new { Name = dataset, Epochs = table.Epochs(dataset), Metrics = table.Metrics(dataset) }),
                        table.Notes,
                    });
                }

                return;
            }

            if (here.Count > 0)
            {
                var rows = Tables.New(["benchmark", "space", "architectures", "of the space", "dataset", "epochs", "what is known"], numbers: [2, 3]);
                foreach (var table in here)
                {
                    foreach (var (place, dataset) in table.Datasets.Index())
                    {
                        string[] first = place > 0 ? ["", "", "", ""] : [table.Name, table.Space, Figures.Exact(table.Rows), Coverage(table.Coverage)];
                        rows.Row([.. first, dataset, string.Join(", ", table.Epochs(dataset)), Shortened(table.Metrics(dataset))]);
                    }
                }

                terminal.Show(rows);
            }

            var absent = KnownBenchmarks.All.Where(known => here.All(table => table.Name != known.Name)).ToList();
            foreach (var known in absent)
            {
                terminal.Say($"Not here: {known.Title}, published at {known.Source}.");
            }

            if (absent.Count > 0)
            {
                terminal.Say("nas benchmark import takes them as CSV; docs/guide/benchmarks.md has the columns.");
            }
        });
        return command;
    }

    private static Command Remove(Terminal terminal)
    {
        var name = Name();
        var command = new Command("remove", "Deletes a table") { name };
        command.SetAction(parsed => Catalog(terminal).Remove(parsed.GetRequiredValue(name)));
        return command;
    }

    private static string Shortened(IReadOnlyList<string> metrics) =>
        metrics.Count <= 8 ? string.Join(", ", metrics) : $"{string.Join(", ", metrics.Take(7))} and {metrics.Count - 7} more";
}
