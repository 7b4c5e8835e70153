using NasPlatform.Search;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Strategies;
using NasPlatform.Search.Strategies.Reinforce;
using NasPlatform.Tests.Contracts;
using NasPlatform.Tests.Support;
using TorchSharp;

namespace NasPlatform.Tests.Strategies;

public sealed class ReinforceStrategyTests : StrategyContract
{
    protected override string Name => "reinforce";

    [Fact]
    public void NASRL_K3_two_layers_of_35_units_Adam_at_6e_4_weights_uniform_in_008()
    {
        var space = SearchSpaceCatalog.Create("chain");
        var strategy = StrategyCatalog.Create(Name, space, null, new RandomSource(1));
        using var owned = strategy as IDisposable;
        using var controller = new Controller(space, new RandomSource(1), 35, 2, 0.08);

        Assert.Equal(("35", "2", "0.0006", "0.08"), (strategy.Settings["units"], strategy.Settings["layers"], strategy.Settings["learning_rate"], strategy.Settings["init"]));
        var lstm = controller.named_parameters().Where(entry => entry.name.StartsWith("lstm", StringComparison.Ordinal)).ToList();
        Assert.Equal(2 * ((2 * 4 * 35 * 35) + (2 * 4 * 35)), lstm.Sum(entry => entry.parameter.numel()));
        var values = controller.parameters().SelectMany(parameter => parameter.data<float>().ToArray()).ToList();
        Assert.InRange(values.Max(), 0.079f, 0.08f);
        Assert.InRange(values.Min(), -0.08f, -0.079f);
        Assert.InRange(values.Average(), -0.002, 0.002);
    }

    [Fact]
    public void NASRL_K7_reward_is_the_best_of_the_last_five_accuracies_cubed() =>
        Assert.Equal(0.884736, ReinforceStrategy.Reward(new() { Outcome = Outcome.Completed, Score = 0.94, BestOfLastFive = 0.96 }), 9);

    [Fact]
    public void Probabilities_of_all_ways_to_answer_add_up_to_one()
    {
        var settings = new Dictionary<string, string> { ["layers"] = "3", ["kernels"] = "3", ["strides"] = "1", ["filters"] = "24,36" };
        var space = SearchSpaceCatalog.Create("chain", settings);
        using var controller = new Controller(space, new RandomSource(4), 5, 2, 1.0);
        using var scope = torch.NewDisposeScope();
        using var _ = torch.no_grad();

        var total = space.Enumerate().Sum(genotype => Math.Exp(controller.Score(space, genotype).LogProbability.item<float>()));

        Assert.Equal(64, space.Size);
        Assert.Equal(1, total, 4);
    }

    [Fact]
    public void A_drawn_architecture_is_drawn_as_often_as_its_score_says()
    {
        var space = new BitsSpace(3);
        using var controller = new Controller(space, new RandomSource(4), 5, 2, 1.0);
        using var scope = torch.NewDisposeScope();
        var random = new RandomSource(9);
        const int Draws = 4000;
        var counts = Enumerable.Range(0, Draws).Select(_ => controller.Sample(space, random)).CountBy(genotype => genotype).ToList();

        Assert.All(counts, count =>
        {
            var probability = Math.Exp(controller.Score(space, count.Key).LogProbability.item<float>());
            var deviation = Math.Sqrt(Draws * probability * (1 - probability));
            Assert.InRange(count.Value, (Draws * probability) - (5 * deviation), (Draws * probability) + (5 * deviation));
        });
    }

    [Fact]
    public void Reward_climbs_on_a_toy()
    {
        var space = new BitsSpace(10);
        var settings = new Dictionary<string, string> { ["learning_rate"] = "0.01", ["batch"] = "4" };
        var strategy = StrategyCatalog.Create(Name, space, settings, new RandomSource(2));
        using var owned = strategy as IDisposable;
        var shares = new List<double>();
        for (var number = 1; number <= 400; number++)
        {
            var genotype = strategy.Propose(number);
            shares.Add(BitsSpace.ShareOfOnes(genotype));
            strategy.Observe(genotype, BitsSpace.Evaluated(shares[^1]));
        }

        Assert.InRange(shares.Take(10).Average(), 0.3, 0.7);
        Assert.InRange(shares.TakeLast(50).Average(), 0.85, 1);
        Assert.True(strategy.Diagnostics["entropy"] < 0.5);
    }

    [Fact]
    public void Baseline_is_subtracted_before_it_moves_and_starts_at_the_first_reward()
    {
        var space = new BitsSpace(4);
        var strategy = StrategyCatalog.Create(Name, space, null, new RandomSource(1));
        using var owned = strategy as IDisposable;
        var genotype = strategy.Propose(1);

        strategy.Observe(genotype, BitsSpace.Evaluated(0.5));
        Assert.Equal(0.125, strategy.Diagnostics["baseline"], 9);
        strategy.Observe(genotype, BitsSpace.Evaluated(1));
        Assert.Equal((0.95 * 0.125) + 0.05, strategy.Diagnostics["baseline"], 9);
    }
}
