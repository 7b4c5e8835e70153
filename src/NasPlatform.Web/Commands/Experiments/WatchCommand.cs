using System.CommandLine;
using Microsoft.EntityFrameworkCore;
using NasPlatform.Web.Progress;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Commands.Experiments;

/// <summary><c>nas experiment watch</c>: what happens in an experiment, a line each, until it has ended or is paused.</summary>
internal static class WatchCommand
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);

    public static Command Create(Terminal terminal)
    {
        var (name, json) = (ExperimentNames.Argument(), Options.Json());
        var since = Options.Whole("--since", "n", "Only events after this number (default 0: all)");
        var command = new Command("watch", "Tells what happens in an experiment until it has ended or is paused") { name, since, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var local = await LocalStore.OpenAsync(DataFolder.Settings(terminal), cancellation);
            Guid id;
            await using (var context = local.Store.Open())
            {
                id = await ExperimentNames.FindAsync(context, parsed.GetRequiredValue(name), cancellation);
            }

            var feed = local.Get<LiveFeed>();
            var last = (long)(parsed.GetValue(since) ?? 0);
            while (true)
            {
                var state = await StateAsync(local.Store, id, cancellation);
                var events = await feed.ReadAsync(id, last, cancellation);
                foreach (var happened in events)
                {
                    last = happened.Sequence;
                    if (parsed.GetValue(json))
                    {
                        terminal.WriteJson(new { happened.Sequence, happened.At, happened.Kind, Trial = happened.TrialNumber, happened.Text });
                    }
                    else
                    {
                        terminal.Output.WriteLine($"{happened.At.ToLocalTime():HH:mm:ss}  {happened.Text}");
                    }
                }

                // The state was read before the events, so that none of its last is missed.
                if (events.Count == 0 && state is null or ExperimentState.Paused or ExperimentState.Completed or ExperimentState.Failed or ExperimentState.Cancelled)
                {
                    return;
                }

                terminal.Output.Flush();
                if (events.Count == 0)
                {
                    await Task.Delay(Pace, terminal.Time, cancellation);
                }
            }
        });
        return command;
    }

    private static async Task<ExperimentState?> StateAsync(PlatformStore store, Guid id, CancellationToken cancellation)
    {
        await using var context = store.Open();
        return await context.Experiments.Where(experiment => experiment.Id == id).Select(experiment => (ExperimentState?)experiment.State).SingleOrDefaultAsync(cancellation);
    }
}
