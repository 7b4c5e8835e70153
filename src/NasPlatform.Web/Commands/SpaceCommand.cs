using System.CommandLine;
using System.Numerics;
using NasPlatform.Search;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;

namespace NasPlatform.Web.Commands;

/// <summary><c>nas space</c>: the search spaces, their decisions, sizes and samples.</summary>
internal static class SpaceCommand
{
    /// <summary>More genotypes than this are not enumerated one by one.</summary>
    private static readonly BigInteger MostEnumerated = 10_000_000;

    public static Command Create(Terminal terminal) => new DocumentedCommand("space", "Shows the search spaces", """
        Examples:
          nas space show chain --set layers=4
          nas space count nasbench101 --distinct
          nas space sample chain -n 10 --seed 7
        """)
    {
        List(terminal),
        Show(terminal),
        Count(terminal),
        Sample(terminal),
        InspectCommand.Create(terminal),
        NeighboursCommand.Create(terminal),
        DiagramCommand.Create(terminal),
    };

    private static Command List(Terminal terminal)
    {
        var json = Options.Json();
        var command = new Command("list", "Lists the spaces with their sizes at default settings") { json };
        command.SetAction(parsed =>
        {
            var spaces = SearchSpaceCatalog.Names.Select(name => SearchSpaceCatalog.Create(name)).ToList();
            if (parsed.GetValue(json))
            {
                spaces.ForEach(space => terminal.WriteJson(new { space.Name, Size = $"{space.Size}", space.Summary }));
                return;
            }

            var table = Tables.New(["space", "genotypes", "what it is"], numbers: [1]);
            spaces.ForEach(space => table.Row(space.Name, space.Size < 1_000_000 ? Figures.Exact(space.Size) : Figures.Power(space.Size), space.Summary));
            terminal.Show(table);
        });
        return command;
    }

    private static Command Show(Terminal terminal)
    {
        var (name, set, json) = (Name(), SpaceSettings(), Options.Json());
        var command = new Command("show", "Shows a space's settings, text form and decisions") { name, set, json };
        command.SetAction(parsed =>
        {
            var space = SearchSpaceCatalog.Create(parsed.GetRequiredValue(name), parsed.GetValue(set));
            var decisions = FirstGenotype(space).Decisions;
            var kinds = decisions.GroupBy(decision => decision.Choice).Select(kind => (Choice: kind.Key, Decisions: kind.Count())).ToList();
            if (parsed.GetValue(json))
            {
                terminal.WriteJson(new
                {
                    space.Name,
                    space.Summary,
                    space.Tasks,
                    space.Settings,
                    space.TextForm,
                    Size = $"{space.Size}",
                    space.PrintedSize,
                    space.Presets,
                    space.Published,
                    Decisions = decisions.Length,
                    Kinds = kinds.Select(kind => new { kind.Choice.Kind, kind.Decisions, kind.Choice.Options }),
                });
                return;
            }

            terminal.Say($"{space.Name}: {space.Summary}");
            terminal.Say($"It makes networks for {string.Join(", ", space.Tasks.Select(task => task.Words))}.");
            terminal.Output.WriteLine();
            var settings = Tables.New(["setting (--set)", "value"]);
            foreach (var (setting, value) in space.Settings)
            {
                settings.Row(setting, value);
            }

            terminal.Show(settings);
            terminal.Output.WriteLine();
            var table = Tables.New(["kind of decision", "decisions", "options"], numbers: [1]);
            foreach (var (choice, count) in kinds)
            {
                table.Row(choice.Kind, $"{count}", string.Join(", ", choice.Options));
            }

            terminal.Show(table);
            terminal.Output.WriteLine();
            terminal.Say($"{Figures.Many(decisions.Length, "decision")}, {SizeText(space.Size)} genotypes{(space.PrintedSize is { } printed ? $"; the paper prints {printed}" : "")}.");
            foreach (var preset in space.Presets)
            {
                terminal.Say($"Preset {preset.Name}: {preset.Summary} ({string.Join(' ', preset.Settings.Select(setting => $"--set {setting.Key}={setting.Value}"))}).");
            }

            if (space.Published.Count > 0)
            {
                terminal.Say($"Published architectures, which can be named where a genotype is given: {string.Join(", ", space.Published.Keys)}.");
            }

            terminal.Say($"A genotype is {space.TextForm}.");
            terminal.Say($"For example: {space.Format(space.Sample(new RandomSource(1)))}");
        });
        return command;
    }

