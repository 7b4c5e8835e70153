using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NasPlatform.Search.Experiments;
using NasPlatform.Search.Training;
using NasPlatform.Web;
using NasPlatform.Web.Commands;
using NasPlatform.Web.Store;

namespace NasPlatform.LoadBenchmarks;

/// <summary>A platform without accounts on a data folder of its own, in a process of its own.</summary>
internal sealed class MeasuredServer : IAsyncDisposable
{
    private const string Url = "http://127.0.0.1:5199";

    /// <summary>The experiment in which something happens all the time while it is there.</summary>
    public static readonly Guid Busy = Guid.Parse("0198c8a2-7f63-7000-8000-000000000001");

    private readonly string _data = Directory.CreateTempSubdirectory("nas-load-").FullName;
    private Process? _process;

    public Uri Address { get; } = new(Url);

    public HttpClient Client { get; } = new() { BaseAddress = new(Url), Timeout = TimeSpan.FromMinutes(2) };

    /// <summary>Resident memory, in bytes.</summary>
    public long MemoryBytes => Field("VmRSS:") * 1024;

    /// <summary>The most that it was, in bytes.</summary>
    public long PeakBytes => Field("VmHWM:") * 1024;

    public TimeSpan ProcessorTime
    {
        get
        {
            Running.Refresh();
            return Running.TotalProcessorTime;
        }
    }

    private Process Running => _process ?? throw new InvalidOperationException("The server is not started.");

    /// <summary>Fills the store before the server starts.</summary>
    public async Task FillAsync(Action<StoreContext> fill)
    {
        await using var local = await LocalStore.OpenAsync(Settings(_data), CancellationToken.None);
        await local.Store.WriteAsync(
            (context, _) =>
            {
                fill(context);
                return Task.CompletedTask;
            },
            CancellationToken.None);
    }

    public async Task StartAsync()
    {
        _process = Process.Start(new ProcessStartInfo("dotnet", [typeof(MeasuredServer).Assembly.Location, "server", _data, Url]) { RedirectStandardOutput = true })!; // not null: a new process is started
        await _process.StandardOutput.ReadLineAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (_process is { } process)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }

        Directory.Delete(_data, recursive: true);
    }

    /// <summary>The server's process: the platform, and five times a second something that happens in <see cref="Busy"/>, if it is there.</summary>
    public static async Task ServeAsync(string data, string url)
    {
        await using var app = await PlatformApp.BuildAsync(new(Settings(data), url, true, null), CancellationToken.None);
        await app.StartAsync();
        Console.WriteLine("started");
        var store = app.Services.GetRequiredService<PlatformStore>();
        for (var step = 1; ; step++)
        {
            await Task.Delay(200);
            var progress = JsonSerializer.Serialize(new TrainingProgress(1, 2, step, 1_000_000, 0.5, 2000, null), JsonSerializerOptions.Web);
            await store.WriteAsync(
                async (context, again) =>
                {
                    if (await context.Experiments.AnyAsync(experiment => experiment.Id == Busy, again))
                    {
                        context.Happened(Busy, EventKind.EpochEnded, $"Trial 1: epoch {step} ended, training loss 0.512, 88.10 % on validation.", 1);
                        await context.Jobs.Where(job => job.ExperimentId == Busy).ExecuteUpdateAsync(set => set.SetProperty(job => job.Progress, progress), again);
                    }
                },
                CancellationToken.None);
        }
    }

    public static StoredExperiment Experiment(Guid id, string name, ExperimentState state) => new()
    {
        Id = id,
        Name = name,
        Spec = SpecJson.Write(new ExperimentSpec { Dataset = "fashion-mnist" }),
        Dataset = "fashion-mnist",
        Space = "chain",
        Strategy = "reinforce",
        Origin = Origin.Platform,
        State = state,
        CreatedAt = DateTimeOffset.UnixEpoch.AddDays(20_000),
    };

    private static AppSettings Settings(string data) => AppSettings.Load(Environment.CurrentDirectory, name => name == "NAS_DATA" ? data : null);

    private long Field(string name) => long.Parse(
        File.ReadLines($"/proc/{Running.Id}/status").First(line => line.StartsWith(name, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
}
