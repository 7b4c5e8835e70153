using System.Text;
using NasPlatform.Search.Datasets.Layouts;

namespace NasPlatform.Search.Datasets;

/// <summary>
/// The datasets of a data folder, each in datasets/&lt;name&gt;. A dataset appears and disappears whole: it is made in a hidden folder
/// beside and renamed. What a process that died left behind is cleared when the next dataset is added.
/// </summary>
/// <param name="dataFolder">The data folder; made when the first dataset is added.</param>
/// <param name="time">The clock; default the system's.</param>
/// <param name="systemDatasets">Where packages of the system put datasets.</param>
public sealed class DatasetCatalog(string dataFolder, TimeProvider? time = null, string systemDatasets = KnownDataset.SystemFolder)
{
    private const int LongestName = 64;
    private const string Partial = ".partial";
    private const string Replaced = ".replaced";
    private const string Removed = ".removed";

    private readonly string _root = Path.Join(Path.GetFullPath(dataFolder), "datasets");
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <summary>The reports of all datasets that are there, in order of their names.</summary>
    /// <exception cref="UserErrorException">A report cannot be read.</exception>
    public IReadOnlyList<DatasetReport> List() => [.. Names().Select(name => Dataset.ReadReport(FolderOf(name)))];

    /// <summary>The report of one dataset; null where there is none of this name.</summary>
    /// <exception cref="UserErrorException">The report cannot be read.</exception>
    public DatasetReport? Find(string name) => Exists(name) ? Dataset.ReadReport(FolderOf(name)) : null;

    /// <summary>
    /// Opens a dataset. One of <see cref="KnownDatasets"/> that is not there yet is first brought in from its package, which takes seconds.
    /// </summary>
    /// <exception cref="UserErrorException">There is none of this name (the message lists the known and suggests the nearest), or its package is missing.</exception>
    public Dataset Open(string name, IProgress<IngestProgress>? progress = null, CancellationToken cancellation = default)
    {
        if (!Exists(name))
        {
            var known = KnownDatasets.All.FirstOrDefault(known => known.Name == name)
                ?? throw NearestName.Unknown("dataset", name, [.. Names().Union(KnownDatasets.All.Select(known => known.Name))]);
            AddKnown(known, progress, cancellation);
        }
        return Dataset.Open(FolderOf(name));
    }

    /// <summary>Whether a dataset of this name is there.</summary>
    public bool Exists(string name) => ProblemWith(name) is null && File.Exists(Path.Join(FolderOf(name), Dataset.ReportName));

    /// <summary>
    /// Brings in what lies at a path: a folder, zip or tar archive of class folders; a CSV file that lists files and labels; IDX
    /// files; CIFAR-10 binaries; series in .ts or ARFF files; a table or a series in a CSV file; a text.
    /// </summary>
    /// <returns>What was found.</returns>
    /// <exception cref="UserErrorException">It cannot be used, the name is taken, or the disk is full; nothing was added.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; nothing was added.</exception>
    public DatasetReport Add(string path, IngestOptions? options = null, IProgress<IngestProgress>? progress = null, CancellationToken cancellation = default)
    {
        options ??= new IngestOptions();
        var name = options.Name ?? DefaultName(path);
        CheckName(name);
        try
        {
            return Add(path, name, options, progress, cancellation);
        }
        catch (IOException e) when (IsDiskFull(e))
        {
            throw new UserErrorException($"The disk of {_root} is full. Nothing was added; free some space, or bring in less.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{path} could not be brought into {_root}: {e.Message} Nothing was added.", e);
        }
    }

    /// <summary>Deletes a dataset.</summary>
    /// <exception cref="UserErrorException">There is none of this name.</exception>
    public void Remove(string name)
    {
        if (!Exists(name))
            throw NearestName.Unknown("dataset", name, Names());
        using var held = Hold(name) ?? throw Busy(name);
        ClearLeftovers(name);
        Directory.Move(FolderOf(name), HiddenFolder(name, Removed));
        Directory.Delete(HiddenFolder(name, Removed), recursive: true);
    }

    /// <summary>Whether an exception says that the disk is full (ENOSPC, or the quota's EDQUOT).</summary>
    internal static bool IsDiskFull(IOException e) => e.HResult is 28 or 122 or unchecked((int)0x80070070);

    private string FolderOf(string name) => Path.Join(_root, name);

    private string HiddenFolder(string name, string suffix) => Path.Join(_root, "." + name + suffix);

