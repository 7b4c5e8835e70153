using System.Numerics;
using NasPlatform.Search;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Spaces.Hierarchical;
using NasPlatform.Tests.Contracts;

namespace NasPlatform.Tests.Spaces;

public sealed class HierarchicalSpaceTests : SearchSpaceContract
{
    /// <summary>Identities on the edges of a chain of four nodes, and on all edges.</summary>
    private const string Chain = "6/06/006";
    private const string Full = "6/66/666";

    protected override SearchSpace Space { get; } = Create();

    protected override bool MutationMayChangeNothing => true;

    [Fact]
    public void HIER_K1_46_slots_of_7_values()
    {
        var decisions = Space.Sample(new RandomSource(1)).Decisions;

        Assert.Equal(46, decisions.Length);
        Assert.All(decisions, decision => Assert.Equal(7, decision.Choice.Options.Length));
        Assert.Equal(BigInteger.Parse("749048330965186233494494102694564493649"), Space.Size);
    }

    [Fact]
    public void HIER_K2_the_flat_space_has_55_slots()
    {
        var flat = Create(("flat", "yes"));
        Assert.Equal(55, flat.Sample(new RandomSource(1)).Decisions.Length);
        Assert.Equal(BigInteger.Pow(7, 55), flat.Size);
    }

    [Fact]
    public void HIER_K5_half_of_the_mutations_are_in_level_3_and_a_twelfth_in_each_motif_of_level_2()
    {
        var shares = ShareOfMutations(decision => decision.Name[..decision.Name.LastIndexOf('/')]);

        Assert.Equal(7, shares.Count);
        Assert.Equal(0.5, shares["level3/motif1"], 0.015);
        Assert.All(Enumerable.Range(1, 6), motif => Assert.Equal(1 / 12.0, shares[$"level2/motif{motif}"], 0.01));
    }

    [Fact]
    public void HIER_K6_edges_into_later_nodes_are_changed_less_often()
    {
        var shares = ShareOfMutations(decision => decision.Name.StartsWith("level2", StringComparison.Ordinal) ? decision.Name[^3..] : null);

        Assert.Equal(1 / 3.0, shares["1_2"], 0.015);
        Assert.All(["1_3", "2_3"], edge => Assert.Equal(1 / 6.0, shares[edge], 0.015));
        Assert.All(["1_4", "2_4", "3_4"], edge => Assert.Equal(1 / 9.0, shares[edge], 0.015));
    }

    [Fact]
    public void A_seventh_of_the_mutations_changes_nothing()
    {
        var random = new RandomSource(7);
        var parent = Space.Sample(random);
        Assert.Equal(1 / 7.0, Enumerable.Range(0, 10_000).Count(_ => Space.Mutate(parent, random).Equals(parent)) / 10_000.0, 0.015);
    }

    [Theory]
    [InlineData("4", new[] { 1, 2, 4 })]
    [InlineData("5", new[] { 1, 2, 4, 8 })]
    [InlineData("11", new[] { 1, 2, 4, 8, 16, 32, 64, 128, 256, 512 })]
    public void HIER_K7_channels_double_from_node_to_node_where_all_edges_preserve_them(string nodes, int[] multipliers)
    {
        var space = Create(("flat", "yes"), ("cell_nodes", nodes), ("channels", "3"));
        var text = string.Join('/', Enumerable.Range(1, multipliers.Length).Select(edges => new string('6', edges)));
        var graph = space.Build(space.Parse(text), TaskShape.Cifar10);

        // Node 2 is node 1 itself: nothing is joined there.
        var joined = graph.Layers.Where(layer => layer.Op is Op.Concat && layer.Name.StartsWith("resolution1/", StringComparison.Ordinal));
        Assert.Equal(multipliers.Skip(1).Select(multiplier => 3 * multiplier), joined.Select(layer => layer.Shape.Channels));
    }

