using NasPlatform.Search.Benchmarks.Formats;
using NasPlatform.Search.Datasets;

namespace NasPlatform.Search.Benchmarks;

/// <summary>The tables of a data folder, each the file benchmarks/&lt;name&gt;.tsv.gz, which is there whole or not at all.</summary>
/// <param name="dataFolder">The data folder; made when the first table is imported.</param>
/// <param name="limits">What an imported file may ask of this machine.</param>
public sealed class BenchmarkCatalog(string dataFolder, DatasetLimits? limits = null)
{
    private const int LongestName = 64;

    private readonly string _root = Path.Join(Path.GetFullPath(dataFolder), "benchmarks");
    private readonly DatasetLimits _limits = limits ?? new();

    /// <summary>What is there, in order of the names.</summary>
    /// <exception cref="UserErrorException">A file cannot be read.</exception>
    public IReadOnlyList<BenchmarkDescription> List() => [.. Names().Select(name => BenchmarkFile.ReadDescription(FileOf(name)))];

    /// <summary>Reads a table into memory.</summary>
    /// <exception cref="UserErrorException">There is none of this name (the message lists those that are there), or it cannot be read.</exception>
    public BenchmarkTable Open(string name) => Exists(name) ? BenchmarkFile.Read(FileOf(name)) : throw NearestName.Unknown("benchmark", name, Names());

    /// <summary>Tells the states of a table apart: another text once it was imported anew.</summary>
    /// <exception cref="UserErrorException">There is none of this name.</exception>
    public string Version(string name)
    {
        var file = new FileInfo(FileOf(Exists(name) ? name : throw NearestName.Unknown("benchmark", name, Names())));
        return $"{file.LastWriteTimeUtc.Ticks:x}-{file.Length:x}";
    }

    public bool Exists(string name) => IsName(name) && File.Exists(FileOf(name));

    /// <summary>Imports a table from files that are read whole and checked, row by row, before anything is kept.</summary>
    /// <param name="paths">One file, or several that belong together, of a format that <see cref="TableFormats"/> knows.</param>
    /// <param name="options">The name, and what the user's own table needs to be told.</param>
    /// <param name="progress">Told the rows that were read so far.</param>
    /// <param name="cancellation">Ends it; nothing was imported.</param>
    /// <exception cref="UserErrorException">The files are not a table (the message names line and column), or the name is taken; nothing was imported.</exception>
    public BenchmarkDescription Import(IReadOnlyList<string> paths, ImportOptions? options = null, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        options ??= new();
        var draft = TableFormats.Read(paths, options, new(_limits, progress, cancellation));
        var name = options.Name ?? draft.UsualName;
        if (!IsName(name))
        {
            throw new UserErrorException($"'{name}' cannot be a benchmark's name; give one of at most {LongestName} letters, digits, '.', '_' and '-', the first no dot.");
        }

        if (!options.Replace && Exists(name))
        {
            throw new UserErrorException($"There is a benchmark '{name}' already. Choose another name, remove it first, or say that it is to be replaced.");
        }

        var (description, architectures, columns) = draft.Finish(name);
        WholeFile.Write(FileOf(name), stream => BenchmarkFile.Write(stream, description, architectures, columns));
        return description;
    }

    /// <exception cref="UserErrorException">There is none of this name.</exception>
    public void Remove(string name)
    {
        if (!Exists(name))
        {
            throw NearestName.Unknown("benchmark", name, Names());
        }

        File.Delete(FileOf(name));
    }

    private static bool IsName(string name) =>
        name.Length is > 0 and <= LongestName && name[0] != '.' && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-');

    private string FileOf(string name) => Path.Join(_root, name + BenchmarkFile.Suffix);

    private string[] Names() => !Directory.Exists(_root) ? [] :
    [
        .. Directory.EnumerateFiles(_root, "*" + BenchmarkFile.Suffix).Select(path => Path.GetFileName(path)[..^BenchmarkFile.Suffix.Length]).Where(IsName).Order(StringComparer.Ordinal),
    ];
}
