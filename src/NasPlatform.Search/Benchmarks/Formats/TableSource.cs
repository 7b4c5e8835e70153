using NasPlatform.Search.Datasets;
using NasPlatform.Search.Datasets.Layouts;

namespace NasPlatform.Search.Benchmarks.Formats;

/// <summary>What reading files may take, and who is told.</summary>
internal sealed record ReadingTerms(DatasetLimits Limits, IProgress<int>? Progress, CancellationToken Cancellation);

/// <summary>A file of a table, gzip or not, that is looked at first and read later.</summary>
internal sealed class TableSource
{
    private readonly string _path;
    private readonly ReadingTerms _terms;

    /// <param name="path">Where it lies.</param>
    /// <param name="fileName">What it is called.</param>
    /// <exception cref="UserErrorException">The file is not there or no table.</exception>
    public TableSource(string path, string fileName, ReadingTerms terms)
    {
        _path = path;
        FileName = fileName;
        _terms = terms;
        using var rows = Open();
        Titles = rows.Titles;
    }

    /// <summary>The file's name without <c>.csv</c> and <c>.gz</c>.</summary>
    public string Name => FileName.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? Path.GetFileNameWithoutExtension(FileName[..^3]) : Path.GetFileNameWithoutExtension(FileName);

    public string FileName { get; }

    public IReadOnlyList<string> Titles { get; }

    /// <summary>Reads it from the start.</summary>
    public TableRows Open()
    {
        try
        {
            return new(new CsvRows(File.OpenRead(_path), FileName, _terms.Limits), _terms);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{_path} cannot be read: {error.Message}", error);
        }
    }
}
