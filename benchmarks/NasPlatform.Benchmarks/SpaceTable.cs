using System.Diagnostics;
using System.Numerics;
using NasPlatform.Search;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;

namespace NasPlatform.Benchmarks;

/// <summary>Search spaces at their usual settings: their sizes, how many different networks they have where they can be enumerated, and what one architecture takes.</summary>
internal static class SpaceTable
{
    private const int Draws = 200;

    /// <summary>More genotypes than this are not enumerated.</summary>
    private static readonly BigInteger MostEnumerated = 1_000_000;

    public static void Write(IEnumerable<string> names)
    {
        Console.WriteLine("| space | genotypes | different networks | decisions | sample µs | build µs | inspect µs |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- |");
        foreach (var name in names)
        {
            var space = SearchSpaceCatalog.Create(name);
            var random = new RandomSource(1);
            var genotypes = new List<Genotype>();
            var sample = Median(() => genotypes.Add(space.Sample(random)));
            var texts = genotypes.ConvertAll(space.Format);
            var (built, inspected) = (0, 0);
            var build = Median(() => TryBuild(space, genotypes[built++]));
            var inspect = Median(() => Inspection.Of(space, texts[inspected++], space.Typical));
            Console.WriteLine($"| `{name}` | {SizeText(space.Size)} | {Distinct(space)} | {genotypes[0].Decisions.Length} | {sample:N0} | {build:N0} | {inspect:N0} |");
        }
    }

    private static void TryBuild(SearchSpace space, Genotype genotype)
    {
        try
        {
            space.Build(genotype, space.Typical);
        }
        catch (InvalidArchitectureException)
        {
            // It does not fit; saying so is what it takes.
        }
    }

    private static string Distinct(SearchSpace space)
    {
        var started = Stopwatch.GetTimestamp();
        var count = space.EnumerateDistinct() is { } distinct
            ? distinct.Count()
            : space.Size <= MostEnumerated ? space.Enumerate().Select(space.Key).Distinct().Count() : (int?)null;
        return count is { } known ? $"{known:N0} ({Stopwatch.GetElapsedTime(started).TotalSeconds:N1} s)" : "–";
    }

    private static string SizeText(BigInteger size)
    {
        var text = $"{size:N0}";
        return text.Length <= 27 ? text : ((double)size).ToString("0.00E+0", System.Globalization.CultureInfo.InvariantCulture).Replace("E+", " × 10^", StringComparison.Ordinal);
    }

    private static double Median(Action action)
    {
        var times = new List<double>();
        for (var draw = 0; draw < Draws; draw++)
        {
            var started = Stopwatch.GetTimestamp();
            action();
            times.Add(Stopwatch.GetElapsedTime(started).TotalMicroseconds);
        }

        times.Sort();
        return times[Draws / 2];
    }
}
