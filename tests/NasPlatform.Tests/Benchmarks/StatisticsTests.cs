using NasPlatform.Search.Benchmarks;

namespace NasPlatform.Tests.Benchmarks;

public sealed class StatisticsTests
{
    [Theory]
    [InlineData(2, 12.7062)]
    [InlineData(3, 4.30265)]
    [InlineData(4, 3.1824)]
    [InlineData(6, 2.5706)]
    [InlineData(31, 2.0423)]
    [InlineData(201, 1.9719)]
    public void A_confidence_interval_is_that_of_Students_t(int count, double point)
    {
        double[] values = [.. Enumerable.Range(0, count).Select(value => (double)value)];
        var deviation = Math.Sqrt(count * (count + 1) / 12.0);

        var (mean, halfWidth) = Statistics.MeanWithConfidence(values);

        Assert.Equal((count - 1) / 2.0, mean, 12);
        Assert.Equal(point, halfWidth * Math.Sqrt(count) / deviation, 0.01);
    }

    [Fact]
    public void One_value_tells_nothing_of_its_own_spread() => Assert.Equal((3.0, double.PositiveInfinity), Statistics.MeanWithConfidence([3.0]));

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.25, 1.75)]
    [InlineData(0.5, 2.5)]
    [InlineData(1, 10)]
    public void Quantiles_are_linear_between_neighbours(double share, double quantile) => Assert.Equal(quantile, Statistics.Quantile([1, 2, 3, 10], share), 12);

    [Fact]
    public void Equal_values_share_their_rank()
    {
        // Ranks 1, 2.5, 2.5, 4 and 2, 1, 3, 4: 1 of the fifth is left out.
        Assert.Equal(0.6324555320336759, Statistics.Spearman([1, 2, 2, 9, double.NaN], [5, 4, 6, 7, 1]), 12);
        Assert.Equal(-1, Statistics.Spearman([1, 2, 3], [30, 20, 1]), 12);
        Assert.True(double.IsNaN(Statistics.Spearman([1, 1, 1], [1, 2, 3])));
    }
}
