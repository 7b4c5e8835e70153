using System.CommandLine;
using NasPlatform.Search;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Strategies;
using NasPlatform.Web.Experiments.Starting;

namespace NasPlatform.Web.Commands;

/// <summary><c>nas strategy</c>: the search strategies, their settings and a demonstration.</summary>
internal static class StrategyCommand
{
    public static Command Create(Terminal terminal) => new DocumentedCommand("strategy", "Shows the search strategies, and how one learns", """
        Examples:
          nas strategy list
          nas strategy show reinforce
          nas strategy demo
        """)
    {
        List(terminal),
        Show(terminal),
        DemoCommand.Create(terminal),
    };

    private static Command List(Terminal terminal)
    {
        var json = Options.Json();
        var command = new Command("list", "Lists the strategies") { json };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(json))
            {
                foreach (var name in StrategyCatalog.Names)
                {
                    terminal.WriteJson(new { Name = name, Summary = StrategyCatalog.SummaryOf(name) });
                }

                return;
            }

            var table = Tables.New(["strategy", "what it is"]);
            foreach (var name in StrategyCatalog.Names)
            {
                table.Row(name, StrategyCatalog.SummaryOf(name));
            }

            terminal.Show(table);
        });
        return command;
    }

    private static Command Show(Terminal terminal)
    {
        var name = new Argument<string>("name") { Description = $"A strategy: {string.Join(", ", StrategyCatalog.Names)}" };
        var set = Options.Settings("--strategy-set", "A setting of the strategy; repeatable");
        var json = Options.Json();
        var command = new Command("show", "Shows a strategy's settings") { name, set, json };
        command.SetAction(parsed =>
        {
            // Settings do not depend on the space; any will do.
            var space = SearchSpaceCatalog.Create(SearchSpaceCatalog.Names.First());
            var strategy = StrategyCatalog.Create(parsed.GetRequiredValue(name), space, parsed.GetValue(set), new RandomSource(1), StrategyCatalog.MostEpochs);
            using var owned = strategy as IDisposable;
            var summary = StrategyCatalog.SummaryOf(strategy.Name);
            if (parsed.GetValue(json))
            {
                terminal.WriteJson(new { strategy.Name, Summary = summary, strategy.Settings });
                return;
            }

            terminal.Say($"{strategy.Name}: {summary}");
            terminal.Output.WriteLine();
            var table = Tables.New(["setting (--strategy-set)", "value", "what it is"]);
            foreach (var (setting, value) in strategy.Settings)
            {
                table.Row(setting, value, SettingHelp.Of(strategy.Name, setting, strategy.Settings.GetValueOrDefault("sampler")).Help ?? "");
            }

            terminal.Show(table);
        });
        return command;
    }
}
