using System.Globalization;
using System.Text;
using NasPlatform.Search.Benchmarks;
using NasPlatform.Search.Spaces;

namespace NasPlatform.Tests.Support;

/// <summary>A small table in the user's own format: the 91 cells of at most four vertices, trained three times for 4 and for 108 epochs. The n-th has mean accuracies of n/100 after 108.</summary>
internal sealed class MadeUpBenchmark : IDisposable
{
    public const string Titles = "architecture,valid@4,valid@108#1,valid@108#2,valid@108#3,test@108,seconds@4,seconds@108,parameters,luck";

    public static readonly IReadOnlyDictionary<string, string> SpaceSettings = new Dictionary<string, string> { ["vertices"] = "4" };

    private readonly TemporaryFolder _folder = new();

    public MadeUpBenchmark()
    {
        Catalog = new(_folder["data"]);
        Import(Csv());
        Table = Catalog.Open("cells");
    }

    public static SearchSpace Space { get; } = SearchSpaceCatalog.Create("nasbench101", SpaceSettings);

    public TemporaryFolder Folder => _folder;

    public BenchmarkCatalog Catalog { get; }

    public BenchmarkTable Table { get; }

    /// <summary>The rows as a file, the architectures in the order of the benchmark's generator.</summary>
    public static string Csv(int rows = 91)
    {
        var csv = new StringBuilder(Titles + "\n");
        foreach (var (row, genotype) in Space.EnumerateDistinct()!.Take(rows).Index()) // not null: the space knows how
        {
            var n = row + 1;
            csv.AppendLine(CultureInfo.InvariantCulture, $"\"{Space.Format(genotype)}\",{n / 200.0},{(n - 1) / 100.0},{n / 100.0},{(n + 1) / 100.0},{n / 100.0},{n},{27 * n},{1000 + n},{n % 7}");
        }

        return csv.ToString();
    }

    public BenchmarkDescription Import(string csv, string name = "cells", bool replace = false) =>
        Catalog.Import([_folder.Write($"{name}.csv", csv)], new() { Space = "nasbench101", SpaceSettings = SpaceSettings, Replace = replace });

    public void Dispose() => _folder.Dispose();
}