    private static Command Count(Terminal terminal)
    {
        var (name, set, json) = (Name(), SpaceSettings(), Options.Json());
        var distinct = Options.Flag("--distinct", "Count the different networks too, by enumerating them (where the space has no way of its own: all genotypes, 10 million at most)");
        var command = new Command("count", "Counts a space's genotypes exactly") { name, set, distinct, json };
        command.SetAction((parsed, cancellation) =>
        {
            var space = SearchSpaceCatalog.Create(parsed.GetRequiredValue(name), parsed.GetValue(set));
            int? networks = parsed.GetValue(distinct) ? DistinctNetworks(space, terminal, cancellation) : null;
            if (parsed.GetValue(json))
            {
                terminal.WriteJson(new { space.Name, space.Settings, Genotypes = $"{space.Size}", Networks = networks });
            }
            else
            {
                terminal.Output.WriteLine($"{SizeText(space.Size)} genotypes");
                if (networks is { } count)
                {
                    terminal.Output.WriteLine($"{Figures.Exact(count)} different networks");
                }
            }

            return Task.CompletedTask;
        });
        return command;
    }

    private static Command Sample(Terminal terminal)
    {
        var (name, set, json) = (Name(), SpaceSettings(), Options.Json());
        var number = Options.Whole("-n", "n", "How many (default 5)");
        var seed = Options.Seed("Of the draws (default 1)");
        var command = new Command("sample", "Draws genotypes uniformly") { name, number, seed, set, json };
        command.SetAction((parsed, cancellation) =>
        {
            var count = parsed.GetValue(number) ?? 5;
            if (count < 0)
            {
                throw new UsageErrorException($"-n is {count}; give 0 or more.");
            }

            var space = SearchSpaceCatalog.Create(parsed.GetRequiredValue(name), parsed.GetValue(set));
            var random = new RandomSource(parsed.GetValue(seed) ?? 1);
            for (var drawn = 0; drawn < count; drawn++)
            {
                cancellation.ThrowIfCancellationRequested();
                var genotype = space.Sample(random);
                if (parsed.GetValue(json))
                {
                    terminal.WriteJson(new { Genotype = space.Format(genotype), Key = space.Key(genotype).Value });
                }
                else
                {
                    terminal.Output.WriteLine(space.Format(genotype));
                }
            }

            return Task.CompletedTask;
        });
        return command;
    }

    private static int DistinctNetworks(SearchSpace space, Terminal terminal, CancellationToken cancellation)
    {
        var seen = 0;
        using var progress = new ProgressLine(terminal);
        if (space.EnumerateDistinct() is { } networks)
        {
            foreach (var _ in networks)
            {
                cancellation.ThrowIfCancellationRequested();
                progress.Show($"{Figures.Exact(++seen)} different networks");
            }

            return seen;
        }

        if (space.Size > MostEnumerated)
        {
            throw new UserErrorException(
                $"Space '{space.Name}' has {SizeText(space.Size)} genotypes, too many to enumerate one by one (10 million at most); make it smaller with --set.");
        }

        var keys = new HashSet<string>();
        foreach (var genotype in space.Enumerate().Where(space.IsValid))
        {
            cancellation.ThrowIfCancellationRequested();
            keys.Add(space.Key(genotype).Value);
            progress.Show($"{Figures.Exact(++seen)} of {Figures.Exact(space.Size)} genotypes, {Figures.Exact(keys.Count)} different networks");
        }

        return keys.Count;
    }

    private static Genotype FirstGenotype(SearchSpace space)
    {
        var walk = new Odometer().Walk();
        space.Decide(walk);
        return walk.Recorded;
    }

    private static string SizeText(BigInteger size) =>
        size < 1_000_000 ? Figures.Exact(size) : $"{Figures.Exact(size)} ({Figures.Power(size)})";

    private static Argument<string> Name() => new("name") { Description = $"A space: {string.Join(", ", SearchSpaceCatalog.Names)}" };

    private static Option<Dictionary<string, string>> SpaceSettings() => Options.Settings("--set", "A setting of the space; repeatable");
}
