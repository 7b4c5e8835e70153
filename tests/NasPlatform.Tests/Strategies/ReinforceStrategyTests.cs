using NasPlatform.Search;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Strategies;
using NasPlatform.Search.Strategies.Controllers;
using NasPlatform.Search.Strategies.Reinforce;
using NasPlatform.Tests.Contracts;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Strategies;

public sealed class ReinforceStrategyTests : StrategyContract
{
    protected override string Name => "reinforce";

    [Fact]
    public void NASRL_K3_two_layers_of_35_units_Adam_at_6e_4_weights_uniform_in_008()
    {
        var space = SearchSpaceCatalog.Create("chain");
        var strategy = StrategyCatalog.Create(Name, space, null, new RandomSource(1));
        var controller = new Controller<float>(space, new RandomSource(1), 35, 2, 0.08);

        Assert.Equal(("35", "2", "0.0006", "0.08"), (strategy.Settings["units"], strategy.Settings["layers"], strategy.Settings["learning_rate"], strategy.Settings["init"]));
        var lstm = controller.Parameters.Where(parameter => parameter.Name.StartsWith("lstm", StringComparison.Ordinal)).ToList();
        Assert.Equal(2 * ((2 * 4 * 35 * 35) + (2 * 4 * 35)), lstm.Sum(parameter => parameter.Rows * parameter.Columns));
        var values = controller.Parameters
            .SelectMany(parameter => Enumerable.Range(0, parameter.Rows).SelectMany(row => Enumerable.Range(0, parameter.Columns).Select(column => parameter.Values[parameter.Place(row, column)]))).ToList();
        Assert.InRange(values.Max(), 0.079f, 0.08f);
        Assert.InRange(values.Min(), -0.08f, -0.079f);
        Assert.InRange(values.Average(), -0.002, 0.002);
    }

    [Fact]
    public void NASRL_K7_reward_is_the_best_of_the_last_five_accuracies_cubed() =>
        Assert.Equal(0.884736, ReinforceStrategy.CubedReward(new() { Outcome = Outcome.Completed, Score = 0.94, BestOfLastFive = 0.96 }), 9);

    [Fact]
    public void Reward_climbs_on_a_toy()
    {
        var space = new BitsSpace(10);
        var settings = new Dictionary<string, string> { ["learning_rate"] = "0.01", ["batch"] = "4" };
        var strategy = StrategyCatalog.Create(Name, space, settings, new RandomSource(2));
        var shares = new List<double>();
        for (var number = 1; number <= 400; number++)
        {
            var genotype = strategy.Propose(number);
            shares.Add(BitsSpace.ShareOfOnes(genotype));
            strategy.Observe(new(number, genotype, new()), BitsSpace.Evaluated(shares[^1]));
        }

        Assert.InRange(shares.Take(10).Average(), 0.3, 0.7);
        Assert.InRange(shares.TakeLast(50).Average(), 0.85, 1);
        Assert.True(strategy.Diagnostics["entropy"] < 0.5);
    }

    [Fact]
    public void Settings_of_the_papers_are_there_by_name()
    {
        var strategy = StrategyCatalog.Create(Name, new BitsSpace(4), new Dictionary<string, string> { ["preset"] = "nasnet", ["units"] = "10" }, new RandomSource(1));

        // search-methods-rl.md §2.4, and what was said beside the preset.
        Assert.Equal(
            ("ppo", "20", "10", "1", "0.00035", "0.1", "0.95", "1E-05"),
            (strategy.Settings["algorithm"], strategy.Settings["batch"], strategy.Settings["units"], strategy.Settings["layers"], strategy.Settings["learning_rate"], strategy.Settings["init"], strategy.Settings["decay"], strategy.Settings["entropy"]));
    }

    [Theory]
    [InlineData("nas-rl-ptb", "nasrl-rnn")]
    [InlineData("autodl-design", "autodl-design")]
    [InlineData("enas-macro", "enas-macro")]
    [InlineData("enas-micro", "enas-micro")]
    [InlineData("enas-rnn", "enas-rnn")]
    [InlineData("enas-micro", "chain")]
    public void Presets_learn_on_their_spaces_and_on_others_and_are_the_same_again(string preset, string name)
    {
        var space = SearchSpaceCatalog.Create(name);

        var first = Run();

        var again = Run();
        Assert.Equal(first.Proposals, again.Proposals);
        Assert.Equal(first.Baseline, again.Baseline);
        Assert.All(first.Proposals, genotype => Assert.Equal(genotype, space.FromValues(genotype.ToDictionary())));

        (List<Genotype> Proposals, double Baseline) Run()
        {
            var strategy = StrategyCatalog.Create(Name, space, new Dictionary<string, string> { ["preset"] = preset }, new RandomSource(1), 1);
            var proposals = Enumerable.Range(1, 42).Select(number =>
            {
                var genotype = strategy.Propose(number);
                strategy.Observe(new(number, genotype, new()), BitsSpace.Evaluated((double)genotype.Decisions[^1].Value / genotype.Decisions[^1].Choice.Options.Length));
                return genotype;
            }).ToList();
            return (proposals, strategy.Diagnostics["baseline"]);
        }
    }

