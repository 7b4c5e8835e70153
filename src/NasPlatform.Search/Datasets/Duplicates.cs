using NasPlatform.Search.Datasets.Layouts;

namespace NasPlatform.Search.Datasets;

/// <summary>Finds examples whose pixels are the same, by a 128-bit hash of them.</summary>
internal static class Duplicates
{
    private const int ExamplesKept = 20;

    public static DuplicateReport Find(IReadOnlyList<Example> examples, IReadOnlyList<Split> splits, IReadOnlyList<UInt128> hashes)
    {
        int across = 0, within = 0, otherLabels = 0;
        var acrossExamples = new List<DuplicateExample>();
        var withinExamples = new List<DuplicateExample>();
        foreach (var group in Enumerable.Range(0, examples.Count).GroupBy(i => hashes[i]).Where(group => group.Skip(1).Any()))
        {
            // The first of the earliest split is the original, the others are its copies.
            var ordered = group.OrderBy(i => splits[i]).ThenBy(i => i).ToArray();
            var original = ordered[0];
            var seen = new HashSet<Split> { splits[original] };
            foreach (var copy in ordered.AsSpan(1))
            {
                var isAcross = splits[copy] != splits[original];
                across += isAcross ? 1 : 0;
                within += seen.Add(splits[copy]) ? 0 : 1;
                otherLabels += examples[copy].Label != examples[original].Label ? 1 : 0;
                (isAcross ? acrossExamples : withinExamples).Add(new(examples[original].Name, splits[original], examples[copy].Name, splits[copy]));
            }
        }
        return new DuplicateReport(across, within, otherLabels, [.. acrossExamples.Concat(withinExamples).Take(ExamplesKept)]);
    }
}
