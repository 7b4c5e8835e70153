using System.CommandLine;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using NasPlatform.Search;
using NasPlatform.Search.Experiments;
using NasPlatform.Web.Accounts;
using NasPlatform.Web.Commands.Searching;
using NasPlatform.Web.Experiments;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Commands.Experiments;

/// <summary><c>nas experiment</c>: the platform's experiments from this machine's terminal, on the same store as the browser.</summary>
internal static class ExperimentCommand
{
    public static Command Create(Terminal terminal) => new DocumentedCommand("experiment", "Shows and steers the platform's experiments", $"""
        On the platform's store of this machine (NAS_DATA, NAS_POSTGRES), whether a server runs
        or not; what is started waits until one runs. An experiment is named by its id, the
        first or last characters of its id, or its name.

        Examples:
          nas experiment list --state searching
          nas experiment start --dataset fashion-mnist --minutes 20
          nas experiment watch 3fa0c1d2
          nas experiment extend 3fa0c1d2 --trials 20

        {ExitCode.Notes}
        """)
    {
        List(terminal),
        Show(terminal),
        Start(terminal),
        Act(terminal, "pause", "Stops an experiment, to go on later", "Paused", (actions, id, cancellation) => actions.PauseAsync(Caller.Program, id, cancellation)),
        Act(terminal, "resume", "Goes on with a paused, failed or cancelled experiment", "Resumed", (actions, id, cancellation) => actions.ResumeAsync(Caller.Program, id, cancellation)),
        Act(terminal, "cancel", "Stops an experiment for good; what was found is kept", "Cancelled", (actions, id, cancellation) => actions.CancelAsync(Caller.Program, id, cancellation)),
        Act(terminal, "finish", "Ends the search now and trains the best in full", "Told to finish", (actions, id, cancellation) => actions.FinishAsync(Caller.Program, id, cancellation)),
        Extend(terminal),
        Delete(terminal),
        ShareCommand.Create(terminal),
        DownloadCommand.Create(terminal),
        WatchCommand.Create(terminal),
    };

