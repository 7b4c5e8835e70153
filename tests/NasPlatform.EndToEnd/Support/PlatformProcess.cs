using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace NasPlatform.EndToEnd.Support;

/// <summary>The server as a person starts it: a process of its own, on a free port, with a data folder that outlives it.</summary>
internal sealed partial class PlatformProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly List<string> _lines = [];

    private PlatformProcess(Process process, Uri address)
    {
        _process = process;
        Address = address;
    }

    public Uri Address { get; }

    public int ProcessId => _process.Id;

    /// <summary>Everything that it has printed.</summary>
    public string Output
    {
        get
        {
            lock (_lines)
            {
                return string.Join('\n', _lines);
            }
        }
    }

    /// <param name="dataFolder">Kept from one start to the next.</param>
    /// <param name="postgres">A connection string; null for SQLite.</param>
    /// <param name="port">0: a free one.</param>
    /// <param name="arguments">More of the command line.</param>
    public static async Task<PlatformProcess> StartAsync(string dataFolder, string? postgres, int port, params string[] arguments)
    {
        var address = new Uri($"http://127.0.0.1:{(port == 0 ? FreePort() : port)}");
        var start = new ProcessStartInfo("dotnet", [Repository.Program, "serve", "--urls", address.ToString(), .. arguments])
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["NAS_DATA"] = dataFolder;
        start.Environment["NAS_POSTGRES"] = postgres ?? "";
        start.Environment["OMP_NUM_THREADS"] = "1";
        var server = new PlatformProcess(Process.Start(start)!, address); // not null: without a shell a process is always started
        server._process.OutputDataReceived += (_, line) => server.Add(line.Data);
        server._process.ErrorDataReceived += (_, line) => server.Add(line.Data);
        server._process.BeginOutputReadLine();
        server._process.BeginErrorReadLine();
        await server.UntilAsync(() => server.Output.Contains("NasPlatform is at", StringComparison.Ordinal));
        return server;
    }

    /// <summary>The one-time code for the first administrator, as it was printed.</summary>
    public string SetupCode() => Code().Match(Output) is { Success: true } match
        ? match.Groups[1].Value
        : throw new InvalidOperationException($"No code was printed:\n{Output}");

    /// <summary>Ends it as a power cut would.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            using var stop = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            try
            {
                await _process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
                await _process.WaitForExitAsync(CancellationToken.None);
            }
        }

        _process.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private void Add(string? line)
    {
        if (line is not null)
        {
            lock (_lines)
            {
                _lines.Add(line);
            }
        }
    }

    private async Task UntilAsync(Func<bool> holds)
    {
        for (var waited = 0; waited < 600; waited++)
        {
            if (holds())
            {
                return;
            }

            Assert.False(_process.HasExited, $"The server ended:\n{Output}");
            await Task.Delay(100);
        }

        Assert.Fail($"The server was not ready within a minute:\n{Output}");
    }

    [GeneratedRegex(@"code[^A-Za-z0-9]+([A-Za-z0-9-]{8,})", RegexOptions.IgnoreCase)]
    private static partial Regex Code();
}
