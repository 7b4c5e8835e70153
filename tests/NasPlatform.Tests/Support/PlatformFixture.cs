using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using NasPlatform.Search.Experiments;
using NasPlatform.Web;
using NasPlatform.Web.Accounts;
using NasPlatform.Web.Experiments;
using NasPlatform.Web.Jobs;
using NasPlatform.Web.Store;

namespace NasPlatform.Tests.Support;

/// <summary>
/// The real platform in this process, on a port of its own and a data folder of its own with the dataset <c>textures</c> in it; its runners are real child processes. By
/// default on SQLite and without accounts. One for a test (<see cref="StartAsync"/>), or for a class as <c>IClassFixture&lt;PlatformFixture&gt;</c>.
/// </summary>
public sealed class PlatformFixture : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly ServeOptions _options;
    private WebApplication? _app;

    public PlatformFixture()
        : this(null, true, worker => worker)
    {
    }

    private PlatformFixture(string? postgres, bool isLocal, Func<WorkerOptions, WorkerOptions?> worker)
    {
        TinyDataset.Open(_folder.Path).Dispose();
        var settings = new AppSettings
        {
            DataFolder = _folder["data"],
            Root = ExternalTool.Repository,
            ModulesFolder = ExternalTool.NodePackages,
            SystemDatasets = _folder["system"],
            Postgres = postgres,
        };
        _options = new(settings, "http://127.0.0.1:0", isLocal, worker(WorkerOptions.OfThisMachine()));
    }

    public IServiceProvider Services => Running.Services;

    /// <summary>Where it listens.</summary>
    public Uri Address => new(Running.Urls.First());

    /// <summary>The data folder.</summary>
    public string DataFolder => _folder["data"];

    internal PlatformStore Store => Get<PlatformStore>();

    internal ExperimentActions Experiments => Get<ExperimentActions>();

    private WebApplication Running => _app ?? throw new InvalidOperationException("The platform is not started.");

    /// <summary>Starts a platform.</summary>
    /// <param name="postgres">A connection string; null for SQLite.</param>
    /// <param name="isLocal">Without accounts.</param>
    /// <param name="worker">Changes what it does of the queue; null as the result for a server that only serves.</param>
    internal static async Task<PlatformFixture> StartAsync(string? postgres = null, bool isLocal = true, Func<WorkerOptions, WorkerOptions?>? worker = null)
    {
        var platform = new PlatformFixture(postgres, isLocal, worker ?? (given => given));
        try
        {
            await platform.InitializeAsync();
            return platform;
        }
        catch
        {
            await platform.DisposeAsync();
            throw;
        }
    }

    public async ValueTask InitializeAsync()
    {
        _app = await PlatformApp.BuildAsync(_options, TestContext.Current.CancellationToken);
        await _app.StartAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Stops the server as Ctrl-C would; the data stays.</summary>
    public async Task StopAsync()
    {
        if (_app is { } app)
        {
            _app = null;
            await app.StopAsync(CancellationToken.None);
            await app.DisposeAsync();
        }
    }

    /// <summary>Stops the server and starts it again on the same data.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        await InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _folder.Dispose();
    }

    public HttpClient CreateClient() => new() { BaseAddress = Address };

    internal T Get<T>()
        where T : notnull => Services.GetRequiredService<T>();

    /// <summary>An experiment that is over in seconds: four trials of two small layers, two epochs each, then two in full.</summary>
    public static ExperimentSpec TinySpec(ulong seed = 4) => new()
    {
        Dataset = "textures",
        Space = "chain",
        SpaceSettings = new Dictionary<string, string> { ["layers"] = "2", ["strides"] = "1,2", ["filters"] = "8,16" },
        Budget = new(Trials: 4),
        Fidelity = new(Epochs: 2),
        FinalEpochs = 2,
        Training = new() { BatchSize = 32, LearningRate = 0.05 },
        Seed = seed,
    };

    /// <summary>Starts an experiment as the program itself.</summary>
    internal Task<Guid> BeginAsync(ExperimentSpec? spec = null) =>
        Experiments.StartAsync(Caller.Program, spec ?? TinySpec(), null, Visibility.Team, null, TestContext.Current.CancellationToken);

    /// <summary>Waits until an experiment is as wanted, and gives it; fails with its log when that takes too long.</summary>
    internal Task<StoredExperiment> WaitAsync(Guid id, Predicate<StoredExperiment> isThere, int seconds = 600) => ExperimentWatch.WaitAsync(Store, id, isThere, seconds);

    internal Task<StoredExperiment> WaitForAsync(Guid id, ExperimentState state, int seconds = 600) => WaitAsync(id, experiment => experiment.State == state, seconds);
}