    [Theory]
    [InlineData(Chain)]
    [InlineData(Full)]
    [InlineData("1/11/111")]
    [InlineData("2/43/506")]
    [InlineData("0/00/000")]
    public void HIER_K8_a_motif_gives_as_many_channels_as_it_takes_in_whatever_its_wiring(string motif)
    {
        // The cell's third node joins two motifs' outputs, so that what reads it takes in twice as many channels.
        var graph = Space.Build(Space.Parse($"{motif} {Chain} {Chain} {Chain} {Chain} {Chain} 1/11/001/0001"), TaskShape.Cifar10);
        var outputs = graph.Layers.Where(layer => layer.Name.StartsWith("resolution2/", StringComparison.Ordinal) && layer.Name.EndsWith("/follow/relu", StringComparison.Ordinal));

        Assert.Equal(
            ["edge1_2 32", "edge1_3 32", "edge2_3 32", "edge3_4 64", "edge4_5 64"],
            outputs.Select(layer => $"{layer.Name.Split('/')[2]} {layer.Shape.Channels}"));
    }

    [Fact]
    public void The_trivial_genotype_is_a_chain_of_identities_and_draws_begin_there()
    {
        var trivial = ((HierarchicalSpace)Space).Trivial;

        Assert.Equal($"{Chain} {Chain} {Chain} {Chain} {Chain} {Chain} 1/01/001/0001", Space.Format(trivial));
        Assert.Equal(trivial, Create(("mutations", "0")).Sample(new RandomSource(1)));
        Assert.InRange(Differences(trivial, Create(("mutations", "3")).Sample(new RandomSource(1))), 1, 3);
        Assert.InRange(Differences(trivial, Space.Sample(new RandomSource(1))), 25, 46);

        static int Differences(Genotype a, Genotype b) => a.Decisions.Zip(b.Decisions).Count(pair => pair.First != pair.Second);
    }

    [Fact]
    public void Parameters_of_the_trivial_network_follow_the_closed_form()
    {
        var graph = Space.Build(((HierarchicalSpace)Space).Trivial, TaskShape.Cifar10);

        // Stem; in each cell the convolutions that follow four motifs, then a separable convolution; the full layer.
        var expected = (3 * 9 * 16) + 32;
        foreach (var (channels, next) in new[] { (16, 32), (32, 64), (64, 64) })
        {
            expected += (4 * ((channels * channels) + (2 * channels))) + (9 * channels) + (channels * next) + (2 * next);
        }

        Assert.Equal(expected + (64 * 10) + 10, graph.Cost.ParameterCount);
        Assert.Equal(Shape.Image(64, 8, 8), graph.Layers.Last(layer => !layer.Shape.IsVector).Shape);
    }

    [Fact]
    public void Each_primitive_is_built_with_batch_norm_and_ReLU_after_its_convolutions()
    {
        var space = Create(("flat", "yes"), ("cell_nodes", "4"), ("channels", "4"));
        (string Digit, string[] Ops)[] primitives =
        [
            ("1", ["conv 1x1 4 pad=0x0", Norm, "relu"]),
            ("2", ["conv 3x3 8 pad=1x1 groups=8", Norm, "relu"]),
            ("3", ["conv 3x3 8 pad=1x1 groups=8", "conv 1x1 4 pad=0x0", Norm, "relu"]),
            ("4", ["max_pool 3x3 pad=1x1"]),
            ("5", ["avg_pool 3x3 pad=1x1"]),
            ("6", []),
        ];
        foreach (var (digit, ops) in primitives)
        {
            // Node 3 joins node 1 with itself to 8 channels; the operation leads from there to node 4.
            var graph = space.Build(space.Parse($"6/66/00{digit}"), TaskShape.Cifar10);
            Assert.Equal(ops, graph.Layers.Where(layer => layer.Name.StartsWith("resolution1/cell1/edge3_4", StringComparison.Ordinal)).Select(layer => OpText.Of(layer.Op)));
        }
    }

