using Microsoft.EntityFrameworkCore;
using NasPlatform.Web.Store;

namespace NasPlatform.Tests.Support;

/// <summary>A database with our schema and nothing else.</summary>
internal sealed class StoreFixture : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<PlatformStore> _stores = [];

    private StoreFixture(string? postgres)
    {
        Options = new(postgres, _folder["nas.db"]);
        Contexts = new Factory(Options);
        Store = Another();
    }

    public StoreOptions Options { get; }

    public IDbContextFactory<StoreContext> Contexts { get; }

    public PlatformStore Store { get; }

    /// <param name="database">Which.</param>
    /// <param name="isMigrated">Whether the schema comes from the migrations, as it does when a server starts; else EF makes it from the model.</param>
    public static async Task<StoreFixture> CreateAsync(TestDatabase database, bool isMigrated = true)
    {
        var fixture = new StoreFixture(await database.CreateAsync());
        if (isMigrated)
        {
            await StoreSetup.PrepareAsync(fixture.Contexts, fixture.Options, TestContext.Current.CancellationToken);
        }
        else
        {
            await using var context = await fixture.Contexts.CreateDbContextAsync(TestContext.Current.CancellationToken);
            await context.Database.EnsureCreatedAsync(TestContext.Current.CancellationToken);
        }

        return fixture;
    }

    /// <summary>A door of another process to the same database; on SQLite, which has one process only, the same one.</summary>
    public PlatformStore Another()
    {
        if (_stores.Count == 0 || Options.IsPostgres)
        {
            _stores.Add(new(Contexts, Options, TimeProvider.System));
        }

        return _stores[^1];
    }

    /// <summary>Adds an experiment on which nothing was done.</summary>
    public async Task<Guid> AddExperimentAsync()
    {
        var spec = PlatformFixture.TinySpec();
        var experiment = new StoredExperiment
        {
            Id = Guid.CreateVersion7(),
            Name = "test",
            Spec = SpecJson.Write(spec),
            Dataset = spec.Dataset,
            Space = spec.Space,
            Strategy = spec.Strategy,
            Origin = Origin.Terminal,
            State = ExperimentState.Waiting,
            CreatedAt = TimeProvider.System.GetUtcNow(),
        };
        await Store.WriteAsync((context, _) => Task.FromResult(context.Experiments.Add(experiment)), TestContext.Current.CancellationToken);
        return experiment.Id;
    }

    public ValueTask DisposeAsync()
    {
        _stores.ForEach(store => store.Dispose());
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    internal sealed class Factory(StoreOptions options) : IDbContextFactory<StoreContext>
    {
        public StoreContext CreateDbContext()
        {
            var builder = new DbContextOptionsBuilder<StoreContext>();
            options.Configure(builder);
            return new(builder.Options);
        }
    }
}
