using NasPlatform.Search;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Spaces.NasBenchGraph;

namespace NasPlatform.Tests.Spaces;

public sealed class NasBenchGraphSpaceTests
{
    private static readonly SearchSpace Space = SearchSpaceCatalog.Create("nasbenchgraph");

    [Fact]
    public void Encodings_and_different_architectures_are_as_many_as_published()
    {
        Assert.Equal(9 * 6_561, Space.Size);
        Assert.Equal(26_206, Space.Enumerate().Where(Space.IsValid).Select(NasBenchGraphSpace.CanonicalForm).Distinct().Count());
    }

    [Theory]
    [InlineData("0122 fc-gat-gcn-graph", "0122 fc-gat-graph-gcn")]
    [InlineData("0012 gat-gcn-gin-fc", "0012 gcn-gat-fc-gin")]
    [InlineData("0123 gat-skip-gin-fc", "0123 skip-gat-gin-fc")]
    [InlineData("0123 gat-gin-fc-skip", "0123 skip-gat-gin-fc")]
    [InlineData("0000 gat-gin-fc-skip", "0111 skip-fc-gin-gat")]
    public void Architectures_that_compute_the_same_have_one_key(string first, string second) =>
        Assert.Equal(Space.Key(Space.Parse(first)), Space.Key(Space.Parse(second)));

    [Theory]
    [InlineData("0122 fc-gat-gcn-graph", "0122 gat-fc-gcn-graph")]
    [InlineData("0122 fc-gat-gcn-skip", "0123 skip-fc-gat-gcn")]
    public void Architectures_that_differ_have_keys_that_differ(string first, string second) =>
        Assert.NotEqual(Space.Key(Space.Parse(first)), Space.Key(Space.Parse(second)));

    [Fact]
    public void Samples_and_mutations_are_valid_and_their_texts_read_back()
    {
        var random = new RandomSource(1);
        for (var draw = 0; draw < 500; draw++)
        {
            var genotype = Space.Mutate(Space.Sample(random), random);
            Assert.True(Space.IsValid(genotype));
            Assert.Equal(genotype, Space.Parse(Space.Format(genotype)));
        }

        Assert.False(Space.IsValid(Space.Parse("0123 skip-skip-skip-skip")));
    }

    [Theory]
    [InlineData("0122", "is not the links and the operations")]
    [InlineData("0124 fc-fc-fc-fc", "'0124' is none of its links")]
    [InlineData("0122 fc-fc-fc", "has 3 operations, not 4")]
    [InlineData("0122 fc-fc-fc-conv", "'conv' is none of its operation")]
    public void A_text_that_is_no_genotype_says_why(string text, string message) => Assert.Contains(message, Assert.Throws<UserErrorException>(() => Space.Parse(text)).Message);

    [Fact]
    public void Its_networks_are_not_trained_and_it_says_so()
    {
        var genotype = Space.Parse("0122 fc-gat-gcn-graph");

        Assert.Contains("makes no networks that can be trained", Assert.Throws<UserErrorException>(() => Space.Build(genotype, TaskShape.Cifar10)).Message);
        Assert.DoesNotContain("nasbenchgraph", SearchSpaceCatalog.Names);
    }
}
