using System.Collections.Immutable;

namespace NasPlatform.Web.Architectures;

/// <summary>Which way a drawing runs.</summary>
internal enum Flow
{
    Down,
    Right,
}

/// <summary>The room that a node takes, in pixels.</summary>
public readonly record struct Box(double Width, double Height);

/// <summary>A place in a drawing, in pixels from its upper left corner.</summary>
public readonly record struct Spot(double X, double Y);

/// <summary>Where everything goes.</summary>
/// <param name="Size">Of the whole drawing, in pixels.</param>
/// <param name="Nodes">The nodes' centres, in their order.</param>
/// <param name="Edges">The points that each edge passes, from its tail's border to its head's, in their order.</param>
internal sealed record Layout(Box Size, ImmutableArray<Spot> Nodes, ImmutableArray<ImmutableArray<Spot>> Edges);

/// <summary>
/// Lays an acyclic graph out in ranks (Sugiyama, Tagawa &amp; Toda 1981): nodes on the rank that their longest way from a source gives, long edges led
/// around by way points, ranks ordered by the mean of their neighbours to cross little, then moved within the rank as near to the neighbours
/// as the order allows.
/// </summary>
internal static class LayeredLayout
{
    private const int Sweeps = 12;
    private const double WayPoint = 10;

    /// <param name="nodes">The nodes' sizes.</param>
    /// <param name="edges">Places of tail and head; each goes forward.</param>
    /// <param name="flow">Which way the ranks run.</param>
    /// <param name="gap">Pixels between neighbours on a rank.</param>
    /// <param name="rankGap">Pixels between ranks.</param>
    public static Layout Of(IReadOnlyList<Box> nodes, IReadOnlyList<(int From, int To)> edges, Flow flow, double gap = 22, double rankGap = 34)
    {
        if (edges.Any(edge => edge.From >= edge.To))
        {
            throw new ArgumentException("Every edge must go forward.", nameof(edges));
        }

        // Within, ranks run down: breadth is across a rank, depth along the flow.
        var items = nodes.Select(box => new Item(flow == Flow.Down ? box.Width : box.Height, flow == Flow.Down ? box.Height : box.Width)).ToList();
        foreach (var (from, to) in edges.OrderBy(edge => edge.To))
        {
            items[to].Rank = Math.Max(items[to].Rank, items[from].Rank + 1);
        }

        var chains = edges.Select(edge => Lead(items, edge.From, edge.To)).ToList();
        var ranks = items.GroupBy(item => item.Rank).OrderBy(group => group.Key).Select(group => group.ToList()).ToList();
        Order(ranks);
        Settle(ranks, gap);
        var size = Stack(ranks, rankGap);
        return new(
            Turned(size),
            [.. items.Take(nodes.Count).Select(item => Turn(item.Across, item.Along))],
            [.. chains.Select(Points)]);

        Box Turned((double Across, double Along) extent) => flow == Flow.Down ? new(extent.Across, extent.Along) : new(extent.Along, extent.Across);

        Spot Turn(double across, double along) => flow == Flow.Down ? new(across, along) : new(along, across);

        ImmutableArray<Spot> Points(List<Item> chain) =>
        [
            Turn(chain[0].Across, chain[0].Along + (chain[0].Depth / 2)),
            .. chain.Skip(1).SkipLast(1).Select(item => Turn(item.Across, item.Along)),
            Turn(chain[^1].Across, chain[^1].Along - (chain[^1].Depth / 2)),
        ];
    }

    /// <summary>The items that an edge passes, its way points on the ranks between made new.</summary>
    private static List<Item> Lead(List<Item> items, int from, int to)
    {
        var chain = new List<Item> { items[from] };
        for (var rank = items[from].Rank + 1; rank < items[to].Rank; rank++)
        {
            var way = new Item(WayPoint, 0) { Rank = rank };
            items.Add(way);
            chain.Add(way);
        }

        chain.Add(items[to]);
        foreach (var (tail, head) in chain.Zip(chain.Skip(1)))
        {
            tail.Below.Add(head);
            head.Above.Add(tail);
        }

        return chain;
    }

