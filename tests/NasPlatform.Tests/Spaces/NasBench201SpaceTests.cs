using System.IO.Compression;
using NasPlatform.Search;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Spaces.NasBench201;
using NasPlatform.Tests.Contracts;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Spaces;

public sealed class NasBench201SpaceTests : SearchSpaceContract
{
    protected override SearchSpace Space { get; } = SearchSpaceCatalog.Create("nasbench201");

    [Fact]
    public void NB201_K1_15625_encodings_and_6466_distinct_computations()
    {
        var genotypes = Space.Enumerate().ToList();

        Assert.Equal(15_625, genotypes.Count);
        Assert.Equal(15_625, Space.Size);
        Assert.Equal(15_625, genotypes.Select(Space.Format).Distinct().Count());
        Assert.Equal(6_466, genotypes.Select(Space.Key).Distinct().Count());
    }

    [Theory]
    [InlineData("|none~0|+|none~0|none~1|+|none~0|none~1|none~2|", 73_306, 7_783_050)]
    [InlineData("|skip_connect~0|+|skip_connect~0|skip_connect~1|+|skip_connect~0|skip_connect~1|skip_connect~2|", 73_306, 7_783_050)]
    [InlineData("|nor_conv_1x1~0|+|nor_conv_1x1~0|nor_conv_1x1~1|+|nor_conv_1x1~0|nor_conv_1x1~1|nor_conv_1x1~2|", 241_306, 31_376_010)]
    [InlineData("|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|nor_conv_3x3~0|nor_conv_3x3~1|nor_conv_3x3~2|", 1_531_546, 220_119_690)]
    public void NB201_K2_parameters_and_multiply_adds_of_the_uniform_cells(string text, long parameters, long multiplyAdds) =>
        AssertCost(text, parameters, multiplyAdds);

    [Fact]
    public void NB201_K3_parameters_and_multiply_adds_of_the_readme_s_cell() =>
        AssertCost("|nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_3x3~1|skip_connect~2|", 802_426, 113_951_370);

    [Fact]
    public void NB201_K4_parameters_and_multiply_adds_of_a_dense_cell() =>
        AssertCost("|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_3x3~2|", 1_288_506, 184_730_250);

    [Fact]
    public void NB201_K5_every_cell_has_24_neighbours() =>
        Assert.Equal(24, Space.Neighbours(Space.Sample(new RandomSource(5))).Count());

    [Fact]
    public void NB201_K8_every_row_of_the_published_table_has_our_parameters_and_multiply_adds()
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(SharedData.Require("nas-bench-201/table.csv.gz")), CompressionMode.Decompress));
        var header = reader.ReadLine()!.Split(','); // not null: the table has a header
        var (code, parameters, flops) = (Array.IndexOf(header, "code"), Array.IndexOf(header, "params"), Array.IndexOf(header, "flops"));
        string[] edges = ["edge0_1", "edge0_2", "edge1_2", "edge0_3", "edge1_3", "edge2_3"];
        var rows = 0;
        while (reader.ReadLine()?.Split(',') is { } row)
        {
            var digits = row[code].PadLeft(6, '0');
            var values = edges.Select((edge, place) => (edge, Value: digits[place] - '0')).ToDictionary(pair => pair.edge, pair => pair.Value);
            var cost = Space.Build(Space.FromValues(values), TaskShape.Cifar10).Cost;
            Assert.Equal((long.Parse(row[parameters]), double.Parse(row[flops])), (cost.ParameterCount, (double)cost.MultiplyAdds));
            rows++;
        }

        Assert.Equal(15_625, rows);
    }

    [Fact]
    public void A_cell_whose_output_is_disconnected_is_a_network_all_the_same()
    {
        var graph = Space.Build(Space.Parse("|nor_conv_3x3~0|+|none~0|nor_conv_1x1~1|+|none~0|none~1|none~2|"), TaskShape.Cifar10);
        Assert.Contains(graph.Layers, layer => layer.Op is Op.Zero);
    }

    [Theory]
    [InlineData("|none~0|", "and is 1")]
    [InlineData("|none~0|+|none~0|none~0|+|none~0|none~1|none~2|", "'~1'")]
    [InlineData("|none~0|+|none~0|conv~1|+|none~0|none~1|none~2|", "'conv' is not an operation")]
    public void What_is_wrong_with_a_text_is_said(string text, string message)
    {
        var error = Assert.Throws<UserErrorException>(() => Space.Parse(text));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("|skip_connect~0|+|none~0|none~1|+|none~0|none~1|nor_conv_3x3~2|", "#+#+(#+#)@nor_conv_3x3")]
    [InlineData("|skip_connect~0|+|none~0|skip_connect~1|+|none~0|none~1|nor_conv_1x1~2|", "#+#+(#+0)@nor_conv_1x1")]
    [InlineData("|none~0|+|none~0|nor_conv_3x3~1|+|skip_connect~0|avg_pool_3x3~1|none~2|", "#+#+0")]
    public void Canonical_form_resolves_skips_and_zeros_and_keeps_zero_terms(string text, string form) =>
        Assert.Equal(form, NasBench201Space.CanonicalForm(Space.Parse(text)));

    private void AssertCost(string text, long parameters, long multiplyAdds)
    {
        var cost = Space.Build(Space.Parse(text), TaskShape.Cifar10).Cost;
        Assert.Equal((parameters, multiplyAdds), (cost.ParameterCount, cost.MultiplyAdds));
    }
}
