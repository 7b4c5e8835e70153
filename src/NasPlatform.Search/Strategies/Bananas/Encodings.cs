using NasPlatform.Search.Spaces;

namespace NasPlatform.Search.Strategies.Bananas;

/// <summary>Genotypes as rows of numbers of one length.</summary>
internal static class Encodings
{
    /// <summary>
    /// As the space encodes them. Where some have decisions that others have not, and so are longer: a number for each option of each place that occurs, 1 where it was chosen.
    /// </summary>
    public static float[][] Of(SearchSpace space, IReadOnlyList<Genotype> genotypes)
    {
        float[][] rows = [.. genotypes.Select(genotype => (float[])[.. space.Encode(genotype).Select(number => (float)number)])];
        if (rows.All(row => row.Length == rows[0].Length))
        {
            return rows;
        }

        var places = new Dictionary<(string Name, int Value), int>();
        foreach (var decision in genotypes.SelectMany(genotype => genotype.Decisions))
        {
            places.TryAdd((decision.Name, decision.Value), places.Count);
        }

        foreach (var (number, genotype) in genotypes.Index())
        {
            rows[number] = new float[places.Count];
            foreach (var decision in genotype.Decisions)
            {
                rows[number][places[(decision.Name, decision.Value)]] = 1;
            }
        }

        return rows;
    }
}
