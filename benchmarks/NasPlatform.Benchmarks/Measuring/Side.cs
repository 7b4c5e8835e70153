using System.Diagnostics;
using System.Globalization;
using NasPlatform.Benchmarks.Cases;
using NasPlatform.Search.Training;

namespace NasPlatform.Benchmarks.Measuring;

/// <summary>One of the two sides of a case, ours or the plain PyTorch loop: a process that runs steps when it is told to.</summary>
internal sealed class Side : IDisposable
{
    /// <summary>The environment variable that tells a side what to measure times with.</summary>
    public const string ClockVariable = "CLOCK";

    /// <summary>Its value for the time that the process has the processor; else it is the time on the wall.</summary>
    public const string ProcessorClock = "processor";

    private readonly Process _process;

    private Side(string program, IReadOnlyList<string> arguments, Comparison how)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["OMP_NUM_THREADS"] = $"{how.Threads}";
        start.Environment["OPENBLAS_NUM_THREADS"] = $"{how.Threads}";
        start.Environment[ClockVariable] = how.IsProcessorTime ? ProcessorClock : "wall";
        _process = Process.Start(start)!; // not null: a new process is started
    }

    public static Side Ours(Case work, string folder, Comparison how) =>
        new(Environment.ProcessPath!, [typeof(Side).Assembly.Location, OwnSide.Command, work.Name, folder, $"{how.Threads}", $"{how.Precision}"], how); // not null: there is a program

    public static Side PyTorch(Case work, string folder, Comparison how)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "pytorch", work.Script);
        return new("/usr/bin/python3", [script, folder, $"{how.Threads}", how.Precision == Precision.BFloat16 ? "bf16" : "fp32", how.Layout, .. work.ScriptArguments], how); // where Debian's PyTorch is
    }

    /// <summary>Milliseconds of each of <paramref name="steps"/> steps.</summary>
    public double[] Run(int steps) => Ask($"run {steps}");

    /// <summary>The mean loss of all steps so far.</summary>
    public double Loss() => Ask("loss")[0];

    /// <summary>See <see cref="ProcessMemory.Read"/>.</summary>
    public (double PeakMebibytes, double GrowthMebibytes) Memory() => Ask("memory") is [var peak, var growth] ? (peak, growth) : throw new InvalidOperationException("A side told its memory in another form.");

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(20)))
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private double[] Ask(string command)
    {
        _process.StandardInput.WriteLine(command);
        _process.StandardInput.Flush();
        var line = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("A side ended; its error is above.");
        return [.. line.Split(' ').Select(text => double.Parse(text, CultureInfo.InvariantCulture))];
    }
}
