using NasPlatform.Search;
using NasPlatform.Search.Datasets;

namespace NasPlatform.Tests.Datasets;

public sealed class StratifiedSplitTests
{
    [Fact]
    public void Each_class_is_shared_out_in_the_same_proportions()
    {
        var labels = Enumerable.Range(0, 1000).Select(i => i < 700 ? 0 : i < 950 ? 1 : 2).ToArray();

        var splits = Assign(labels, new Split?[1000], 0.2, 0.1);

        Assert.Equal((490, 140, 70), Counts(splits, labels, 0));
        Assert.Equal((175, 50, 25), Counts(splits, labels, 1));
        Assert.Equal((35, 10, 5), Counts(splits, labels, 2));
    }

    [Fact]
    public void The_same_seed_gives_the_same_and_another_gives_another()
    {
        var labels = Enumerable.Range(0, 200).Select(i => i % 4).ToArray();

        Assert.Equal(Assign(labels, new Split?[200], 0.1, 0.1, seed: 5), Assign(labels, new Split?[200], 0.1, 0.1, seed: 5));
        Assert.NotEqual(Assign(labels, new Split?[200], 0.1, 0.1, seed: 5), Assign(labels, new Split?[200], 0.1, 0.1, seed: 6));
    }

    [Fact]
    public void A_class_is_dealt_out_alike_whatever_other_classes_there_are()
    {
        var alone = Assign([.. Enumerable.Repeat(3, 50)], new Split?[50], 0.2, 0.2);
        var among = Assign([.. Enumerable.Range(0, 100).Select(i => i % 2 == 0 ? 3 : 1)], new Split?[100], 0.2, 0.2);

        Assert.Equal(alone, among.Where((_, i) => i % 2 == 0));
    }

    // Where a class is small, training comes first, then validation, then the test.
    [Theory]
    [InlineData(1, 1, 0, 0)]
    [InlineData(2, 1, 1, 0)]
    [InlineData(3, 1, 1, 1)]
    [InlineData(4, 2, 1, 1)]
    [InlineData(10, 8, 1, 1)]
    public void Small_classes_keep_something_to_train_on(int count, int train, int validation, int test) =>
        Assert.Equal((train, validation, test), Counts(Assign(new int[count], new Split?[count], 0.1, 0.1), new int[count], 0));

    [Fact]
    public void Large_shares_still_leave_something_to_train_on() =>
        Assert.Equal((1, 1, 2), Counts(Assign(new int[4], new Split?[4], 0.4, 0.59), new int[4], 0));

    [Fact]
    public void Shares_of_0_take_nothing() =>
        Assert.Equal((10, 0, 0), Counts(Assign(new int[10], new Split?[10], 0, 0), new int[10], 0));

    [Fact]
    public void Given_splits_are_kept_and_only_what_is_missing_is_taken_from_training()
    {
        Split?[] given = [.. Enumerable.Repeat<Split?>(Split.Test, 10), .. Enumerable.Repeat<Split?>(null, 20), .. Enumerable.Repeat<Split?>(Split.Train, 20)];

        var splits = Assign(new int[50], given, 0.1, 0.1);

        Assert.All(splits[..10], split => Assert.Equal(Split.Test, split));
        Assert.Equal((36, 4, 10), Counts(splits, new int[50], 0));
    }

    [Fact]
    public void A_source_with_both_is_left_as_it_is()
    {
        Split?[] given = [Split.Train, Split.Test, Split.Validation, Split.Train, null];

        Assert.Equal([Split.Train, Split.Test, Split.Validation, Split.Train, Split.Train], Assign(new int[5], given, 0.3, 0.3));
    }

    private static Split[] Assign(int[] labels, Split?[] given, double validation, double test, ulong seed = 1) =>
        StratifiedSplit.Assign(labels, given, validation, test, new RandomSource(seed));

    private static (int Train, int Validation, int Test) Counts(Split[] splits, int[] labels, int label)
    {
        return (Count(Split.Train), Count(Split.Validation), Count(Split.Test));

        int Count(Split split) => splits.Zip(labels).Count(pair => pair == (split, label));
    }
}