    private static void Order(List<List<Item>> ranks)
    {
        Number(ranks);
        var best = ranks.ConvertAll(rank => rank.ToList());
        var fewest = Crossings(ranks);
        for (var sweep = 0; sweep < Sweeps && fewest > 0; sweep++)
        {
            var isDown = sweep % 2 == 0;
            foreach (var rank in isDown ? ranks.Skip(1) : Enumerable.Reverse(ranks).Skip(1))
            {
                foreach (var item in rank)
                {
                    var neighbours = isDown ? item.Above : item.Below;
                    item.Wish = neighbours.Count == 0 ? item.Order : neighbours.Average(neighbour => neighbour.Order);
                }

                var sorted = rank.OrderBy(item => item.Wish).ThenBy(item => item.Order).ToList();
                rank.Clear();
                rank.AddRange(sorted);
                Number([rank]);
            }

            var crossings = Crossings(ranks);
            if (crossings < fewest)
            {
                fewest = crossings;
                best = ranks.ConvertAll(rank => rank.ToList());
            }
        }

        for (var rank = 0; rank < ranks.Count; rank++)
        {
            ranks[rank] = best[rank];
        }

        Number(ranks);
    }

    private static void Number(List<List<Item>> ranks)
    {
        foreach (var rank in ranks)
        {
            for (var place = 0; place < rank.Count; place++)
            {
                rank[place].Order = place;
            }
        }
    }

    private static int Crossings(List<List<Item>> ranks)
    {
        var count = 0;
        foreach (var rank in ranks)
        {
            var lines = rank.SelectMany(item => item.Below.Select(below => (From: item.Order, To: below.Order))).ToList();
            for (var one = 0; one < lines.Count; one++)
            {
                for (var other = one + 1; other < lines.Count; other++)
                {
                    count += (lines[one].From - lines[other].From) * (lines[one].To - lines[other].To) < 0 ? 1 : 0;
                }
            }
        }

        return count;
    }

    /// <summary>Moves each rank, down and up in turn, to the places nearest to its neighbours' means.</summary>
    private static void Settle(List<List<Item>> ranks, double gap)
    {
        foreach (var rank in ranks)
        {
            Place(rank, gap, _ => 0);
        }

        for (var sweep = 0; sweep < Sweeps; sweep++)
        {
            var isDown = sweep % 2 == 0;
            foreach (var rank in isDown ? ranks : Enumerable.Reverse(ranks))
            {
                Place(rank, gap, item =>
                {
                    var neighbours = sweep >= Sweeps - 2 ? [.. item.Above, .. item.Below] : isDown ? item.Above : item.Below;
                    return neighbours.Count == 0 ? item.Across : neighbours.Average(neighbour => neighbour.Across);
                });
            }
        }

        var left = ranks.Min(rank => rank[0].Across - (rank[0].Breadth / 2));
        foreach (var item in ranks.SelectMany(rank => rank))
        {
            item.Across -= left;
        }
    }

    /// <summary>
    /// The least squares of what the items wish, their order and gaps kept: items that would overlap are gathered into blocks that move as one (pool adjacent
    /// violators).
    /// </summary>
    private static void Place(List<Item> rank, double gap, Func<Item, double> wish)
    {
        var offset = 0.0;
        var offsets = new double[rank.Count];
        for (var place = 1; place < rank.Count; place++)
        {
            offset += ((rank[place - 1].Breadth + rank[place].Breadth) / 2) + gap;
            offsets[place] = offset;
        }

        var blocks = new Stack<(double Mean, int Count)>();
        for (var place = 0; place < rank.Count; place++)
        {
            var block = (Mean: wish(rank[place]) - offsets[place], Count: 1);
            while (blocks.TryPeek(out var last) && last.Mean >= block.Mean)
            {
                blocks.Pop();
                block = (((last.Mean * last.Count) + (block.Mean * block.Count)) / (last.Count + block.Count), last.Count + block.Count);
            }

            blocks.Push(block);
        }

        var next = 0;
        foreach (var (mean, count) in blocks.Reverse())
        {
            for (var end = next + count; next < end; next++)
            {
                rank[next].Across = mean + offsets[next];
            }
        }
    }

    /// <summary>Puts the ranks one after the other.</summary>
    /// <returns>The extent of the whole.</returns>
    private static (double Across, double Along) Stack(List<List<Item>> ranks, double rankGap)
    {
        var along = 0.0;
        foreach (var rank in ranks)
        {
            var depth = rank.Max(item => item.Depth);
            rank.ForEach(item => item.Along = along + (depth / 2));
            along += depth + rankGap;
        }

        return (ranks.Max(rank => rank[^1].Across + (rank[^1].Breadth / 2)), along - rankGap);
    }

    /// <summary>A node, or a way point of a long edge.</summary>
    private sealed class Item(double breadth, double depth)
    {
        public double Breadth { get; } = breadth;

        public double Depth { get; } = depth;

        public int Rank { get; set; }

        public int Order { get; set; }

        public double Wish { get; set; }

        public double Across { get; set; }

        public double Along { get; set; }

        public List<Item> Above { get; } = [];

        public List<Item> Below { get; } = [];
    }
}
