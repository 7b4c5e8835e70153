using NasPlatform.Search;

namespace NasPlatform.Tests;

public sealed class NearestNameTests
{
    private static readonly string[] Known = ["cifar10", "fashion-mnist", "clothing"];

    [Theory]
    [InlineData("fashion-mnits", "fashion-mnist")]
    [InlineData("Fashion_MNIST", "fashion-mnist")]
    [InlineData("cifar", "cifar10")]
    [InlineData("clothes", "clothing")]
    [InlineData("imagenet", null)]
    [InlineData("", null)]
    public void The_nearest_name_is_suggested_when_it_is_near(string asked, string? expected) =>
        Assert.Equal(expected, NearestName.Of(asked, Known));

    [Fact]
    public void Nothing_is_suggested_when_nothing_is_known() => Assert.Null(NearestName.Of("cifar10", []));

    [Fact]
    public void The_error_lists_the_known_names() => Assert.Equal(
        "There is no dataset 'cifar01'. Did you mean 'cifar10'? Known: cifar10, fashion-mnist, clothing.",
        NearestName.Unknown("dataset", "cifar01", Known).Message);
}
