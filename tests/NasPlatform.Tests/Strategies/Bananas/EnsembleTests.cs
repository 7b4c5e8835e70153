using NasPlatform.Search;
using NasPlatform.Search.Strategies.Bananas;

namespace NasPlatform.Tests.Strategies.Bananas;

public sealed class EnsembleTests
{
    private static readonly Ensemble.Shape Shape = new(Members: 5, Layers: 2, Width: 20, Epochs: 200, LearningRate: 0.01);

    [Fact]
    public void It_learns_what_follows_from_the_encoding_and_doubts_what_it_has_not_seen()
    {
        var random = new RandomSource(1);
        float[][] rows = [.. Enumerable.Range(0, 120).Select(_ => Enumerable.Range(0, 13).Select(_ => (float)random.Next(2)).ToArray())];
        double[] scores = [.. rows.Select(Worth)];
        var ensemble = new Ensemble(rows[..100], scores[..100], Shape, random.Split("ensemble"));

        var unseen = ensemble.Predict(rows[100..]);
        Assert.InRange(unseen.Zip(scores[100..]).Average(pair => Math.Abs(pair.First.Mean - pair.Second)), 0, 0.02);

        var far = ensemble.Predict([[.. Enumerable.Repeat(4f, 13)]])[0];
        Assert.True(far.Deviation > 3 * unseen.Average(prediction => prediction.Deviation));

        static double Worth(float[] row) => 0.5 + (0.02 * row[0]) - (0.05 * row[1]) + (0.1 * row[2] * row[3]) + (0.03 * row[7]);
    }

    [Fact]
    public void Equal_scores_are_learnt_too()
    {
        var ensemble = new Ensemble([[0, 1], [1, 0]], [0.7, 0.7], Shape, new RandomSource(1));
        Assert.Equal(0.7, ensemble.Predict([[0, 1]])[0].Mean, 1);
    }

    [Theory]
    [InlineData(0, 0.5)]
    [InlineData(1, 0.8413447)]
    [InlineData(-1, 0.1586553)]
    [InlineData(2.5, 0.9937903)]
    public void The_normal_distribution_is_what_tables_have(double x, double below) => Assert.Equal(below, Normal.Below(x), 1e-6);
}
