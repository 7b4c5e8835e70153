using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using NasPlatform.Search;
using NasPlatform.Search.Experiments;

namespace NasPlatform.Web.Commands;

/// <summary>The program <c>nas</c>: its commands, and how an invocation ends.</summary>
internal static class NasProgram
{
    /// <summary>Runs one invocation and returns its <see cref="ExitCode"/>.</summary>
    public static async Task<int> RunAsync(string[] arguments, Terminal terminal, CancellationToken cancellation)
    {
        var verbose = new Option<bool>("--verbose") { Description = "Show an error's whole trace", Recursive = true };
        var parsed = Commands(terminal, verbose).Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            return UsageError(parsed, terminal);
        }

        try
        {
            var invocation = new InvocationConfiguration
            {
                Output = terminal.Output,
                Error = terminal.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            };
            return await parsed.InvokeAsync(invocation, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            terminal.Complain("Stopped.");
            return ExitCode.Interrupted;
        }
        catch (Exception error)
        {
            return Failure(error, terminal, parsed.GetValue(verbose));
        }
    }

    private static RootCommand Commands(Terminal terminal, Option<bool> verbose)
    {
        var root = new RootCommand("Finds neural networks: dataset in, trained and exported model out.")
        {
            SearchCommand.Create(terminal),
            Experiments.ExperimentCommand.Create(terminal),
            DatasetCommand.Create(terminal),
            EvaluateCommand.Create(terminal),
            PredictCommand.Create(terminal),
            ExportCommand.Create(terminal),
            InspectCommand.Create(terminal),
            SpaceCommand.Create(terminal),
            StrategyCommand.Create(terminal),
            Benchmarks.BenchmarkCommand.Create(terminal),
            BenchCommand.Create(terminal),
            ServeCommand.Create(terminal),
            ServeCommand.CreateWorker(terminal),
            RunnerCommand.Create(terminal),
            verbose,
        };
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithNotes((HelpAction)help.Action!); // not null: the library sets it
        return root;
    }

    private static int UsageError(ParseResult parsed, Terminal terminal)
    {
        var command = parsed.CommandResult.Command;
        var name = NameOf(parsed.CommandResult);
        if (parsed.UnmatchedTokens.Count == 0 && command.Subcommands.Count > 0 && parsed.CommandResult.Tokens.Count == 0)
        {
            command.Parse("--help").Invoke(new() { Output = terminal.Output });
            terminal.Complain(name == "nas" ? "Give a command." : $"Give a command after '{name}'.");
            return ExitCode.UsageError;
        }

        if (parsed.UnmatchedTokens is [var unknown, ..])
        {
            terminal.Complain(Unknown(unknown, command));
        }
        else
        {
            foreach (var error in parsed.Errors.Select(error => error.Message).Distinct())
            {
                terminal.Complain(error);
            }
        }

        terminal.Error.WriteLine($"See: {name} --help");
        return ExitCode.UsageError;
    }

    private static string Unknown(string token, Command command)
    {
        var isOption = token.StartsWith('-');
        var known = isOption
            ? command.Options.Select(option => option.Name)
            : command.Subcommands.Select(subcommand => subcommand.Name);
        var kind = isOption ? "option" : command.Subcommands.Count > 0 ? "command" : "argument";
        var suggestion = NearestName.Of(token, known) is { } nearest ? $" Did you mean '{nearest}'?" : "";
        return kind == "argument" ? $"'{token}' is one argument too many." : $"There is no {kind} '{token}'.{suggestion}";
    }

    private static string NameOf(CommandResult result) =>
        result.Parent is CommandResult parent ? $"{NameOf(parent)} {result.Command.Name}" : "nas";

    private static int Failure(Exception error, Terminal terminal, bool verbose)
    {
        if (error is DllNotFoundException || error.InnerException is DllNotFoundException)
        {
            error = new UserErrorException("A native library of this program is missing or cannot be loaded; ./run.sh builds it, and --verbose says which.", error);
        }

        // Messages of failed reading and writing say what was wrong with which file, as ours do.
        var isForeseen = error is UserErrorException or Accounts.RefusedException or IOException or UnauthorizedAccessException;
        terminal.Complain(isForeseen ? error.Message : $"{error.GetType().Name}: {error.Message}");
        if (verbose)
        {
            terminal.Error.WriteLine(error);
        }
        else if (!isForeseen)
        {
            terminal.Error.WriteLine("This was not foreseen; --verbose shows where it happened.");
        }

        return error switch
        {
            NothingCompletedException => ExitCode.Failed,
            UsageErrorException => ExitCode.UsageError,
            _ => isForeseen ? ExitCode.UserError : ExitCode.Failed,
        };
    }
}
