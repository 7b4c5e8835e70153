using NasPlatform.Web.Architectures;

namespace NasPlatform.Tests.Architectures;

public sealed class LayeredLayoutTests
{
    private static readonly Box Node = new(60, 30);

    [Fact]
    public void A_chain_runs_down_in_one_line()
    {
        var layout = LayeredLayout.Of([Node, Node, Node], [(0, 1), (1, 2)], Flow.Down, rankGap: 20);

        Assert.Equal(new Box(60, 130), layout.Size);
        Assert.Equal([new(30, 15), new(30, 65), new(30, 115)], layout.Nodes);
        Assert.Equal([new(30, 30), new(30, 50)], layout.Edges[0]);
    }

    [Fact]
    public void The_same_to_the_right_is_turned()
    {
        var layout = LayeredLayout.Of([Node, Node], [(0, 1)], Flow.Right, rankGap: 20);

        Assert.Equal(new Box(140, 30), layout.Size);
        Assert.Equal([new(30, 15), new(110, 15)], layout.Nodes);
        Assert.Equal([new(60, 15), new(80, 15)], layout.Edges[0]);
    }

    [Fact]
    public void A_long_edge_passes_beside_the_nodes_between()
    {
        var layout = LayeredLayout.Of([Node, Node, Node], [(0, 1), (1, 2), (0, 2)], Flow.Down);

        var way = Assert.Single(layout.Edges[2].Skip(1).SkipLast(1));
        Assert.True(Math.Abs(way.X - layout.Nodes[1].X) > Node.Width / 2, "the edge runs through the node");
    }

    [Fact]
    public void Crossings_that_can_be_avoided_are()
    {
        // 0 → 3 and 1 → 2: drawn in the order of the numbers they would cross.
        var layout = LayeredLayout.Of([Node, Node, Node, Node], [(0, 3), (1, 2)], Flow.Down);

        Assert.True((layout.Nodes[0].X - layout.Nodes[1].X) * (layout.Nodes[3].X - layout.Nodes[2].X) > 0);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Nodes_never_overlap_and_lie_within(int seed)
    {
        var random = new NasPlatform.Search.RandomSource((ulong)seed);
        var boxes = Enumerable.Range(0, 40).Select(_ => new Box(40 + random.Next(80), 20 + random.Next(30))).ToList();
        var edges = Enumerable.Range(1, 39).SelectMany(to => new[] { (random.Next(to), to), (random.Next(to), to) }).Distinct().ToList();

        var layout = LayeredLayout.Of(boxes, edges, Flow.Down);

        for (var one = 0; one < boxes.Count; one++)
        {
            var (spot, box) = (layout.Nodes[one], boxes[one]);
            Assert.InRange(spot.X - (box.Width / 2), -0.01, layout.Size.Width);
            Assert.InRange(spot.X + (box.Width / 2), 0, layout.Size.Width + 0.01);
            for (var other = one + 1; other < boxes.Count; other++)
            {
                var isApart = Math.Abs(spot.X - layout.Nodes[other].X) >= ((box.Width + boxes[other].Width) / 2) - 0.01
                    || Math.Abs(spot.Y - layout.Nodes[other].Y) >= ((box.Height + boxes[other].Height) / 2) - 0.01;
                Assert.True(isApart, $"{one} and {other} overlap");
            }
        }
    }

    [Fact]
    public void An_edge_that_goes_back_is_refused() =>
        Assert.Throws<ArgumentException>(() => LayeredLayout.Of([Node, Node], [(1, 0)], Flow.Down));
}
