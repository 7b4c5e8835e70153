using NasPlatform.Search.Benchmarks;
using NasPlatform.Search.Datasets;
using NasPlatform.Web.Accounts;

namespace NasPlatform.Web.Benchmarks;

/// <summary>The tables of the data folder for pages and REST. Reading a large one takes seconds, so those that were asked for last stay in memory.</summary>
internal sealed class OpenTables(DataFolders folders, DatasetLimits limits)
{
    private const int MostOpen = 3;

    private readonly Lock _lock = new();
    private readonly List<OpenTable> _open = [];

    public BenchmarkCatalog Catalog { get; } = new(folders.Root, limits);

    /// <exception cref="RefusedException">There is none of this name.</exception>
    /// <exception cref="Search.UserErrorException">It cannot be read.</exception>
    public Task<OpenTable> OpenAsync(string name, CancellationToken cancellation) => Task.Run(() => Open(name), cancellation);

    private OpenTable Open(string name)
    {
        if (!Catalog.Exists(name))
        {
            throw RefusedException.NotFound($"benchmark '{name}'");
        }

        var version = Catalog.Version(name);
        lock (_lock)
        {
            if (_open.Find(table => table.Version == version && table.Table.Name == name) is { } known)
            {
                _open.Remove(known);
                _open.Add(known);
                return known;
            }
        }

        var opened = new OpenTable(Catalog.Open(name), version);
        lock (_lock)
        {
            _open.RemoveAll(table => table.Table.Name == name);
            _open.Add(opened);
            if (_open.Count > MostOpen)
            {
                _open.RemoveAt(0);
            }
        }

        return opened;
    }
}

/// <summary>A table as it was imported last.</summary>
/// <param name="Version">Of <see cref="BenchmarkCatalog.Version"/>.</param>
internal sealed record OpenTable(BenchmarkTable Table, string Version);