    [Fact]
    public void Proximal_policy_optimisation_goes_further_on_the_same_trials()
    {
        var (reinforce, once, often) = (Toy("reinforce", "1"), Toy("ppo", "1"), Toy("ppo", "8"));

        Assert.Equal(reinforce, once);
        Assert.True(often > once + 0.05, $"{often} after eight moves a batch, {once} after one");

        static double Toy(string algorithm, string moves)
        {
            var space = new BitsSpace(10);
            var settings = new Dictionary<string, string> { ["algorithm"] = algorithm, ["moves"] = moves, ["reward"] = "accuracy", ["batch"] = "10", ["learning_rate"] = "0.001" };
            var strategy = StrategyCatalog.Create("reinforce", space, settings, new RandomSource(2));
            var shares = new List<double>();
            for (var number = 1; number <= 200; number++)
            {
                var genotype = strategy.Propose(number);
                shares.Add(BitsSpace.ShareOfOnes(genotype));
                strategy.Observe(new(number, genotype, new()), BitsSpace.Evaluated(shares[^1]));
            }

            return shares.TakeLast(100).Average();
        }
    }

    [Fact]
    public void Connections_are_pulled_to_their_target()
    {
        var space = SearchSpaceCatalog.Create("enas-macro", new Dictionary<string, string> { ["layers"] = "4" });
        var settings = new Dictionary<string, string> { ["skip_target"] = "0.1", ["skip_weight"] = "1", ["learning_rate"] = "0.005" };
        var strategy = StrategyCatalog.Create(Name, space, settings, new RandomSource(2));
        var connected = new List<double>();
        for (var number = 1; number <= 400; number++)
        {
            var genotype = strategy.Propose(number);
            connected.Add(genotype.Decisions.Where(decision => decision.Choice == Choice.Connection).Average(decision => (double)decision.Value));
            strategy.Observe(new(number, genotype, new()), BitsSpace.Evaluated(0.5));
        }

        Assert.InRange(connected.Take(10).Average(), 0.25, 0.75);
        Assert.InRange(connected.TakeLast(100).Average(), 0.02, 0.2);
    }

    [Fact]
    public void A_large_batch_is_one_update()
    {
        // Scored in parts; the diagnostics tell the mean over all.
        var space = new BitsSpace(4);
        var (whole, single) = (Strategy("100"), Strategy("1"));
        for (var number = 1; number <= 100; number++)
        {
            whole.Observe(new(number, whole.Propose(number), new()), BitsSpace.Evaluated(0.5));
        }

        single.Observe(new(1, single.Propose(1), new()), BitsSpace.Evaluated(0.5));

        Assert.Equal(single.Diagnostics["entropy"], whole.Diagnostics["entropy"], 1e-2);
        Assert.Equal(0.125, whole.Diagnostics["baseline"], 9);

        Search.Strategies.Strategy Strategy(string batch) => StrategyCatalog.Create(Name, space, new Dictionary<string, string> { ["batch"] = batch }, new RandomSource(1));
    }

    [Theory]
    [InlineData("after", new[] { 0.0, 2.0 }, 1.2)] // from 1, the first reward: 1, then 3
    [InlineData("before", new[] { -1.0, 1.0 }, 2.0)] // from 2, the first mean
    [InlineData("each", new[] { 0.9, 2.61 }, 0.39)] // from 0: 0.1, then 0.39
    public void A_baseline_moves_as_its_source_has_it(string rule, double[] advantages, double value)
    {
        var baseline = new Baseline(Enum.Parse<BaselineRule>(rule, ignoreCase: true), 0.9);

        Assert.All(advantages.Zip(baseline.Advantages([1, 3])), pair => Assert.Equal(pair.First, pair.Second, 9));
        Assert.Equal(value, baseline.Value!.Value, 9); // not null: a batch has moved it
    }

    [Fact]
    public void Baseline_is_subtracted_before_it_moves_and_starts_at_the_first_reward()
    {
        var space = new BitsSpace(4);
        var strategy = StrategyCatalog.Create(Name, space, null, new RandomSource(1));
        var genotype = strategy.Propose(1);

        strategy.Observe(new(1, genotype, new()), BitsSpace.Evaluated(0.5));
        Assert.Equal(0.125, strategy.Diagnostics["baseline"], 9);
        strategy.Observe(new(2, genotype, new()), BitsSpace.Evaluated(1));
        Assert.Equal((0.95 * 0.125) + 0.05, strategy.Diagnostics["baseline"], 9);
    }
}
