using System.IO.Compression;
using NasPlatform.Search;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Spaces.NasBenchMacro;
using NasPlatform.Tests.Contracts;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Spaces;

public sealed class NasBenchMacroSpaceTests : SearchSpaceContract
{
    protected override SearchSpace Space { get; } = SearchSpaceCatalog.Create("nasbenchmacro");

    [Fact]
    public void NBM_K1_6561_networks_and_3969_canonical_forms()
    {
        var genotypes = Space.Enumerate().ToList();

        Assert.Equal(6_561, Space.Size);
        Assert.Equal(6_561, genotypes.Select(Space.Format).Distinct().Count());
        Assert.Equal(3_969, genotypes.Select(Space.Key).Distinct().Count());
    }

    [Fact]
    public void NBM_K1_layer_graphs_are_the_same_where_canonical_forms_are()
    {
        var genotypes = Space.Enumerate().Where(genotype => genotype["stage1/layer1"] == 0 && genotype["stage3/layer1"] == 1 && genotype["stage2/layer1"] == 2).ToList();

        Assert.Equal(243, genotypes.Count);
        Assert.Equal(
            genotypes.Select(NasBenchMacroSpace.CanonicalForm).Distinct().Count(),
            genotypes.Select(genotype => (NasBenchMacroSpace.CanonicalForm(genotype), ArchitectureKey.Of(Space.Build(genotype, TaskShape.Cifar10)))).Distinct().Count());
        Assert.Equal(3 * 7 * 7, genotypes.Select(genotype => ArchitectureKey.Of(Space.Build(genotype, TaskShape.Cifar10))).Distinct().Count());
    }

    [Theory]
    [InlineData("22212220", 1_985_514, 85_164_544)]
    [InlineData("22212202", 1_985_514, 85_164_544)]
    [InlineData("00000000", 387_882, 7_713_280)]
    [InlineData("11111111", 1_588_874, 53_246_464)]
    [InlineData("22222222", 2_932_586, 105_660_928)]
    public void NBM_K2_K3_K4_parameters_and_multiply_adds(string text, long parameters, long multiplyAdds)
    {
        var cost = Space.Build(Space.Parse(text), TaskShape.Cifar10).Cost;
        Assert.Equal((parameters, multiplyAdds), (cost.ParameterCount, cost.MultiplyAdds - 10));
    }

    [Fact]
    public void NBM_K2_the_best_two_are_one_network() =>
        Assert.Equal(Space.Key(Space.Parse("22212220")), Space.Key(Space.Parse("22212202")));

    [Fact]
    public void NBM_K6_every_row_of_the_published_table_has_our_parameters_and_multiply_adds()
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(SharedData.Require("nas-bench-macro/table.csv.gz")), CompressionMode.Decompress));
        Assert.Equal("arch,acc1,acc2,acc3,mean,std,params,flops", reader.ReadLine());
        var rows = 0;
        while (reader.ReadLine()?.Split(',') is { } row)
        {
            var cost = Space.Build(Space.Parse(row[0]), TaskShape.Cifar10).Cost;

            // The table does not count the additions of the classifier's ten biases.
            Assert.Equal((row[0], long.Parse(row[6]), long.Parse(row[7])), (row[0], cost.ParameterCount, cost.MultiplyAdds - 10));
            rows++;
        }

        Assert.Equal(6_561, rows);
    }

    [Theory]
    [InlineData("00000000", "00000000")]
    [InlineData("01020102", "01020120")]
    [InlineData("20001002", "20010020")]
    public void Canonical_form_moves_identities_behind_the_blocks_of_their_stage(string text, string form) =>
        Assert.Equal(form, NasBenchMacroSpace.CanonicalForm(Space.Parse(text)));

    [Theory]
    [InlineData("2221222", "has 7 digits, not 8")]
    [InlineData("22312220", "'3' at place 3 is not 0, 1 or 2")]
    public void What_is_wrong_with_a_text_is_said(string text, string message)
    {
        var error = Assert.Throws<UserErrorException>(() => Space.Parse(text));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }
}