    private static Command List(Terminal terminal)
    {
        var search = Options.Text("--search", "text", "In the name, dataset, space, strategy or owner");
        var states = Options.Text("--state", "states", $"Only these, separated by commas: {string.Join(", ", Enum.GetNames<ExperimentState>()).ToLowerInvariant()}");
        var count = Options.Whole("-n", "n", "How many, the newest first (default 50, at most 500)");
        var json = Options.Json();
        var command = new Command("list", "Lists the experiments, the newest first") { search, states, count, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            var query = ExperimentQuery.Parse(
            [
                new("search", parsed.GetValue(search)),
                new("state", parsed.GetValue(states)),
                new("size", parsed.GetValue(count)?.ToString(CultureInfo.InvariantCulture)),
            ]);
            await using var local = await LocalStore.OpenAsync(DataFolder.Settings(terminal), cancellation);
            await using var context = local.Store.Open();
            var page = await ExperimentList.PageAsync(context, Caller.Program, query, cancellation);
            if (parsed.GetValue(json))
            {
                foreach (var row in page.Items)
                {
                    terminal.WriteJson(row);
                }

                return;
            }

            var table = Tables.New(["id", "experiment", "state", "trials", "best", "test", "created"], numbers: [3, 4, 5]);
            foreach (var row in page.Items)
            {
                table.Row(ExperimentNames.Short(row.Id), row.Name, Word(row.State), $"{row.EndedCount}", Score(row, row.BestScore), Score(row, row.TestScore), $"{row.CreatedAt:yyyy-MM-dd HH:mm}");
            }

            terminal.Show(table);
            if (page.Total > page.Items.Count)
            {
                terminal.Output.WriteLine($"{Figures.Exact(page.Total - page.Items.Count)} more; -n shows more of them.");
            }
        });
        return command;
    }

    private static Command Show(Terminal terminal)
    {
        var (name, json) = (ExperimentNames.Argument(), Options.Json());
        var command = new Command("show", "Shows an experiment") { name, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var local = await LocalStore.OpenAsync(DataFolder.Settings(terminal), cancellation);
            await using var context = local.Store.Open();
            var id = await ExperimentNames.FindAsync(context, parsed.GetRequiredValue(name), cancellation);
            var row = await ExperimentList.Rows(context, context.Experiments.Where(experiment => experiment.Id == id)).SingleAsync(cancellation);
            if (parsed.GetValue(json))
            {
                terminal.WriteJson(row);
                return;
            }

            terminal.Output.WriteLine($"{row.Name} ({row.Id})");
            terminal.Output.WriteLine($"  state     {Word(row.State)}{(row.Reason is null ? "" : $": {row.Reason}")}");
            terminal.Output.WriteLine($"  search    {row.Space}, {row.Strategy}, on {row.Dataset}");
            terminal.Output.WriteLine($"  trials    {Figures.Exact(row.EndedCount)} of {Figures.Exact(row.TrialCount)} proposed have ended, in {Figures.Clock(TimeSpan.FromSeconds(row.SearchSeconds))}");
            terminal.Output.WriteLine($"  best      {(row.BestTrial is { } best ? $"trial {best}, {Score(row, row.BestScore)} on validation" : "none yet")}");
            terminal.Output.WriteLine($"  test      {(row.TestScore is null ? "not yet" : Score(row, row.TestScore))}");
            terminal.Output.WriteLine($"  created   {row.CreatedAt:yyyy-MM-dd HH:mm} UTC, in {(row.Origin == Origin.Terminal ? "a terminal" : "the platform")}");
        });
        return command;
    }

    private static Command Start(Terminal terminal)
    {
        var options = new SearchOptions();
        var name = Options.Text("--name", "name", "Its name (default: made of dataset, space and strategy)");
        var file = Options.Text("--spec", "file", "Take everything from an experiment.json instead of the options below");
        var json = Options.Json();
        var command = new Command("start", "Starts an experiment, which a server or worker runs; with the options of nas search") { name, file, json };
        options.AddTo(command);
        command.Validators.Add(result =>
        {
            if ((result.GetValue(file) is null) == (result.GetValue(options.Dataset) is null))
            {
                result.AddError("Give either --dataset, with other options of nas search, or --spec.");
            }
        });
        command.SetAction(async (parsed, cancellation) =>
        {
            var spec = parsed.GetValue(file) is { } path ? ReadSpec(terminal.FullPath(path)) : NewSpec(options, parsed, terminal, cancellation);
            await using var local = await LocalStore.OpenAsync(DataFolder.Settings(terminal), cancellation);
            await local.Get<Datasets.DatasetActions>().AdoptAsync(cancellation);
            var id = await local.Get<ExperimentActions>().StartAsync(Caller.Program, spec, parsed.GetValue(name), Visibility.Team, null, cancellation);
            if (parsed.GetValue(json))
            {
                terminal.WriteJson(new { Id = id });
                return;
            }

            terminal.Output.WriteLine($"Started experiment {id}. A running nas serve or nas worker takes it up.");
            terminal.Output.WriteLine($"Next: nas experiment watch {ExperimentNames.Short(id)}");
        });
        return command;
    }

    private static Command Extend(Terminal terminal)
    {
        var name = ExperimentNames.Argument();
        var trials = Options.Whole("--trials", "n", "More trials");
        var minutes = Options.Real("--minutes", "minutes", "More minutes");
        var command = new Command("extend", "Adds trials or minutes; one that had ended goes on") { name, trials, minutes };
        command.SetAction(async (parsed, cancellation) =>
        {
            await ActAsync(terminal, parsed.GetRequiredValue(name), (actions, id) => actions.ExtendAsync(Caller.Program, id, parsed.GetValue(trials), parsed.GetValue(minutes), cancellation), cancellation);
            terminal.Output.WriteLine("Extended.");
        });
        return command;
    }

    private static Command Delete(Terminal terminal)
    {
        var name = ExperimentNames.Argument();
        var yes = Options.Flag("--yes", "Do not ask");
        var command = new Command("delete", "Deletes an experiment with everything that belongs to it") { name, yes };
        command.SetAction(async (parsed, cancellation) =>
        {
            if (!parsed.GetValue(yes))
            {
                if (!terminal.CanAsk)
                {
                    throw new UserErrorException("Nobody can be asked whether it is to be deleted; say so with --yes.");
                }

                terminal.Output.Write($"Delete the experiment '{parsed.GetRequiredValue(name)}' for good? [y/N] ");
                if (terminal.Input.ReadLine()?.Trim().ToLowerInvariant() is not ("y" or "yes"))
                {
                    terminal.Complain("Nothing was deleted.");
                    return ExitCode.UserError;
                }
            }

            await ActAsync(terminal, parsed.GetRequiredValue(name), (actions, id) => actions.DeleteAsync(Caller.Program, id, cancellation), cancellation);
            terminal.Output.WriteLine("Deleted.");
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Act(Terminal terminal, string verb, string description, string done, Func<ExperimentActions, Guid, CancellationToken, Task> act)
    {
        var name = ExperimentNames.Argument();
        var command = new Command(verb, description) { name };
        command.SetAction(async (parsed, cancellation) =>
        {
            await ActAsync(terminal, parsed.GetRequiredValue(name), (actions, id) => act(actions, id, cancellation), cancellation);
            terminal.Output.WriteLine($"{done}.");
        });
        return command;
    }

    private static async Task ActAsync(Terminal terminal, string name, Func<ExperimentActions, Guid, Task> act, CancellationToken cancellation)
    {
        await using var local = await LocalStore.OpenAsync(DataFolder.Settings(terminal), cancellation);
        Guid id;
        await using (var context = local.Store.Open())
        {
            id = await ExperimentNames.FindAsync(context, name, cancellation);
        }

        await act(local.Get<ExperimentActions>(), id);
    }

    private static ExperimentSpec NewSpec(SearchOptions options, ParseResult parsed, Terminal terminal, CancellationToken cancellation)
    {
        using var dataset = DataFolder.Open(parsed.GetRequiredValue(options.Dataset)!, terminal, cancellation); // not null: validated
        return options.New(parsed, dataset, Environment.ProcessorCount);
    }

    private static ExperimentSpec ReadSpec(string path)
    {
        try
        {
            return SpecJson.Read(File.ReadAllText(path));
        }
        catch (System.Text.Json.JsonException error)
        {
            throw new UserErrorException($"{path} is no experiment's spec: {error.Message}", error);
        }
    }

    private static string Word(ExperimentState state) => state.ToString().ToLowerInvariant();

    private static string Score(ExperimentRow row, double? score) => score is null ? "" : Figures.Score(row.Metric, score);
}