    [Fact]
    public void A_motif_without_its_last_node_passes_its_input_on_and_is_marked()
    {
        // Motif 1 feeds node 4 from node 3 only, which nothing feeds.
        var genotype = Space.Parse($"6/00/006 {Chain} {Chain} {Chain} {Chain} {Chain} 1/01/001/0001");
        var graph = Space.Build(genotype, TaskShape.Cifar10);

        Assert.Equal(Space.Build(((HierarchicalSpace)Space).Trivial, TaskShape.Cifar10).Cost, graph.Cost);
        Assert.Equal(Space.Key(((HierarchicalSpace)Space).Trivial), Space.Key(genotype));
        Assert.Equal(["Motif 1 (passes its input on)", "Motif 2", "Motif 3", "Motif 4", "Motif 5", "Motif 6", "Cell"], Space.Sketches(genotype).Select(sketch => sketch.Title));
    }

    [Fact]
    public void Nodes_that_do_not_lead_to_the_last_are_not_built()
    {
        var space = Create(("flat", "yes"), ("cell_nodes", "4"));
        var graph = space.Build(space.Parse("1/03/100"), TaskShape.Cifar10);
        Assert.DoesNotContain(graph.Layers, layer => layer.Name.Contains("edge1_2", StringComparison.Ordinal) || layer.Name.Contains("edge2_3", StringComparison.Ordinal));
    }

    [Fact]
    public void The_large_net_repeats_cells_in_each_resolution_and_is_wider()
    {
        var final = Create().Final;
        var graph = final.Build(((HierarchicalSpace)Space).Trivial, TaskShape.Cifar10);

        Assert.Equal(("large", "128", "2"), (final.Settings["network"], final.Settings["channels"], final.Settings["repeats"]));
        Assert.Equal(
            ["128×32×32", "256×16×16", "256×16×16", "512×8×8", "512×8×8", "512×8×8"],
            graph.Layers.Where(layer => layer.Name.EndsWith("/separable/relu", StringComparison.Ordinal)).Select(layer => $"{layer.Shape}"));
    }

    [Theory]
    [InlineData("6/06/006", "it has 1 words, not 7")]
    [InlineData($"6/06 {Chain} {Chain} {Chain} {Chain} {Chain} 1/01/001/0001", "word '6/06' tells of 2 nodes, not 3")]
    [InlineData($"{Full} {Chain} {Chain} {Chain} {Chain} {Chain} 1/01/001/001", "node 5 of '1/01/001/001' has 3 digits, not 4")]
    [InlineData($"7/06/006 {Chain} {Chain} {Chain} {Chain} {Chain} 1/01/001/0001", "node 2 of '7/06/006' has '7' at digit 1, not 0 to 6")]
    public void What_is_wrong_with_a_text_is_said(string text, string message)
    {
        var error = Assert.Throws<UserErrorException>(() => Space.Parse(text));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private static string Norm { get; } = OpText.Of(new Op.BatchNorm());

    private static SearchSpace Create(params (string Name, string Value)[] settings) =>
        SearchSpaceCatalog.Create("hierarchical", settings.ToDictionary(setting => setting.Name, setting => setting.Value));

    /// <summary>How mutations that change something are spread over decisions, by a name of each; those without one are left out.</summary>
    private Dictionary<string, double> ShareOfMutations(Func<Decision, string?> nameOf)
    {
        var random = new RandomSource(6);
        var parent = Space.Sample(random);
        var names = new List<string>();
        for (var draw = 0; draw < 15_000; draw++)
        {
            var changed = Space.Mutate(parent, random).Decisions.Zip(parent.Decisions).Where(pair => pair.First != pair.Second).Select(pair => nameOf(pair.First));
            names.AddRange(changed.OfType<string>());
        }

        return names.CountBy(name => name).ToDictionary(count => count.Key, count => (double)count.Value / names.Count);
    }
}
