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
            var owner = parsed.GetRequiredValue(name);
            var (summary, settings) = (StrategyCatalog.SummaryOf(owner), StrategyCatalog.SettingsOf(owner, parsed.GetValue(set)));
            if (parsed.GetValue(json))
            {
                terminal.WriteJson(new { Name = owner, Summary = summary, Settings = settings });
                return;
            }

            terminal.Say($"{owner}: {summary}");
            terminal.Output.WriteLine();
            var table = Tables.New(["setting (--strategy-set)", "value", "what it is"]);
            foreach (var (setting, value) in settings)
            {
                table.Row(setting, value, SettingHelp.Of(owner, setting, settings.GetValueOrDefault("sampler")).Help ?? "");
            }

            terminal.Show(table);
        });
        return command;
    }
}
