using System.Numerics;
using NasPlatform.Web.Commands;

namespace NasPlatform.Tests.Commands;

public sealed class FiguresTests
{
    [Theory]
    [InlineData(0, "0")]
    [InlineData(950, "950")]
    [InlineData(1_000, "1.00 k")]
    [InlineData(45_349, "45.3 k")]
    [InlineData(999_499, "999 k")]
    [InlineData(999_500, "1.00 M")]
    [InlineData(153_450_000, "153 M")]
    [InlineData(2_049_000_000, "2.05 G")]
    public void Counts_are_shortened_to_three_figures(long value, string text) => Assert.Equal(text, Figures.Short(value));

    [Theory]
    [InlineData(0.84, "0.8 s")]
    [InlineData(59.94, "59.9 s")]
    [InlineData(59.96, "1:00")]
    [InlineData(125, "2:05")]
    [InlineData(3725, "1:02:05")]
    public void Durations_are_seconds_or_a_clock(double seconds, string text) => Assert.Equal(text, Figures.Duration(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void Large_numbers_are_powers_of_ten()
    {
        Assert.Equal("1.20 × 10²¹", Figures.Power(BigInteger.Parse("1196698744784701882368")));
        Assert.Equal("1.00 × 10³", Figures.Power(1000));
        Assert.Equal("1.00 × 10⁷", Figures.Power(9_999_999));
        Assert.Equal("1.50 × 10⁴⁰⁰", Figures.Power(15 * BigInteger.Pow(10, 399)));
    }
}
