using NasPlatform.Search.Datasets;

namespace NasPlatform.Web;

/// <summary>Where things lie below the data folder. Ids made by us are the only names that become paths.</summary>
/// <param name="Root">The data folder, absolute.</param>
/// <param name="SystemDatasets">Where packages of the system put datasets.</param>
internal sealed record DataFolders(string Root, string SystemDatasets = KnownDataset.SystemFolder)
{
    /// <summary>The SQLite database.</summary>
    public string Database => Path.Join(Root, "nas.db");

    /// <summary>What is known of a dataset; null while there is none of this name.</summary>
    public DatasetReport? Report(string dataset) => new DatasetCatalog(Root).Find(dataset);

    /// <summary>Files by the hash of their content.</summary>
    public string Artifacts => Path.Join(Root, "artifacts");

    /// <summary>Results that are not in the database yet; this machine's own.</summary>
    public string Spool => Path.Join(Root, "spool", Environment.MachineName);

    /// <summary>Holds a folder for each benchmark with what was calculated on it.</summary>
    public string BenchmarkAnswers => Path.Join(Root, "benchmarks", "answers");

    /// <summary>Holds a folder for each experiment that is trained in full.</summary>
    public string Experiments => Path.Join(Root, "experiments");

    /// <summary>Checkpoints and models in the making.</summary>
    public string Experiment(Guid id) => Path.Join(Experiments, id.ToString("N"));

    /// <summary>Holds the files that were or are being uploaded.</summary>
    public string Uploads => Path.Join(Root, "uploads");

    /// <summary>A file that was or is being uploaded.</summary>
    public string Upload(Guid id) => Path.Join(Uploads, id.ToString("N"));

    /// <summary>Held by the one server of an SQLite database.</summary>
    public string Lock => Path.Join(Root, "serve.lock");
}
