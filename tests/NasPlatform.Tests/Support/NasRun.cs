using System.Diagnostics;
using System.Text;
using System.Text.Json;
using NasPlatform.Web.Commands;

namespace NasPlatform.Tests.Support;

/// <summary>One invocation of the program, in this process or as one of its own, and what came of it.</summary>
internal sealed record NasRun(int ExitCode, string Output, string Error)
{
    public IReadOnlyList<string> Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The output as JSON, one object a line.</summary>
    public IReadOnlyList<JsonElement> Json => [.. Lines.Select(line => JsonDocument.Parse(line).RootElement)];

    /// <summary>Runs the program in this process, with its data in a folder's <c>data</c>.</summary>
    /// <param name="folder">The current folder.</param>
    /// <param name="arguments">The command line.</param>
    /// <param name="input">The standard input.</param>
    public static async Task<NasRun> Of(TemporaryFolder folder, string[] arguments, string input = "")
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var terminal = new Terminal
        {
            Input = new StringReader(input),
            Output = output,
            Error = error,
            CurrentFolder = folder.Path,
            Variable = name => name == "NAS_DATA" ? folder["data"] : null,
        };
        var exitCode = await NasProgram.RunAsync(arguments, terminal, TestContext.Current.CancellationToken);
        return new(exitCode, output.ToString(), error.ToString());
    }

    /// <summary>Runs the program as a process of one thread, and sends it what Ctrl-C sends once it has written a certain line.</summary>
    public static async Task<NasRun> InterruptedWhen(Predicate<string> isTime, TemporaryFolder folder, string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Join(AppContext.BaseDirectory, "nas.dll"), .. arguments])
        {
            WorkingDirectory = folder.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["NAS_DATA"] = folder["data"];
        start.Environment["OMP_NUM_THREADS"] = "1";
        var cancellation = TestContext.Current.CancellationToken;
        using var process = Process.Start(start)!; // not null: a new process is started
        try
        {
            var error = process.StandardError.ReadToEndAsync(cancellation);
            var output = new StringBuilder();
            while (await process.StandardOutput.ReadLineAsync(cancellation) is { } line)
            {
                output.AppendLine(line);
                if (isTime(line))
                {
                    using var kill = Process.Start("kill", [Interruption(), $"{process.Id}"]);
                    await kill.WaitForExitAsync(cancellation);
                }
            }

            await process.WaitForExitAsync(cancellation);
            return new(process.ExitCode, output.ToString(), await error);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>Ctrl-C's signal; where the tests were started with that ignored, as a shell does in the background, the one that means the same.</summary>
    private static string Interruption()
    {
        const ulong InterruptBit = 1UL << (2 - 1);
        var ignored = File.ReadLines("/proc/self/status").First(line => line.StartsWith("SigIgn:", StringComparison.Ordinal))[7..].Trim();
        return (Convert.ToUInt64(ignored, 16) & InterruptBit) == 0 ? "-INT" : "-TERM";
    }
}
