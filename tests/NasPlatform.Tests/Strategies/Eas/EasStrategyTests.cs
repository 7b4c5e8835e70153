using NasPlatform.Search;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Spaces.Eas;
using NasPlatform.Search.Strategies;
using NasPlatform.Search.Strategies.Controllers;
using NasPlatform.Search.Strategies.Eas;
using NasPlatform.Search.Strategies.Reinforce;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Strategies.Eas;

public sealed class EasStrategyTests
{
    [Fact]
    public void EAS_K6_four_steps_widen_and_five_deepen_and_ten_networks_are_an_update()
    {
        var strategy = Strategy("eas-plain");

        Assert.Equal(("10", "4", "5", "50", "16", "0.002", "1E-05"), (
            strategy.Settings["batch"], strategy.Settings["wider"], strategy.Settings["deeper"], strategy.Settings["units"], strategy.Settings["embedding"], strategy.Settings["learning_rate"], strategy.Settings["entropy"]));
        var layers = Enumerable.Range(2, 10).Select(number => ((EasSpace)SearchSpaceCatalog.Create("eas-plain")).Layers(strategy.Propose(number)).Sum(block => block.Length));
        Assert.All(layers, count => Assert.InRange(count, 5, 10)); // the start net has five layers
        Assert.Contains(10, layers);
    }

