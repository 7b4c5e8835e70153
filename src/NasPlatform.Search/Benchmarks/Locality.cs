using NasPlatform.Search.Spaces;

namespace NasPlatform.Search.Benchmarks;

/// <summary>
/// How alike are architectures that are few edits apart: the autocorrelation of accuracies along random walks by single edits (Ying et al. 2019, §3.3, after Weinberger 1990). Each move goes to
/// one of the valid single edits that the table has, all equally likely; where there is none, the walk begins anew.
/// </summary>
public sealed class Locality
{
    /// <summary>Bounds the memory of neighbourhoods that are kept.</summary>
    private const int MostKept = 50_000;

    private Locality(int steps, int walks, IReadOnlyList<double> autocorrelations)
    {
        Steps = steps;
        Walks = walks;
        Autocorrelations = autocorrelations;

        // Bartlett 1946: beyond the lags at which a series is correlated, an estimate's variance is (1 + 2·Σρ²)/n.
        NoiseBand = 2 * Math.Sqrt((1 + (2 * autocorrelations.Sum(rho => rho * rho))) / steps);
    }

    public int Steps { get; }

    /// <summary>1 where the walk never had to begin anew.</summary>
    public int Walks { get; }

    /// <summary>By the number of edits along the walk, from 1.</summary>
    public IReadOnlyList<double> Autocorrelations { get; }

    /// <summary>An autocorrelation within ± this is not to be told from none: two deviations of its estimate.</summary>
    public double NoiseBand { get; }

    /// <param name="table">The table.</param>
    /// <param name="dataset">One of its datasets, of which the reported accuracy after the most epochs is looked at.</param>
    /// <param name="steps">Architectures visited; the paper's walks are long, 100,000 is its sheet's least.</param>
    /// <param name="mostEdits">The largest distance.</param>
    /// <param name="seed">Of the walk.</param>
    /// <param name="progress">Told how many were visited.</param>
    /// <param name="cancellation">Ends it.</param>
    public static Locality Of(BenchmarkTable table, BenchmarkDataset dataset, int steps, int mostEdits, ulong seed, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        var random = new RandomSource(seed).Split("walk");
        var accuracies = dataset.Full.Reported;
        var series = new double[steps];
        var walk = new int[steps];
        var kept = new Dictionary<Genotype, (Genotype Genotype, int Row)[]>();
        var (place, walks) = (Begin(), 1);
        for (var step = 0; step < steps; step++)
        {
            if ((step & 1023) == 0)
            {
                cancellation.ThrowIfCancellationRequested();
                progress?.Report(step);
            }

            series[step] = accuracies[place.Row];
            walk[step] = walks;
            var neighbours = Neighbours(place.Genotype);
            if (neighbours.Length > 0)
            {
                place = neighbours[random.Next(neighbours.Length)];
            }
            else
            {
                place = Begin();
                walks++;
            }
        }

        return new(steps, walks, [.. Enumerable.Range(1, mostEdits).Select(edits => Autocorrelation(series, walk, edits))]);

        (Genotype Genotype, int Row) Begin()
        {
            while (true)
            {
                var row = random.Next(table.Count);
                if (!double.IsNaN(accuracies[row]))
                {
                    return (table.Space.Parse(table.Architecture(row)), row);
                }
            }
        }

        (Genotype Genotype, int Row)[] Neighbours(Genotype genotype)
        {
            if (!kept.TryGetValue(genotype, out var neighbours))
            {
                neighbours =
                [
                    .. from neighbour in table.Space.Neighbours(genotype)
                       let row = table.Find(neighbour)
                       where row is not null && !double.IsNaN(accuracies[row.Value])
                       select (neighbour, row.Value),
                ];
                if (kept.Count < MostKept)
                {
                    kept.Add(genotype, neighbours);
                }
            }

            return neighbours;
        }
    }

    /// <summary>Of the values so many steps apart in one walk.</summary>
    private static double Autocorrelation(double[] series, int[] walk, int lag)
    {
        int[] pairs = [.. Enumerable.Range(0, Math.Max(0, series.Length - lag)).Where(step => walk[step] == walk[step + lag])];
        return Statistics.Pearson([.. pairs.Select(step => series[step])], [.. pairs.Select(step => series[step + lag])]);
    }
}
