using System.Collections.Concurrent;
using System.Diagnostics;

namespace NasPlatform.Tests.Support;

/// <summary><c>nas serve</c> or <c>nas worker</c> as a process of its own, which a test may treat as badly as machines treat processes.</summary>
internal sealed class NasProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = [];
    private readonly Task _reading;

    private NasProcess(Process process)
    {
        _process = process;
        _reading = Task.WhenAll(ReadAsync(process.StandardOutput), ReadAsync(process.StandardError));
    }

    public int Id => _process.Id;

    /// <summary>All that it wrote.</summary>
    public string Output => string.Join('\n', _lines);

    /// <summary>Starts it and waits until it works.</summary>
    public static async Task<NasProcess> StartAsync(string dataFolder, string? postgres, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Join(AppContext.BaseDirectory, "nas.dll"), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["NAS_DATA"] = dataFolder;
        start.Environment["NAS_POSTGRES"] = postgres ?? "";
        start.Environment["NAS_SYSTEM_DATASETS"] = Path.Join(dataFolder, "none");
        start.Environment["OMP_NUM_THREADS"] = "1";
        var process = new NasProcess(Process.Start(start)!); // not null: without a shell a process is always started
        var started = TimeProvider.System.GetTimestamp();
        while (!process.Output.Contains("Ctrl-C stops", StringComparison.Ordinal))
        {
            if (process._process.HasExited || TimeProvider.System.GetElapsedTime(started).TotalSeconds > 300)
            {
                await process.DisposeAsync();
                Assert.Fail($"nas {string.Join(' ', arguments)} did not start:\n{process.Output}");
            }

            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        return process;
    }

    /// <summary>The numbers of its runners, oldest first.</summary>
    public int[] Runners() =>
    [
        .. Directory.GetDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, out _)).Select(name => int.Parse(name!)) // not null: asked for
            .Where(IsRunner).Order(),
    ];

    public void Kill() => Signal(Id, "-KILL");

    /// <summary>Stops it in the middle of whatever it does, and its runners with it.</summary>
    public void Freeze() => Array.ForEach([Id, .. Runners()], process => Signal(process, "-STOP"));

    public void Thaw() => Array.ForEach([.. Runners(), Id], process => Signal(process, "-CONT"));

    public static void Signal(int process, string signal) => ExternalTool.Run("kill", signal, $"{process}");

    public static bool Lives(int process) => File.Exists($"/proc/{process}/stat") && !File.ReadAllText($"/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync(CancellationToken.None);
        await _reading;
        _process.Dispose();
    }

    private bool IsRunner(int process)
    {
        try
        {
            var status = File.ReadAllText($"/proc/{process}/stat");
            var fields = status[(status.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] != "Z" && fields[1] == $"{Id}" && File.ReadAllText($"/proc/{process}/cmdline").Contains("runner", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false; // It has ended meanwhile.
        }
    }

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            _lines.Enqueue(line);
        }
    }
}
