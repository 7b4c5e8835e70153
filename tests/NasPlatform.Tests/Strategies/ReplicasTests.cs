using NasPlatform.Search;
using NasPlatform.Search.Benchmarks;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Strategies;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Strategies;

public sealed class ReplicasTests
{
    private static readonly BitsSpace Space = new(10);

    [Theory]
    [InlineData("nas-rl-replicas", 800)]
    [InlineData("nas-rl-ptb", 400)]
    public void NASRL_K1_so_many_children_are_tried_at_once(string preset, int children)
    {
        var strategy = Strategy(("preset", preset));

        Assert.True(strategy.IsReadyFor(children));
        Assert.False(strategy.IsReadyFor(children + 1));
    }

    [Fact]
    public void A_replica_draws_its_next_batch_when_all_of_its_batch_were_told()
    {
        var strategy = Strategy(("replicas", "3"), ("batch", "2"));
        var drawn = Enumerable.Range(1, 6).ToDictionary(number => number, strategy.Propose);

        Tell(3);
        Tell(1);
        Assert.False(strategy.IsReadyFor(7));
        Tell(4);
        Assert.True(strategy.IsReadyFor(8));
        Assert.False(strategy.IsReadyFor(9));
        Assert.Equal(0, strategy.Diagnostics["staleness"]);
        Tell(2);
        Assert.True(strategy.IsReadyFor(10));
        Assert.Equal(1, strategy.Diagnostics["staleness"]); // the other replica has moved the policy meanwhile

        void Tell(int number) => strategy.Observe(new(number, drawn[number], new()), BitsSpace.Evaluated(BitsSpace.ShareOfOnes(drawn[number])));
    }

    [Fact]
    public void One_replica_that_is_told_in_order_is_a_batch_at_a_time()
    {
        Assert.Equal(Run(Strategy(("batch", "4"), ("learning_rate", "0.05"))), Run(Strategy(("batch", "4"), ("replicas", "1"), ("learning_rate", "0.05"))));

        static List<Genotype> Run(Search.Strategies.Strategy strategy) => [.. Enumerable.Range(1, 40).Select(number =>
        {
            var genotype = strategy.Propose(number);
            strategy.Observe(new(number, genotype, new()), BitsSpace.Evaluated(BitsSpace.ShareOfOnes(genotype)));
            return genotype;
        })];
    }

    [Theory]
    [InlineData("1")]
    [InlineData("3")]
    public void Told_again_in_the_order_of_their_ends_trials_give_the_state_back(string accumulate)
    {
        (string, string)[] settings = [("replicas", "4"), ("batch", "3"), ("accumulate", accumulate), ("learning_rate", "0.05")];
        var strategy = Strategy(settings);
        var random = new RandomSource(5);
        var (running, told) = (new List<(int Number, Genotype Genotype)>(), new List<(int Number, Genotype Genotype)>());
        var number = 0;
        while (told.Count < 200)
        {
            while (strategy.IsReadyFor(number + 1))
            {
                running.Add((++number, strategy.Propose(number)));
            }

            var ended = random.Next(running.Count);
            Tell(strategy, running[ended]);
            told.Add(running[ended]);
            running.RemoveAt(ended);
        }

        var restarted = Strategy(settings);
        told.ForEach(trial => Tell(restarted, trial));

        Assert.True(told.TakeLast(30).Average(trial => BitsSpace.ShareOfOnes(trial.Genotype)) > 0.7);
        Assert.Equal(strategy.Diagnostics, restarted.Diagnostics);
        Assert.Equal(running.Select(trial => trial.Genotype), running.Select(trial => restarted.Propose(trial.Number)));

        static void Tell(Search.Strategies.Strategy strategy, (int Number, Genotype Genotype) trial) =>
            strategy.Observe(new(trial.Number, trial.Genotype, new()), BitsSpace.Evaluated(BitsSpace.ShareOfOnes(trial.Genotype)));
    }

    [Fact]
    public void Workers_without_a_replica_have_nothing_to_do()
    {
        using var benchmark = new MadeUpBenchmark();
        var options = new BenchmarkRunOptions
        {
            Strategy = "reinforce",
            StrategySettings = new Dictionary<string, string> { ["replicas"] = "5", ["batch"] = "4", ["units"] = "8" },
            Queries = 100,
            Workers = 20,
        };

        var run = BenchmarkRun.Of(benchmark.Table, options, 1, TestContext.Current.CancellationToken);
        var more = BenchmarkRun.Of(benchmark.Table, options with { Workers = 60 }, 1, TestContext.Current.CancellationToken);
        var fewer = BenchmarkRun.Of(benchmark.Table, options with { Workers = 4 }, 1, TestContext.Current.CancellationToken);

        Assert.Equal(100, run.Steps.Count);
        Assert.Equal(run.Steps, more.Steps);
        Assert.True(fewer.Steps[^1].Seconds > run.Steps[^1].Seconds);
    }

    [Fact]
    public void Replicas_and_proximal_policy_optimisation_exclude_each_other()
    {
        var error = Assert.Throws<UserErrorException>(() => Strategy(("algorithm", "ppo"), ("replicas", "2")));

        Assert.Contains("replicas send one gradient", error.Message, StringComparison.Ordinal);
    }

    private static Search.Strategies.Strategy Strategy(params (string Name, string Value)[] settings) =>
        StrategyCatalog.Create("reinforce", Space, settings.ToDictionary(setting => setting.Name, setting => setting.Value), new RandomSource(1), 1);
}
