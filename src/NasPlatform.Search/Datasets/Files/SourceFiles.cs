using System.IO.Compression;

namespace NasPlatform.Search.Datasets.Files;

/// <summary>A file of a source.</summary>
/// <param name="Name">Its path in the source, relative, its parts joined by '/'.</param>
/// <param name="Length">Its bytes.</param>
internal sealed record SourceFile(string Name, long Length)
{
    public string FileName => Name[(Name.LastIndexOf('/') + 1)..];
}

/// <summary>
/// The files that a person hands in, whether they lie in a folder or in an archive. They are only ever read: nothing is unpacked
/// to disk, and no name of theirs becomes a path outside the folder that was named.
/// </summary>
internal abstract class SourceFiles : IDisposable
{
    private Dictionary<string, int>? _indexByName;

    /// <summary>"folder", "zip archive", "tar archive".</summary>
    public abstract string Kind { get; }

    /// <summary>The files in ordinal order of their names; those that programs leave behind unasked are left out.</summary>
    public IReadOnlyList<SourceFile> Files { get; protected init; } = [];

    /// <summary>What a person should know of how the files were found.</summary>
    public List<string> Notes { get; } = [];

    /// <summary>Opens what lies at a path: a folder, a zip or tar archive (told by its content, gzip or not), or else one file.</summary>
    /// <exception cref="UserErrorException">Nothing is there, it cannot be read, or the archive is damaged or unsafe.</exception>
    public static SourceFiles Open(string path, DatasetLimits limits)
    {
        try
        {
            if (Directory.Exists(path))
                return FolderFiles.OfTree(path);
            if (!File.Exists(path))
                throw new UserErrorException($"There is nothing at {path}.");
            var start = StartOf(path, TarFiles.BlockSize);
            if (start.AsSpan().StartsWith("PK\x03\x04"u8) || start.AsSpan().StartsWith("PK\x05\x06"u8))
                return new ZipFiles(path, limits);
            if (TarFiles.Recognises(start) || TarFiles.Recognises(UnzippedStart(path, start)))
                return new TarFiles(path, limits);
            if (UnknownArchive(start) is { } kind)
                throw new UserErrorException($"{path} is a {kind} archive, which is not read; pack the folder as zip or tar.gz.");
            return FolderFiles.OfNames(Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/", [Path.GetFileName(path)]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>
    /// The wanted files, each once, with their content; a stream is good until the next is asked for. Folders and zips come in the
    /// order that is wanted, a tar in its own. Reading a stream throws <see cref="InvalidDataException"/> or an I/O exception when
    /// that one file is damaged.
    /// </summary>
    public abstract IEnumerable<(int Index, Stream Content)> Read(IReadOnlyCollection<int> wanted);

    /// <summary>The index of the file of this name, or -1.</summary>
    public int Find(string name)
    {
        _indexByName ??= Enumerable.Range(0, Files.Count).ToDictionary(i => Files[i].Name, StringComparer.Ordinal);
        return _indexByName.GetValueOrDefault(name, -1);
    }

    /// <summary>Up to <paramref name="count"/> bytes from the start of each wanted file, unzipped where it is a gzip file; none for one that is damaged.</summary>
    public Dictionary<int, byte[]> ReadStarts(IReadOnlyCollection<int> wanted, int count)
    {
        var starts = new Dictionary<int, byte[]>();
        foreach (var (index, content) in Read(wanted))
        {
            try
            {
                using var plain = Gunzip(content, Files[index].Name, null);
                var buffer = new byte[count];
                starts[index] = buffer[..plain.ReadAtLeast(buffer, count, throwOnEndOfStream: false)];
            }
            catch (Exception e) when (IsDamage(e))
            {
                starts[index] = [];
            }
        }
        return starts;
    }

    /// <summary>Whether an exception says that one file cannot be read, rather than that the source is unsafe or the caller wrong.</summary>
    public static bool IsDamage(Exception e) => e is InvalidDataException or IOException or UnauthorizedAccessException;

    /// <summary>The content behind gzip, or the content itself. With limits, what comes out is held against them.</summary>
    public static Stream Gunzip(Stream content, string name, DatasetLimits? limits)
    {
        var start = new byte[2];
        var length = content.ReadAtLeast(start, 2, throwOnEndOfStream: false);
        var whole = new PrefixedStream(start.AsMemory(0, length), content);
        if (length < 2 || start is not [0x1F, 0x8B])
            return whole;
        var plain = new GZipStream(whole, CompressionMode.Decompress);
        return limits is null ? plain : new BoundedStream(plain, whole, name, limits);
    }

    /// <inheritdoc/>
    public virtual void Dispose() => GC.SuppressFinalize(this);

    /// <summary>Files that file managers leave behind, and hidden ones.</summary>
    protected static bool IsIgnored(string name) =>
        name.Split('/').Any(part => part.StartsWith('.') || part is "__MACOSX" or "@eaDir")
        || name[(name.LastIndexOf('/') + 1)..].ToUpperInvariant() is "THUMBS.DB" or "DESKTOP.INI";

    /// <summary>A name from an archive as a relative path, or an error when it would lead out of the folder or cannot be a file's name.</summary>
    protected static string SafeName(string archive, string name)
    {
        var parts = name.Replace('\\', '/').Split('/').Where(part => part is not ("" or ".")).ToArray();
        var isAbsolute = name is ['/' or '\\', ..] || (name.Length > 1 && char.IsAsciiLetter(name[0]) && name[1] == ':');
        if (isAbsolute || parts.Contains(".."))
            throw new UserErrorException($"{archive} has an entry '{Printable(name)}' that leads out of its folder; nothing was read. Such an archive is broken or malicious: pack the folder anew.");
        if (parts.Length == 0 || name.Any(char.IsControl))
            throw new UserErrorException($"{archive} has an entry with the name '{Printable(name)}', which cannot be a file's name.");
        return string.Join('/', parts);
    }

    /// <summary>A name as it can be shown on one line.</summary>
    protected static string Printable(string name) => string.Concat(name.Select(c => char.IsControl(c) ? '?' : c));

    protected static void CheckEntries(string archive, long count, DatasetLimits limits)
    {
        if (count > limits.MaxEntries)
            throw new UserErrorException($"{archive} has {count:N0} entries; the limit is {limits.MaxEntries:N0} (Datasets:Limits:MaxEntries in appsettings.json).");
    }

    protected static void CheckEntry(string archive, string name, long bytes, long total, DatasetLimits limits)
    {
        if (bytes > limits.MaxEntryBytes)
            throw new UserErrorException($"'{name}' in {archive} unpacks to {bytes:N0} bytes; the limit is {limits.MaxEntryBytes:N0} (Datasets:Limits:MaxEntryBytes in appsettings.json).");
        if (total > limits.MaxArchiveBytes)
            throw new UserErrorException($"{archive} unpacks to more than {limits.MaxArchiveBytes:N0} bytes, which is the limit (Datasets:Limits:MaxArchiveBytes in appsettings.json).");
    }

    /// <summary>Sorts the files for <see cref="Files"/>, with what belongs to each, and refuses a name that is there twice.</summary>
    protected static (SourceFile File, T Entry)[] Sorted<T>(string archive, IEnumerable<(SourceFile File, T Entry)> files)
    {
        var sorted = files.OrderBy(pair => pair.File.Name, StringComparer.Ordinal).ToArray();
        for (var i = 1; i < sorted.Length; i++)
            if (sorted[i].File.Name == sorted[i - 1].File.Name)
                throw new UserErrorException($"{archive} holds '{sorted[i].File.Name}' twice; which is meant cannot be known. Pack the folder anew.");
        return sorted;
    }

    private static byte[] StartOf(string path, int count)
    {
        using var stream = File.OpenRead(path);
        var buffer = new byte[count];
        return buffer[..stream.ReadAtLeast(buffer, count, throwOnEndOfStream: false)];
    }

    private static byte[] UnzippedStart(string path, byte[] start)
    {
        if (start is not [0x1F, 0x8B, ..])
            return [];
        try
        {
            using var stream = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
            var buffer = new byte[TarFiles.BlockSize];
            return buffer[..stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false)];
        }
        catch (InvalidDataException)
        {
            return [];
        }
    }

    private static string? UnknownArchive(ReadOnlySpan<byte> start) =>
        start switch
        {
            [(byte)'7', (byte)'z', 0xBC, 0xAF, ..] => "7z",
            [(byte)'R', (byte)'a', (byte)'r', (byte)'!', ..] => "rar",
            [0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', ..] => "xz",
            [(byte)'B', (byte)'Z', (byte)'h', ..] => "bzip2",
            [0x28, 0xB5, 0x2F, 0xFD, ..] => "zstd",
            _ => null,
        };
}
