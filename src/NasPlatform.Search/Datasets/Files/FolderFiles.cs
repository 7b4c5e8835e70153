namespace NasPlatform.Search.Datasets.Files;

/// <summary>
/// Files of a folder. A symbolic link to a file is read as the file; a link to a folder is not followed, as it may lead round in a circle.
/// </summary>
internal sealed class FolderFiles : SourceFiles
{
    private readonly string _root;
    private readonly string? _only;

    private FolderFiles(string root, IEnumerable<SourceFile> files, string? only = null)
    {
        _root = root;
        _only = only;
        Files = [.. Sorted(root, files.Select(file => (file, 0))).Select(pair => pair.File)];
    }

    public override string Kind => "folder";

    /// <summary>All files in a folder and the folders in it.</summary>
    public static FolderFiles OfTree(string root)
    {
        var files = new List<SourceFile>();
        var linked = new List<string>();
        Walk(new DirectoryInfo(root), "");
        var found = new FolderFiles(root, files);
        if (linked.Count > 0)
            found.Notes.Add($"{linked.Count} linked folders were not followed: {string.Join(", ", linked.Order(StringComparer.Ordinal).Take(5))}.");
        return found;

        void Walk(DirectoryInfo folder, string prefix)
        {
            foreach (var entry in folder.EnumerateFileSystemInfos())
            {
                var name = prefix + entry.Name;
                if (IsIgnored(entry.Name))
                    continue;
                if (entry is FileInfo file)
                    files.Add(new SourceFile(name, LengthOf(file)));
                else if (entry.LinkTarget is not null)
                    linked.Add(name);
                else
                    Walk((DirectoryInfo)entry, name + "/");
            }
        }
    }

    /// <summary>The named files of a folder, as far as they exist. The names are relative and known to stay in the folder.</summary>
    public static FolderFiles OfNames(string root, IEnumerable<string> names) =>
        new(root, names.Select(name => (Name: name, File: new FileInfo(Path.Join(root, name))))
            .Where(pair => pair.File.Exists)
            .Select(pair => new SourceFile(pair.Name, LengthOf(pair.File))));

    /// <summary>One file, called what its owner calls it.</summary>
    public static FolderFiles OfFile(string path, string called) => new(Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/", [new SourceFile(called, LengthOf(new FileInfo(path)))], Path.GetFileName(path));

    /// <inheritdoc/>
    public override IEnumerable<(int Index, Stream Content)> Read(IReadOnlyCollection<int> wanted)
    {
        foreach (var index in wanted)
        {
            using var content = Open(Files[index]);
            yield return (index, content);
        }
    }

    // What has no bytes is not opened: it may be a pipe or a device, which would wait or never end.
    private Stream Open(SourceFile file)
    {
        if (file.Length == 0)
            return Stream.Null;
        try
        {
            return new FileStream(Path.Join(_root, _only ?? file.Name), FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        }
        catch (Exception e) when (IsDamage(e))
        {
            return new FailedStream(e is UnauthorizedAccessException ? "permission denied" : "it cannot be opened");
        }
    }

    private static long LengthOf(FileInfo file)
    {
        try
        {
            return file.LinkTarget is null ? file.Length : (file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo)?.Length ?? 0;
        }
        catch (IOException)
        {
            return 0; // A link to nothing, or to itself.
        }
    }

    // The failure belongs to the file and appears when the file is read, as any other damage does.
    private sealed class FailedStream(string reason) : ForwardStream
    {
        public override int Read(Span<byte> buffer) => throw new InvalidDataException(reason);
    }
}
