using NasPlatform.Search;

namespace NasPlatform.Tests;

public sealed class RandomSourceTests
{
    // From the reference C code: SplitMix64 seeded with 1 fills the state, then xoshiro256** (prng.di.unimi.it).
    [Fact]
    public void The_stream_is_that_of_the_published_generator()
    {
        var random = new RandomSource(1);

        ulong[] drawn = [random.NextUInt64(), random.NextUInt64(), random.NextUInt64()];

        Assert.Equal([12966619160104079557, 9600361134598540522, 10590380919521690900], drawn);
    }

    // Computed once more, by the documented formulas, in Python.
    [Fact]
    public void Derived_draws_never_change()
    {
        var random = new RandomSource(1).Split("golden", 7);

        Assert.Equal(17267638404893686826UL, random.NextUInt64());
        Assert.Equal([396, 345], [random.Next(1000), random.Next(1000)]);
        Assert.Equal(0.3150048043294217, random.NextDouble());
        Assert.Equal(-0.7131072882620297, random.NextGaussian(), 1e-15);
        Assert.Equal(13554879273072360829UL, random.Split("x").NextUInt64());
        Assert.Equal(9017790367191577218UL, new RandomSource(1).Split("golden").NextUInt64());
    }

    [Fact]
    public void A_child_does_not_depend_on_what_was_drawn_from_its_parent()
    {
        var fresh = new RandomSource(3);
        var used = new RandomSource(3);
        for (var i = 0; i < 100; i++)
            used.NextUInt64();

        Assert.Equal(fresh.Split("a").NextUInt64(), used.Split("a").NextUInt64());
        Assert.Equal(fresh.Split("a", 5).NextUInt64(), used.Split("a", 5).NextUInt64());
    }

    [Fact]
    public void Children_of_other_names_and_numbers_differ()
    {
        var random = new RandomSource(3);

        ulong[] first =
        [
            random.NextUInt64(), random.Split("a").NextUInt64(), random.Split("b").NextUInt64(), random.Split("").NextUInt64(),
            random.Split("a", 0).NextUInt64(), random.Split("a", 1).NextUInt64(), random.Split("a", -1).NextUInt64(),
            random.Split("a").Split("b").NextUInt64(), random.Split("b").Split("a").NextUInt64(),
        ];

        Assert.Equal(first.Length, first.Distinct().Count());
    }

    [Fact]
    public void Whole_numbers_are_in_range_and_equally_likely()
    {
        var random = new RandomSource(11);
        var counts = new int[6];
        for (var i = 0; i < 60_000; i++)
            counts[random.Next(6)]++;

        var chiSquared = counts.Sum(count => Math.Pow(count - 10_000, 2) / 10_000);

        Assert.True(chiSquared < 20.5, $"chi squared of {chiSquared} with 5 degrees of freedom"); // 1 in 1,000.
        Assert.Throws<ArgumentOutOfRangeException>(() => random.Next(0));
        Assert.Equal(0, random.Next(1));
    }

    [Fact]
    public void Gaussians_have_mean_0_and_deviation_1()
    {
        var random = new RandomSource(12);
        var draws = Enumerable.Range(0, 100_000).Select(_ => random.NextGaussian()).ToArray();

        Assert.Equal(0, draws.Average(), 0.01);
        Assert.Equal(1, draws.Average(x => x * x), 0.02);
        Assert.Equal(3, draws.Average(x => x * x * x * x), 0.1);
    }

    [Fact]
    public void Shuffling_keeps_the_items_and_reaches_every_order()
    {
        var random = new RandomSource(13);
        var orders = new Dictionary<string, int>();
        for (var i = 0; i < 6_000; i++)
        {
            char[] items = ['a', 'b', 'c'];
            random.Shuffle<char>(items);
            var order = new string(items);
            orders[order] = orders.GetValueOrDefault(order) + 1;
        }

        Assert.Equal(["abc", "acb", "bac", "bca", "cab", "cba"], orders.Keys.Order());
        Assert.All(orders.Values, count => Assert.InRange(count, 850, 1150));
    }
}