    private string[] Names() => !Directory.Exists(_root) ? [] :
    [
        .. Directory.EnumerateDirectories(_root).Select(folder => Path.GetFileName(folder))
            .Where(name => !name.StartsWith('.') && File.Exists(Path.Join(FolderOf(name), Dataset.ReportName)))
            .Order(StringComparer.Ordinal),
    ];

    private DatasetReport Add(string path, string name, IngestOptions options, IProgress<IngestProgress>? progress, CancellationToken cancellation)
    {
        Directory.CreateDirectory(_root);
        using var held = Hold(name) ?? throw Busy(name);
        CheckFree(name, options.Replace);
        ClearLeftovers(name);
        var partial = HiddenFolder(name, Partial);
        Directory.CreateDirectory(partial);
        try
        {
            var report = new DatasetIngestion(_time, progress, cancellation).Run(path, name, partial, options);
            Publish(name, partial);
            return report;
        }
        finally
        {
            if (Directory.Exists(partial))
                Directory.Delete(partial, recursive: true);
        }
    }

    private void AddKnown(KnownDataset known, IProgress<IngestProgress>? progress, CancellationToken cancellation)
    {
        var folder = Path.Join(systemDatasets, known.Folder);
        if (!known.IsInstalled(systemDatasets))
            throw new UserErrorException($"The dataset '{known.Name}' is not on this machine; install its package: apt-get install {known.Package}");
        Add(folder, new IngestOptions { Name = known.Name, ClassNames = known.ClassNames }, progress, cancellation);
    }

    private void CheckFree(string name, bool replace)
    {
        if (!replace && Directory.Exists(FolderOf(name)))
            throw new UserErrorException($"There is a dataset '{name}' already. Choose another name, remove it first, or say that it is to be replaced.");
    }

    private void Publish(string name, string partial)
    {
        var old = HiddenFolder(name, Replaced);
        if (Directory.Exists(FolderOf(name)))
            Directory.Move(FolderOf(name), old);
        Directory.Move(partial, FolderOf(name));
        if (Directory.Exists(old))
            Directory.Delete(old, recursive: true);
    }

    // Of a process that died: an unfinished dataset goes, and one that was about to be replaced comes back.
    private void ClearLeftovers(string held)
    {
        foreach (var folder in Directory.GetDirectories(_root, ".*"))
        {
            var suffix = Path.GetExtension(folder);
            if (suffix is not (Partial or Replaced or Removed))
                continue;
            var name = Path.GetFileNameWithoutExtension(folder)[1..];
            using var other = name == held ? null : Hold(name);
            if (name != held && other is null)
                continue;
            if (suffix == Replaced && !Directory.Exists(FolderOf(name)))
                Directory.Move(folder, FolderOf(name));
            else
                Directory.Delete(folder, recursive: true);
        }
    }

    // The system lets go of it when the process ends, however it ends; the empty file stays.
    private FileStream? Hold(string name)
    {
        var locks = Path.Join(_root, ".locks");
        Directory.CreateDirectory(locks);
        try
        {
            return new FileStream(Path.Join(locks, name), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static UserErrorException Busy(string name) => new($"The dataset '{name}' is being added or removed by another program; wait for it.");

    private static string DefaultName(string path)
    {
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
        if (File.Exists(path))
            foreach (var suffix in new[] { ".gz", ".tgz", ".tar", ".zip", ".csv", ".tsv", ".bin", ".txt", ".text", ".tokens", ".ts", ".arff" })
                name = name.Length > suffix.Length && name.EndsWith(suffix, StringComparison.OrdinalIgnoreCase) ? name[..^suffix.Length] : name;
        return SplitNames.WithoutTrain(name).Replace(' ', '-');
    }

    /// <exception cref="UserErrorException">The name cannot be a dataset's; the message says why.</exception>
    public static void CheckName(string name)
    {
        if (ProblemWith(name) is { } problem)
            throw new UserErrorException($"'{name}' cannot be a dataset's name: {problem}. Give one of letters, digits, '.', '_' and '-'.");
    }

    private static string? ProblemWith(string name) =>
        name.Length == 0 ? "it is empty"
        : name.Length > LongestName ? $"it is longer than {LongestName} characters"
        : name[0] == '.' ? "it starts with a dot"
        : name.EnumerateRunes().Where(rune => !IsAllowed(rune)).ToArray() is [var first, ..] ? $"it has the character '{first}'"
        : null;

    // Marks belong to letters in many scripts.
    private static bool IsAllowed(Rune rune) =>
        Rune.IsLetterOrDigit(rune) || rune.Value is '.' or '_' or '-'
        || Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.NonSpacingMark or System.Globalization.UnicodeCategory.SpacingCombiningMark;
}
