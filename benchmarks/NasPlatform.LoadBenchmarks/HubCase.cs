using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using NasPlatform.Web.Store;

namespace NasPlatform.LoadBenchmarks;

/// <summary>Many viewers of one experiment in which five things happen a second: how late each is told, and what that costs the server.</summary>
internal static class HubCase
{
    private const char End = '\u001e';

    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(30);

    public static async Task RunAsync(int subscribers)
    {
        await using var server = new MeasuredServer();
        await server.FillAsync(context =>
        {
            context.Experiments.Add(MeasuredServer.Experiment(MeasuredServer.Busy, "busy", ExperimentState.Searching));
            context.Jobs.Add(new()
            {
                Id = Guid.CreateVersion7(),
                Kind = JobKind.Trial,
                Group = "cpu",
                ExperimentId = MeasuredServer.Busy,
                TrialNumber = 1,
                State = JobState.Running,
                Progress = "{}",
                CreatedAt = DateTimeOffset.UnixEpoch,
            });
        });
        await server.StartAsync();
        await Task.Delay(TimeSpan.FromSeconds(3));
        var (idle, alone) = (server.MemoryBytes, await UsageAsync(server, TimeSpan.FromSeconds(10)));

        using var over = new CancellationTokenSource();
        var delays = new ConcurrentBag<double>();
        var isMeasuring = false;
        var viewers = new List<Task<int>>();
        for (var number = 0; number < subscribers; number++)
        {
            viewers.Add(WatchAsync(server.Address, delays, () => Volatile.Read(ref isMeasuring), over.Token));
            await Task.Delay(5);
        }

        await Task.Delay(TimeSpan.FromSeconds(5));
        Volatile.Write(ref isMeasuring, true);
        var busy = await UsageAsync(server, Measured);
        Volatile.Write(ref isMeasuring, false);
        var memory = server.MemoryBytes;
        await over.CancelAsync();
        var gaps = (await Task.WhenAll(viewers)).Sum();

        var sorted = delays.Order().ToList();
        Console.WriteLine($"viewers {subscribers}, {sorted.Count} deliveries in {Measured.TotalSeconds:0} s, gaps {gaps}");
        Console.WriteLine($"delay ms: p50 {At(0.5):0}, p90 {At(0.9):0}, p99 {At(0.99):0}, largest {sorted[^1]:0}");
        Console.WriteLine($"server CPU: {100 * alone:0} % of a core without viewers, {100 * busy:0} % with them; memory {idle >> 20} MiB without, {memory >> 20} MiB with");

        double At(double share) => sorted[(int)(share * (sorted.Count - 1))];
    }

    /// <summary>Processor time over time.</summary>
    private static async Task<double> UsageAsync(MeasuredServer server, TimeSpan during)
    {
        var (time, used) = (TimeProvider.System.GetTimestamp(), server.ProcessorTime);
        await Task.Delay(during);
        return (server.ProcessorTime - used) / TimeProvider.System.GetElapsedTime(time);
    }

    /// <returns>How often a number was missing.</returns>
    private static async Task<int> WatchAsync(Uri address, ConcurrentBag<double> delays, Func<bool> isMeasuring, CancellationToken over)
    {
        var (last, gaps) = (0L, 0);
        using var socket = new ClientWebSocket();
        try
        {
            await socket.ConnectAsync(new UriBuilder(address) { Scheme = "ws", Path = "/live" }.Uri, over);
            await SendAsync("""{"protocol":"json","version":1}""");
            await SendAsync($$"""{"type":4,"invocationId":"1","target":"Watch","arguments":["{{MeasuredServer.Busy}}",0]}""");
            var pinged = TimeProvider.System.GetTimestamp();
            var (piece, partial) = (new byte[8192], new List<byte>());
            while (true)
            {
                var received = await socket.ReceiveAsync(piece, over);
                var now = TimeProvider.System.GetUtcNow();
                foreach (var one in piece.AsSpan(0, received.Count))
                {
                    if (one != End)
                    {
                        partial.Add(one);
                        continue;
                    }

                    Hear([.. partial], now);
                    partial.Clear();
                }

                if (TimeProvider.System.GetElapsedTime(pinged).TotalSeconds > 10)
                {
                    pinged = TimeProvider.System.GetTimestamp();
                    await SendAsync("""{"type":6}""");
                }
            }
        }
        catch (OperationCanceledException)
        {
            return gaps;
        }

        Task SendAsync(string message) => socket.SendAsync(Encoding.UTF8.GetBytes(message + End), WebSocketMessageType.Text, true, over);

        void Hear(byte[] message, DateTimeOffset now)
        {
            using var parsed = JsonDocument.Parse(message);
            if (parsed.RootElement.TryGetProperty("item", out var item))
            {
                foreach (var told in item.GetProperty("events").EnumerateArray())
                {
                    var sequence = told.GetProperty("sequence").GetInt64();
                    gaps += last > 0 && sequence != last + 1 ? 1 : 0;
                    last = sequence;
                    if (isMeasuring())
                    {
                        delays.Add((now - told.GetProperty("at").GetDateTimeOffset()).TotalMilliseconds);
                    }
                }
            }
        }
    }
}
