using NasPlatform.Web.Components.Shared;

namespace NasPlatform.Tests.Components.Shared;

public sealed class AgoTextTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 12, 10, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0, "just now")]
    [InlineData(-4.9, "just now")]
    [InlineData(32, "32 s ago")]
    [InlineData(59.9, "59 s ago")]
    [InlineData(60, "1 min ago")]
    [InlineData(3599, "59 min ago")]
    [InlineData(3 * 3600, "3 h ago")]
    [InlineData(86_400, "1 day ago")]
    [InlineData(29 * 86_400, "29 days ago")]
    [InlineData(30 * 86_400, "10 Feb 2026")]
    [InlineData(-3 * 86_400, "in 3 days")]
    [InlineData(-90, "in 1 min")]
    public void A_time_is_said_as_people_say_it(double secondsAgo, string words) => Assert.Equal(words, AgoText.Of(Now.AddSeconds(-secondsAgo), Now));
}
