namespace NasPlatform.Search.Datasets;

/// <summary>A dataset that a package of the system brings, so that asking for it by name is enough.</summary>
/// <param name="Name">Its name here.</param>
/// <param name="Package">The Debian package that brings it.</param>
/// <param name="Folder">Where the package puts it, below the system's folder of datasets.</param>
/// <param name="ClassNames">Its classes by label.</param>
public sealed record KnownDataset(string Name, string Package, string Folder, IReadOnlyList<string> ClassNames)
{
    /// <summary>Where packages of the system put datasets.</summary>
    public const string SystemFolder = "/usr/share/datasets";

    /// <summary>Whether its package is there.</summary>
    /// <param name="systemDatasets">Where packages of the system put datasets.</param>
    public bool IsInstalled(string systemDatasets = SystemFolder) => Directory.Exists(Path.Join(systemDatasets, Folder));
}

/// <summary>The datasets that need not be added by hand.</summary>
public static class KnownDatasets
{
    /// <summary>70,000 grey pictures of clothes, 28 x 28, in 10 classes (Xiao, Rasul and Vollgraf, 2017).</summary>
    public static KnownDataset FashionMnist { get; } = new(
        "fashion-mnist", "dataset-fashion-mnist", "fashion-mnist",
        ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"]);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<KnownDataset> All { get; } = [FashionMnist];
}
