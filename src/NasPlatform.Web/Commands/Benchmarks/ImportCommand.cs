using System.CommandLine;
using NasPlatform.Search.Benchmarks;
using NasPlatform.Search.Spaces;

namespace NasPlatform.Web.Commands.Benchmarks;

/// <summary><c>nas benchmark import</c>: checks a table row by row and keeps it in the data folder.</summary>
internal static class ImportCommand
{
    public static Command Create(Terminal terminal)
    {
        var files = new Argument<string[]>("file") { Description = "CSV, gzip or not; several that belong together, or their folder; or NAS-Bench-101's .tfrecord", Arity = ArgumentArity.OneOrMore };
        var name = Options.Text("--name", "name", "Its name: letters, digits, '.', '_', '-' (default: the benchmark's, or the file's)");
        var space = Options.Text("--space", "name", $"The space of a table of your own: {string.Join(", ", SearchSpaceCatalog.Names)}");
        var set = Options.Settings("--set", "A setting of that space; repeatable");
        var replace = Options.Flag("--replace", "Replace a table of that name");
        var json = Options.Json();
        var command = new DocumentedCommand("import", "Takes a table in, every row checked", """
            The format is told by the titles of the columns. Your own table has a column
            'architecture' in the text form of a space (nas space show) and columns such as
            valid, test, seconds, cifar10/valid@200#2 (dataset, epochs, repeat), parameters.

            Examples:
              nas benchmark import nas-bench-201/table.csv.gz nas-bench-201/proxies.csv.gz
              nas benchmark import nasbench_full.tfrecord
              nas benchmark import cells.csv --space darts --name mine
            """)
        {
            files, name, space, set, replace, json,
        };
        command.SetAction((parsed, cancellation) =>
        {
            using var progress = new ProgressLine(terminal);
            var table = BenchmarkCommand.Catalog(terminal).Import(
                [.. parsed.GetRequiredValue(files).Select(terminal.FullPath)],
                new()
                {
                    Name = parsed.GetValue(name),
                    Space = parsed.GetValue(space),
                    SpaceSettings = parsed.GetValue(set) ?? [],
                    Replace = parsed.GetValue(replace),
                },
                new CountLine(progress, "rows"),
                cancellation);
            if (parsed.GetValue(json))
            {
                terminal.WriteJson(new { table.Name, table.Title, table.Space, table.SpaceSettings, table.Rows, table.Coverage, table.Datasets, table.Columns, table.Notes });
                return Task.CompletedTask;
            }

            terminal.Say($"{table.Name}: {table.Title}. {Figures.Many(table.Rows, "architecture")} of space '{table.Space}' ({(table.Coverage == 1 ? "all" : $"about {BenchmarkCommand.Coverage(table.Coverage)}")} of its encodings), measured on {string.Join(", ", table.Datasets)}.");
            foreach (var note in table.Notes)
            {
                terminal.Say(note);
            }

            return Task.CompletedTask;
        });
        return command;
    }
}

/// <summary>Shows how many of something are done.</summary>
internal sealed class CountLine(ProgressLine line, string what, int? of = null) : IProgress<int>
{
    public void Report(int value) => line.Show($"{Figures.Exact(value)}{(of is { } all ? $" of {Figures.Exact(all)}" : "")} {what}");
}
