using System.CommandLine;
using System.Diagnostics;
using NasPlatform.Search;
using NasPlatform.Web.Accounts.SignIn;
using NasPlatform.Web.Jobs;
using NasPlatform.Web.Jobs.Runners;

namespace NasPlatform.Web.Commands;

/// <summary><c>nas serve</c> and <c>nas worker</c>: the platform in the browser, and machines that help it.</summary>
internal static class ServeCommand
{
    private const string DefaultUrls = "http://127.0.0.1:5080";

    public static Command Create(Terminal terminal)
    {
        var urls = Options.Text("--urls", "addresses", $"Where it listens (default {DefaultUrls})");
        var local = Options.Flag("--local", "Without accounts, on this machine only");
        var noWork = Options.Flag("--no-work", "Only serve pages; workers do the jobs (needs PostgreSQL)");
        var slots = Slots();
        var command = new DocumentedCommand("serve", "Starts the platform and prints its address", """
            The first start asks for an administrator's account, with a one-time code that is
            printed here. Everything is kept in the data folder (NAS_DATA, or appsettings.json),
            in an SQLite database; with NAS_POSTGRES set to a connection string in that database,
            which several servers and workers share. Ctrl-C stops; what was running goes on with
            the next start.
            """) { urls, local, noWork, slots };
        command.SetAction(async (parsed, cancellation) =>
        {
            var settings = DataFolder.Settings(terminal);
            var isLocal = parsed.GetValue(local);
            var addresses = parsed.GetValue(urls) ?? DefaultUrls;
            if (isLocal)
            {
                DemandLoopback(addresses);
            }

            if (parsed.GetValue(noWork) && settings.Postgres is null)
            {
                throw new UserErrorException("--no-work needs PostgreSQL: nobody else can work on an SQLite database. Set NAS_POSTGRES, or leave --no-work out.");
            }

            var worker = parsed.GetValue(noWork) ? null : Worker(parsed.GetValue(slots));
            return await RunAsync(new(settings, addresses, isLocal, worker), terminal, cancellation);
        });
        return command;
    }

    public static Command CreateWorker(Terminal terminal)
    {
        var groups = Options.Text("--groups", "names", $"The groups of jobs that it takes, separated by commas: {string.Join(", ", JobGroups.All)} (default all but cuda where there is no GPU)");
        var slots = Slots();
        var command = new DocumentedCommand("worker", "Does jobs of a platform whose database is PostgreSQL", """
            Needs NAS_POSTGRES and the platform's data folder (NAS_DATA), shared between the
            machines. Start as many as there are machines; each takes what it has places for.
            """) { groups, slots };
        command.SetAction(async (parsed, cancellation) =>
        {
            var settings = DataFolder.Settings(terminal);
            if (settings.Postgres is null)
            {
                throw new UserErrorException("A worker needs the platform's PostgreSQL database: set NAS_POSTGRES to its connection string.");
            }

            var worker = Worker(parsed.GetValue(slots));
            if (parsed.GetValue(groups) is { } names)
            {
                string[] given = names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
                foreach (var unknown in given.Except(JobGroups.All))
                {
                    throw NearestName.Unknown("group of jobs", unknown, JobGroups.All);
                }

                worker = worker with { Groups = given };
            }

            return await RunAsync(new(settings, null, true, worker), terminal, cancellation);
        });
        return command;
    }

    private static Option<int?> Slots() => Options.Whole("--slots", "n", "Threads that training on the CPU may use at once (default: all cores)");

    private static WorkerOptions Worker(int? slots)
    {
        var worker = WorkerOptions.OfThisMachine();
        return slots switch
        {
            null => worker,
            >= 1 and <= 1024 => worker with { CpuSlots = slots.Value },
            _ => throw new UsageErrorException($"--slots is {slots}; it must be from 1 to 1024."),
        };
    }

    private static async Task<int> RunAsync(ServeOptions options, Terminal terminal, CancellationToken cancellation)
    {
        await using var app = await PlatformApp.BuildAsync(options, cancellation);
        await app.StartAsync(cancellation);
        terminal.Output.WriteLine(options.Urls is null
            ? $"Working on jobs of the groups {string.Join(", ", options.Worker?.Groups ?? [])}. Ctrl-C stops."
            : $"NasPlatform is at {string.Join(", ", app.Urls)}. Ctrl-C stops; what was running goes on with the next start.");
        if (options.Urls is not null && await app.Services.GetRequiredService<FirstStart>().CodeAsync(cancellation) is { } code)
        {
            terminal.Output.WriteLine($"There is no account yet. Open {app.Urls.First()}/setup and make the first one with the code {code}");
        }

        terminal.Output.Flush();
        if (options.Worker is not null)
        {
            await ComplainOfSetUpAsync(terminal, cancellation);
        }

        try
        {
            await Task.Delay(Timeout.Infinite, cancellation);
        }
        catch (OperationCanceledException)
        {
            terminal.Output.WriteLine("Stopping.");
        }

        await app.StopAsync(CancellationToken.None);
        return ExitCode.Done;
    }

    /// <summary>Says what will make training here slow, or fail. Looked at by a child: nothing native is loaded here.</summary>
    private static async Task ComplainOfSetUpAsync(Terminal terminal, CancellationToken cancellation)
    {
        using var check = Process.Start(ChildProgram.With("bench", "--check"))!; // not null: without a shell a process is always started
        var facts = check.StandardOutput.ReadToEndAsync(CancellationToken.None);
        try
        {
            terminal.Error.Write(await check.StandardError.ReadToEndAsync(cancellation));
            await facts;
        }
        catch (OperationCanceledException)
        {
            // The server is told to stop.
        }
    }

    private static void DemandLoopback(string addresses)
    {
        foreach (var address in addresses.Split(';'))
        {
            if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || !uri.IsLoopback)
            {
                throw new UserErrorException($"--local serves without accounts, so it listens on this machine only; {address} is reachable from others. Use http://127.0.0.1:<port>.");
            }
        }
    }
}
