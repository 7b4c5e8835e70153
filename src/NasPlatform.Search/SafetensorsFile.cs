using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;

namespace NasPlatform.Search;

/// <summary>
/// A file in the safetensors format (8 bytes of header length, JSON header, raw tensors): the form in which datasets,
/// checkpoints and exported weights are kept. An open file is mapped into memory, never read whole; spans that it hands out
/// point into the mapping and are valid until it is disposed. Reading is safe from several threads.
/// </summary>
public sealed unsafe class SafetensorsFile : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _data;
    private readonly Dictionary<string, (TensorInfo Info, long Begin)> _tensors = new(StringComparer.Ordinal);
    private bool _disposed;

    private SafetensorsFile(MemoryMappedFile file, string path, long length)
    {
        _file = file;
        _view = file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        byte* start = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        start += _view.PointerOffset;
        Path = path;
        try
        {
            var headerLength = BinaryPrimitives.ReadUInt64LittleEndian(new ReadOnlySpan<byte>(start, 8));
            if (headerLength > SafetensorsHeader.MaxLength || (long)headerLength > length - 8)
                throw new FormatException($"its header would be {headerLength} bytes long");
            var header = SafetensorsHeader.Parse(new ReadOnlySpan<byte>(start + 8, (int)headerLength), length - 8 - (long)headerLength);
            _data = start + 8 + headerLength;
            Metadata = header.Metadata;
            Names = [.. header.Tensors.Select(tensor => tensor.Name)];
            foreach (var (name, info, begin) in header.Tensors)
                _tensors.Add(name, (info, begin));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The file's path as it was given.</summary>
    public string Path { get; }

    /// <summary>Names of the tensors, in the order of their bytes in the file.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The file's free text by key; empty when it has none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>What the file says of a tensor.</summary>
    /// <exception cref="UserErrorException">The file has no tensor of this name.</exception>
    public TensorInfo this[string name] => Find(name).Info;

    /// <summary>Opens and checks the file.</summary>
    /// <exception cref="UserErrorException">It is missing, unreadable or not a valid safetensors file; the message says what is wrong.</exception>
    public static SafetensorsFile Open(string path)
    {
        MemoryMappedFile? file = null;
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            var length = stream.Length;
            if (length < 8)
                throw new FormatException($"it has only {length} bytes");
            file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
            return new SafetensorsFile(file, path, length);
        }
        catch (FormatException e)
        {
            file?.Dispose();
            throw new UserErrorException($"{path} is not a valid safetensors file: {e.Message}.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            file?.Dispose();
            throw new UserErrorException($"{path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Whether the file has a tensor of this name.</summary>
    public bool Contains(string name) => _tensors.ContainsKey(name);

    /// <summary>All bytes of a tensor of at most 2^31 - 1 bytes; take a larger one in parts.</summary>
    public ReadOnlySpan<byte> Bytes(string name) => Bytes(name, 0, checked((int)this[name].ByteLength));

    /// <summary><paramref name="count"/> bytes of a tensor from its byte <paramref name="start"/> on.</summary>
    public ReadOnlySpan<byte> Bytes(string name, long start, int count)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var (info, begin) = Find(name);
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, info.ByteLength - count);
        return new ReadOnlySpan<byte>(_data + begin + start, count);
    }

    /// <summary>
    /// Writes a file. Either the whole new file is at <paramref name="path"/> afterwards, flushed to the disk, or what was
    /// there before. Tensors of wider elements come first, so that each is aligned; else the given order is kept.
    /// </summary>
    /// <exception cref="UserErrorException">The file cannot be written.</exception>
    /// <exception cref="ArgumentException">Two entries have one name, or one wrote more or fewer bytes than its shape says.</exception>
    public static void Write(string path, IEnumerable<TensorEntry> entries, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var ordered = entries.OrderByDescending(entry => SafetensorsHeader.SizeOf(entry.Type)).ToList();
        if (ordered.GroupBy(entry => entry.Name).FirstOrDefault(group => group.Count() > 1) is { Key: var twice })
            throw new ArgumentException($"Two tensors are named '{twice}'.", nameof(entries));
        var header = new SafetensorsHeader();
        foreach (var (key, value) in metadata ?? new Dictionary<string, string>())
            header.Metadata.Add(key, value);
        foreach (var entry in ordered)
            header.Add(entry.Name, entry.Type, entry.Shape);

        WholeFile.Write(path, stream =>
        {
            WriteHeader(stream, header);
            foreach (var (entry, tensor) in ordered.Zip(header.Tensors))
            {
                var start = stream.Position;
                entry.WriteTo(stream);
                if (stream.Position - start != tensor.Info.ByteLength)
                    throw new ArgumentException($"Tensor '{entry.Name}' of shape [{string.Join(", ", entry.Shape)}] needs {tensor.Info.ByteLength} bytes but {stream.Position - start} were written.", nameof(entries));
            }
        });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }

    private static void WriteHeader(Stream stream, SafetensorsHeader header)
    {
        var json = header.ToBytes();
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)json.Length);
        stream.Write(length);
        stream.Write(json);
    }

    private (TensorInfo Info, long Begin) Find(string name) =>
        _tensors.TryGetValue(name, out var tensor) ? tensor : throw NearestName.Unknown($"tensor in {Path} named", name, Names as string[] ?? [.. Names]);
}
