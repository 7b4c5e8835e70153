namespace NasPlatform.Search.Datasets;

/// <summary>Deals examples out to the splits so that each class is shared out in the same proportions.</summary>
internal static class StratifiedSplit
{
    /// <summary>
    /// Splits that the source provides are kept. Where it has no test examples they are taken from those for training, and where
    /// it has no validation examples these too. The choice depends on the seed, the class and the order of the class's examples.
    /// </summary>
    /// <param name="labels">Class of each example.</param>
    /// <param name="given">Split of each example as the source has it; null where it says nothing, which counts as training.</param>
    /// <param name="validation">Share of a class's examples for validation, 0 to 1.</param>
    /// <param name="test">Share of a class's examples for the test.</param>
    /// <param name="random">Decides who goes where.</param>
    public static Split[] Assign(IReadOnlyList<int> labels, IReadOnlyList<Split?> given, double validation, double test, RandomSource random)
    {
        var splits = given.Select(split => split ?? Split.Train).ToArray();
        var testShare = splits.Contains(Split.Test) ? 0 : test;
        var validationShare = splits.Contains(Split.Validation) ? 0 : validation;
        var classes = Enumerable.Range(0, splits.Length).Where(i => splits[i] == Split.Train).GroupBy(i => labels[i]);
        foreach (var examples in classes)
        {
            var order = examples.ToArray();
            random.Split("class", examples.Key).Shuffle<int>(order);
            var (forTest, forValidation) = Counts(order.Length, testShare, validationShare);
            foreach (var i in order.AsSpan(0, forTest))
                splits[i] = Split.Test;
            foreach (var i in order.AsSpan(forTest, forValidation))
                splits[i] = Split.Validation;
        }
        return splits;
    }

    // At least one for each split that is wanted, as long as one is left to train on; the test waits until a class has three.
    private static (int Test, int Validation) Counts(int count, double testShare, double validationShare)
    {
        var test = testShare > 0 && count >= 3 ? Share(testShare, count - 2) : 0;
        var validation = validationShare > 0 && count - test >= 2 ? Share(validationShare, count - test - 1) : 0;
        return (test, validation);

        int Share(double share, int most) => Math.Clamp((int)Math.Round(count * share, MidpointRounding.AwayFromZero), 1, most);
    }
}
