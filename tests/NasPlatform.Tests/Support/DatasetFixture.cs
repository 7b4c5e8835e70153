using NasPlatform.Search;
using NasPlatform.Search.Datasets;

namespace NasPlatform.Tests.Support;

/// <summary>A data folder of its own, and a folder to make sources in; gone after the test.</summary>
internal sealed class DatasetFixture : IDisposable
{
    public DatasetFixture() => Catalog = new DatasetCatalog(Data.Path, new FixedTime(), systemDatasets: Source["system"]);

    public TemporaryFolder Source { get; } = new();

    public TemporaryFolder Data { get; } = new();

    public DatasetCatalog Catalog { get; }

    /// <summary>Writes different PNG images below a folder of the source: for each given folder, this many.</summary>
    public string Images(string root, int count, params string[] folders)
    {
        var seed = root.Sum(c => c);
        foreach (var folder in folders)
            for (var i = 0; i < count; i++)
                Source.Write($"{root}/{folder}/{i:000}.png", TinyImages.Png(8, 6, 3, seed++));
        return Source[root];
    }

    public Dataset Add(string path, IngestOptions? options = null)
    {
        var report = Catalog.Add(path, (options ?? new IngestOptions()) with { Name = options?.Name ?? "added" }, null, TestContext.Current.CancellationToken);
        return Catalog.Open(report.Name);
    }

    /// <summary>The message with which a source is refused; nothing of it may be left.</summary>
    public string Refusal(string path, IngestOptions? options = null)
    {
        var message = Assert.Throws<UserErrorException>(() => Add(path, options)).Message;
        AssertNothingIsLeft();
        return message;
    }

    /// <summary>The message with which a source is refused where there are datasets already.</summary>
    public string Message(string path, IngestOptions? options = null) =>
        Assert.Throws<UserErrorException>(() => Add(path, (options ?? new IngestOptions()) with { Name = options?.Name ?? "refused" })).Message;

    public void AssertNothingIsLeft()
    {
        Assert.Empty(Catalog.List());
        var datasets = Path.Join(Data.Path, "datasets");
        if (Directory.Exists(datasets))
            Assert.Equal([".locks"], Directory.GetDirectories(datasets).Select(Path.GetFileName));
    }

    public void Dispose()
    {
        Source.Dispose();
        Data.Dispose();
    }

    private sealed class FixedTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    }
}