    [Fact]
    public void EAS_K7_the_baseline_is_almost_the_last_batchs_mean()
    {
        var baseline = new Baseline(BaselineRule.Before, 0.05, start: 1);

        Assert.Equal([0.1, 0.1], baseline.Advantages([3, 3]).Select(advantage => Math.Round(advantage, 9)));
        Assert.Equal(2.9, baseline.Value!.Value, 9); // not null: a batch has moved it
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.5, 1)]
    [InlineData(0.9, 6.3138)]
    public void A_reward_is_the_tangent_of_the_accuracy(double accuracy, double reward) => Assert.Equal(reward, EasStrategy.Reward(accuracy), 1e-4);

    [Theory]
    [InlineData("eas-plain")]
    [InlineData("eas-dense")]
    public void Networks_grow_from_the_start_and_come_out_again_when_they_are_told_again(string name)
    {
        var space = (EasSpace)SearchSpaceCatalog.Create(name);
        var (first, again, restarted) = (Run(name), Run(name), Strategy(name));
        foreach (var (number, genotype) in first.Take(25).Index())
        {
            restarted.Observe(new(number + 1, genotype, new()), Evaluated(space, genotype));
        }

        Assert.Equal(first, again);
        Assert.Equal(space.Find("start"), first[0]);
        Assert.All(first, genotype => Assert.Equal(genotype, space.Way(first[0], genotype).Append(first[0]).First(grown => grown.Equals(genotype))));
        Assert.Equal(first[25..31], Enumerable.Range(26, 6).Select(restarted.Propose));
        Assert.True(first.Skip(1).Distinct().Count() > 20);
    }

    [Fact]
    public void A_batch_waits_for_the_start_and_for_the_batch_before()
    {
        var space = (EasSpace)SearchSpaceCatalog.Create("eas-plain");
        var strategy = Strategy("eas-plain", ("batch", "3"));

        Assert.True(strategy.IsReadyFor(1));
        Assert.False(strategy.IsReadyFor(2));
        Tell(1);
        Assert.True(strategy.IsReadyFor(4));
        Assert.False(strategy.IsReadyFor(5));
        Tell(4);
        Tell(2);
        Tell(3);
        Assert.True(strategy.IsReadyFor(7));

        void Tell(int number)
        {
            var genotype = strategy.Propose(number);
            strategy.Observe(new(number, genotype, new()), Evaluated(space, genotype));
        }
    }

    [Fact]
    public void What_pays_is_learnt()
    {
        // Paid for layers of the first block.
        var space = (EasSpace)SearchSpaceCatalog.Create("eas-plain");
        var strategy = Strategy("eas-plain", ("learning_rate", "0.02"), ("batch", "5"));
        var counts = new List<int>();
        for (var number = 1; number <= 161; number++)
        {
            var genotype = strategy.Propose(number);
            counts.Add(space.Layers(genotype)[0].Length);
            strategy.Observe(new(number, genotype, new()), BitsSpace.Evaluated(counts[^1] / 10.0));
        }

        Assert.InRange(counts.Skip(1).Take(5).Average(), 1, 4); // five insertions over five blocks
        Assert.True(counts.TakeLast(30).Average() > 4.5, $"{counts.TakeLast(30).Average()}");
    }

    [Fact]
    public void Other_spaces_are_refused()
    {
        var error = Assert.Throws<UserErrorException>(() => StrategyCatalog.Create("eas", SearchSpaceCatalog.Create("chain"), null, new RandomSource(1), 1));

        Assert.Contains("take one of eas-dense, eas-plain", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Gradients_of_the_actors_are_those_of_the_function(bool isDeeper)
    {
        var actors = new EasActors<double>(12, 7, 5, [3, 4, 2], new RandomSource(3));
        int[] tokens = [3, 1, 11, 3, 5, 11, 0];
        var picks = new[] { 1, 0, 1, 1 };
        var random = new RandomSource(8);
        var ofScore = new Score(0.7, -0.4);
        Value();
        actors.Backward(ofScore);

        foreach (var parameter in actors.Parameters)
        {
            var direction = Array.ConvertAll(parameter.Values, _ => random.NextDouble() - 0.5);
            var slope = direction.Zip(parameter.Gradient).Sum(pair => pair.First * pair.Second);
            Assert.Equal((Moved(1e-5) - Moved(-1e-5)) / 2e-5, slope, 1e-8 * (1 + Math.Abs(slope)));

            double Moved(double distance)
            {
                var before = parameter.Values.ToArray();
                for (var row = 0; row < parameter.Rows; row++)
                {
                    for (var column = 0; column < parameter.Columns; column++)
                    {
                        parameter.Values[parameter.Place(row, column)] += distance * direction[parameter.Place(row, column)];
                    }
                }

                var value = Value();
                before.CopyTo(parameter.Values, 0);
                return value;
            }
        }

        double Value()
        {
            actors.Read(tokens);
            if (isDeeper)
            {
                actors.Deepen([2, 2, 1], _ => true, options => Math.Min(1, options.Length - 1));
            }
            else
            {
                foreach (var (place, pick) in picks.Index())
                {
                    actors.Widen(place, _ => pick);
                }
            }

            var score = actors.Score();
            return (ofScore.LogProbability * score.LogProbability) + (ofScore.Entropy * score.Entropy);
        }
    }

    [Fact]
    public void A_layer_is_put_in_after_one_that_there_is()
    {
        var actors = new EasActors<float>(12, 7, 5, [3, 4, 2], new RandomSource(3));
        actors.Read([1, 2, 3]);
        var total = 0.0;
        foreach (var (block, layer, kernel) in from block in Enumerable.Range(0, 3) from layer in Enumerable.Range(0, block + 1) from kernel in Enumerable.Range(0, block == 2 ? 1 : 2) select (block, layer, kernel))
        {
            var picks = new Queue<int>([block, layer, kernel]);
            actors.Read([1, 2, 3]);
            actors.Deepen([1, 2, 3], number => number < 2, _ => picks.Dequeue());
            total += Math.Exp(actors.Score().LogProbability);
        }

        Assert.Equal(1, total, 1e-5);
    }

    private static Evaluation Evaluated(EasSpace space, Genotype genotype) => BitsSpace.Evaluated(Math.Min(0.9, space.Layers(genotype).Sum(block => block.Sum(layer => 0.01 * layer.Width))));

    private static List<Genotype> Run(string name)
    {
        var strategy = Strategy(name);
        var space = (EasSpace)SearchSpaceCatalog.Create(name);
        return [.. Enumerable.Range(1, 35).Select(number =>
        {
            var genotype = strategy.Propose(number);
            strategy.Observe(new(number, genotype, new()), Evaluated(space, genotype));
            return genotype;
        })];
    }

    private static Search.Strategies.Strategy Strategy(string space, params (string Name, string Value)[] settings) =>
        StrategyCatalog.Create("eas", SearchSpaceCatalog.Create(space), settings.ToDictionary(setting => setting.Name, setting => setting.Value), new RandomSource(1), 1);
}
