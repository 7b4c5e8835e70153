using NasPlatform.Search.Datasets;
using NasPlatform.Search.Networks;

namespace NasPlatform.Web.Commands;

/// <summary>The datasets that commands name.</summary>
internal static class DataFolder
{
    public static AppSettings Settings(Terminal terminal) => AppSettings.Load(terminal.CurrentFolder, terminal.Variable);

    public static DatasetCatalog Catalog(Terminal terminal) => new(Settings(terminal).DataFolder, terminal.Time);

    /// <summary>Opens a dataset, bringing it in first where it is a known one; a person sees how far that has come.</summary>
    public static Dataset Open(string name, Terminal terminal, CancellationToken cancellation)
    {
        using var progress = new ProgressLine(terminal);
        return Catalog(terminal).Open(name, new IngestLine(progress, name), cancellation);
    }
}

/// <summary>Shows how far bringing in a dataset has come, and keeps its speed.</summary>
internal sealed class IngestLine(ProgressLine line, string name) : IProgress<IngestProgress>
{
    /// <summary>Images decoded a second; null until some were.</summary>
    public double? ImagesPerSecond { get; private set; }

    public void Report(IngestProgress value)
    {
        if (value.Stage == "decoding")
        {
            ImagesPerSecond = value.PerSecond;
        }

        var of = value.Total > 0 ? $" of {Figures.Exact(value.Total)}" : "";
        line.Show($"{name}: {value.Stage}, {Figures.Exact(value.Done)}{of} {value.Task.Counted}, {Figures.Exact((long)value.PerSecond)} {value.Task.Counted}/s");
    }
}
