using System.CommandLine;
using NasPlatform.Web.Jobs.Runners;

namespace NasPlatform.Web.Commands;

/// <summary><c>nas runner</c>: not for people; a server starts it (<see cref="RunnerProgram"/>).</summary>
internal static class RunnerCommand
{
    private static readonly TimeSpan ParentInterval = TimeSpan.FromSeconds(1);

    public static Command Create(Terminal terminal)
    {
        var data = Options.Text("--data", "folder", "The data folder");
        var command = new Command("runner", "Trains and decodes for a server") { data };
        command.Hidden = true;
        command.SetAction(async (parsed, _) =>
        {
            var settings = DataFolder.Settings(terminal);
            using var watching = new Timer(_ => EndWithParent(terminal), null, ParentInterval, ParentInterval);
            using var program = new RunnerProgram(parsed.GetValue(data) ?? settings.DataFolder, settings.SystemDatasets, settings.ModulesFolder, Console.In, terminal.Output, terminal.Time);
            await program.RunAsync();

            // Work that is under way is nobody's any more.
            Interrupts.EndAtOnce(ExitCode.Done);
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>The input ends with the parent; this is for a parent that died while another process held on to the pipe. An orphan's parent is another.</summary>
    private static void EndWithParent(Terminal terminal)
    {
        if (int.TryParse(terminal.Variable("NAS_RUNNER_PARENT"), out var parent) && OperatingSystem.IsLinux() && ParentOfThisProcess() != parent)
        {
            Interrupts.EndAtOnce(ExitCode.Failed);
        }
    }

    private static int ParentOfThisProcess()
    {
        // Number, name in brackets, state, parent; the name may hold anything.
        var status = File.ReadAllText("/proc/self/stat");
        return int.Parse(status[(status.LastIndexOf(')') + 2)..].Split(' ')[1]);
    }
}
