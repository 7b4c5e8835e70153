using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using NasPlatform.Search.Spaces;

namespace NasPlatform.Search.Benchmarks;

/// <summary>
/// How a table is kept: gzip of a line of JSON (<see cref="BenchmarkDescription"/>), a line of titles, and a line for each architecture, with tabs between. An architecture is in its space's
/// text form; accuracies are 0 to 1; an empty field is a missing value.
/// </summary>
internal static class BenchmarkFile
{
    public const string Suffix = ".tsv.gz";

    /// <param name="columns">A value for each row; NaN where one is missing.</param>
    public static void Write(Stream stream, BenchmarkDescription description, IReadOnlyList<string> architectures, IReadOnlyList<double[]> columns)
    {
        using var writer = new StreamWriter(new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true));
        writer.NewLine = "\n";
        writer.WriteLine(JsonSerializer.Serialize(description));
        writer.WriteLine(string.Join('\t', description.Columns.Prepend("architecture")));
        for (var row = 0; row < architectures.Count; row++)
        {
            writer.Write(architectures[row]);
            foreach (var column in columns)
            {
                writer.Write('\t');
                writer.Write(double.IsNaN(column[row]) ? "" : column[row].ToString("R", CultureInfo.InvariantCulture));
            }

            writer.WriteLine();
        }
    }

    /// <exception cref="UserErrorException">The file is damaged.</exception>
    public static BenchmarkDescription ReadDescription(string path) => Read(path, DescriptionIn);

    /// <exception cref="UserErrorException">The file is damaged.</exception>
    public static BenchmarkTable Read(string path) => Read(path, reader =>
    {
        var description = DescriptionIn(reader);
        reader.ReadLine();
        var space = SearchSpaceCatalog.Create(description.Space, description.SpaceSettings);
        var index = new ArchitectureIndex(space);
        var architectures = new string[description.Rows];
        var columns = description.Columns.Select(_ => new double[description.Rows]).ToArray();
        for (var row = 0; row < description.Rows; row++)
        {
            var line = reader.ReadLine().AsSpan();
            var end = End(line);
            architectures[row] = line[..end].ToString();
            index.TryAdd(space.Parse(architectures[row]), row);
            foreach (var column in columns)
            {
                line = line[Math.Min(end + 1, line.Length)..];
                end = End(line);
                column[row] = end == 0 ? double.NaN : double.Parse(line[..end], CultureInfo.InvariantCulture);
            }
        }

        return new BenchmarkTable(description, space, architectures, index, columns);

        static int End(ReadOnlySpan<char> line) => line.IndexOf('\t') is var tab and >= 0 ? tab : line.Length;
    });

    private static BenchmarkDescription DescriptionIn(StreamReader reader) =>
        JsonSerializer.Deserialize<BenchmarkDescription>(reader.ReadLine() ?? "") ?? throw new InvalidDataException("it has no first line");

    private static T Read<T>(string path, Func<StreamReader, T> read)
    {
        try
        {
            using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
            return read(reader);
        }
        catch (Exception error) when (error is JsonException or FormatException or IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"The table in {path} cannot be read: {error.Message} Import it again.", error);
        }
    }
}
