using NasPlatform.Search.Datasets;

namespace NasPlatform.Tests.Datasets;

public sealed class GapsTests
{
    [Theory]
    [InlineData("1 2 3", "1 2 3", 0)]
    [InlineData("? 2 ? ? 8 ?", "2 2 4 6 8 8", 4)]
    [InlineData("? ?", "? ?", 0)]
    [InlineData("? 5", "5 5", 1)]
    [InlineData("", "", 0)]
    public void Gaps_are_filled_by_straight_lines(string given, string expected, int filled)
    {
        var values = Parse(given);

        Assert.Equal(filled, Gaps.Interpolate(values));
        Assert.Equal(Parse(expected), values);
    }

    private static float[] Parse(string text) =>
        [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => word == "?" ? float.NaN : float.Parse(word, System.Globalization.CultureInfo.InvariantCulture))];
}
