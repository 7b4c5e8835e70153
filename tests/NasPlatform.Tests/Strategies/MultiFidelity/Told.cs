using NasPlatform.Search;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Strategies;
using NasPlatform.Search.Strategies.MultiFidelity;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Strategies.MultiFidelity;

/// <summary>Trials of a strategy, one after the other.</summary>
internal sealed class Told(MultiFidelityStrategy strategy, bool isFailing = false)
{
    public List<(Genotype Genotype, int? Epochs)> All { get; } = [];

    public static MultiFidelityStrategy Create(string name, SearchSpace space, IReadOnlyDictionary<string, string>? settings, ulong seed, int epochs) =>
        (MultiFidelityStrategy)StrategyCatalog.Create(name, space, settings, new RandomSource(seed), epochs);

    /// <summary>What is promoted when so many are tried side by side and their results arrive in the given order of ranks; named by rank.</summary>
    public static List<int> PromotedOf(string name, IEnumerable<int> ranks)
    {
        using var strategy = Told.Create(name, new BitsSpace(20), null, 1, 9);
        int[] order = [.. ranks];
        var first = order.Select((_, place) => (Genotype: strategy.Propose(place + 1), Epochs: strategy.EpochsOf(place + 1) ?? 0)).ToArray();
        var promoted = new List<int>();
        for (var place = 0; place < order.Length; place++)
        {
            Assert.Equal(1, first[place].Epochs);
            strategy.Observe(new(place + 1, first[place].Genotype, new(1)), BitsSpace.Evaluated(order[place] / 10.0));
            Add(order.Length + place + 1);
        }

        // A synchronous rung promotes all at once, and they are proposed one a result: results of failed trainings ask for the rest.
        for (var number = 2 * order.Length; name != "asha" && number < (2 * order.Length) + 3; number++)
        {
            strategy.Observe(new(number, new BitsSpace(20).Parse(new string('0', 20)), new(1)), new() { Outcome = Outcome.Failed });
            Add(number + 1);
        }

        return promoted;

        void Add(int number)
        {
            if (strategy.EpochsOf(number) == 3)
            {
                promoted.Add(order[Array.FindIndex(first, one => one.Genotype.Equals(strategy.Propose(number)))]);
            }
        }
    }

    public void Run(int trials)
    {
        for (var number = 1; number <= trials; number++)
        {
            var genotype = strategy.Propose(number);
            All.Add((genotype, strategy.EpochsOf(number)));
            var evaluation = isFailing ? new() { Outcome = Outcome.Diverged } : BitsSpace.Evaluated(BitsSpace.ShareOfOnes(genotype));
            strategy.Observe(new(number, genotype, new(strategy.EpochsOf(number) ?? 1)), evaluation);
        }
    }
}
