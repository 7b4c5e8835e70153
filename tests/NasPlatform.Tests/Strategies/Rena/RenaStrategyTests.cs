using NasPlatform.Search;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Spaces.Eas;
using NasPlatform.Search.Strategies;
using NasPlatform.Search.Strategies.Controllers;
using NasPlatform.Search.Strategies.Rena;

namespace NasPlatform.Tests.Strategies.Rena;

public sealed class RenaStrategyTests
{
    private static readonly int[] Network = [3, 1, 11, 3, 5, 11, 0];

    [Theory]
    [InlineData("eas-plain")]
    [InlineData("eas-dense")]
    public void Networks_are_edited_and_come_out_again_when_they_are_told_again(string name)
    {
        var space = (EasSpace)SearchSpaceCatalog.Create(name);
        var (first, again, restarted) = (Run(name, 35), Run(name, 35), Strategy(name));
        foreach (var (number, (genotype, _)) in first.Take(25).Index())
        {
            restarted.Observe(new(number + 1, genotype, new()), Evaluated(space, genotype));
        }

        Assert.Equal(first, again);
        Assert.Equal(space.Find("start"), first[0].Genotype);
        Assert.All(first, made => Assert.Equal(made.Genotype, space.FromValues(made.Genotype.ToDictionary())));
        Assert.Equal(first[25..31], Enumerable.Range(26, 6).Select(number => (restarted.Propose(number), restarted.ParentOf(number))));
        Assert.True(first.Select(made => made.Genotype).Distinct().Count() > 15);
        Assert.Contains(first, made => made.Parent > 1); // the best one is where a batch begins
    }

    [Fact]
    public void Another_seed_makes_other_networks() => Assert.NotEqual(Run("eas-plain", 15), Run("eas-plain", 15, seed: 2));

    [Fact]
    public void What_failed_is_taken_in()
    {
        var strategy = Strategy("eas-plain");
        for (var number = 1; number <= 25; number++)
        {
            strategy.Observe(new(number, strategy.Propose(number), new()), new Evaluation { Outcome = Outcome.Diverged, Reason = "in a test" });
        }

        Assert.NotNull(strategy.Propose(26));
    }

    [Fact]
    public void What_pays_is_learnt_within_the_limit()
    {
        // The score grows with the layers, of which a limit allows nine; each counts as a parameter.
        var layers = Layers(("parameters", "9"), ("parameters_weight", "3"), ("learning_rate", "0.02"), ("from", "start"), ("actions", "8"));

        Assert.InRange(layers.Skip(1).Take(10).Average(), 3, 7.5);
        Assert.InRange(layers.TakeLast(20).Average(), 7.5, 10.5);
    }

    [Fact]
    public void Predictors_learn_what_was_told()
    {
        var space = (EasSpace)SearchSpaceCatalog.Create("eas-plain");
        var strategy = Strategy("eas-plain", ("recorded", "60"), ("seconds", "5"));
        var errors = new List<double>();
        for (var number = 1; number <= 61; number++)
        {
            var genotype = strategy.Propose(number);
            Assert.True(number == 1 || strategy.ParentOf(number) >= 1);
            strategy.Observe(new(number, genotype, new()), Evaluated(space, genotype));
            if (strategy.Diagnostics.TryGetValue("predictor_error", out var error) && (number - 1) % 10 == 0 && number > 1)
            {
                errors.Add(error);
            }
        }

        Assert.Equal(6, errors.Count);
        Assert.True(errors[^1] < 0.5 * errors[0], string.Join(' ', errors));
        Assert.DoesNotContain("baseline", strategy.Diagnostics.Keys); // the policy has not begun
        Assert.InRange(strategy.Diagnostics["seconds_factor"], 0, 1);
    }

    [Fact]
    public void Other_spaces_are_refused()
    {
        var error = Assert.Throws<UserErrorException>(() => StrategyCatalog.Create("rena", SearchSpaceCatalog.Create("chain"), null, new RandomSource(1), 1));

        Assert.Contains("take one of eas-dense, eas-plain", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_probabilities_of_all_edits_sum_to_one()
    {
        var policy = Policy<double>();
        EasEdit[] edits = [.. Edits];
        var total = 0.0;
        foreach (var edit in edits)
        {
            policy.Read(Network);
            Assert.Equal(edit, Decided(policy, edit));
            total += Math.Exp(policy.Score().LogProbability);
        }

        Assert.Equal(1, total, 1e-12);
    }

    [Fact]
    public void Gradients_of_the_policy_are_those_of_the_function()
    {
        var policy = Policy<double>();
        var ofScore = new Score(0.7, -0.4);
        foreach (var edit in Edits)
        {
            Value(edit);
            policy.Backward(ofScore);
            Compare(policy.OfPolicy, () => Value(edit));
        }

        double Value(EasEdit edit)
        {
            policy.Read(Network);
            Decided(policy, edit);
            var score = policy.Score();
            return (ofScore.LogProbability * score.LogProbability) + (ofScore.Entropy * score.Entropy);
        }
    }

    [Fact]
    public void Gradients_of_the_predictors_reach_the_embedding()
    {
        var policy = Policy<double>();
        double[] weights = [0.3, -1.1];
        Value();
        policy.BackwardOfPredictions(weights);
        Compare(policy.OfPredictor, Value);

        double Value()
        {
            policy.Read(Network);
            return policy.Predict().Zip(weights).Sum(pair => pair.First * pair.Second);
        }
    }

    private static IEnumerable<EasEdit> Edits =>
    [
        new EasEdit.Wider(0, 0), new EasEdit.Narrower(0, 1), new EasEdit.Reshaped(0, 1, 1), new EasEdit.Deeper(1, 0, 0), new EasEdit.Deeper(1, 0, 1), new EasEdit.Deeper(2, 0, 0), new EasEdit.Shallower(0, 1),
        new EasEdit.Wider(1, 1), new EasEdit.Shallower(1, 0),
    ];

    private static RenaPolicy<T> Policy<T>()
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T> => new(12, 7, 5, blocks: 3, layers: 4, kernels: 2, predictions: 2, new RandomSource(3));

    // Decides for an edit, by the places of its options among those that are in order.
    private static EasEdit Decided(RenaPolicy<double> policy, EasEdit wanted)
    {
        var step = 0;
        var left = Edits.Select(edit => (Edit: edit, Way: Way(edit))).ToList();
        return policy.Decide(Edits, options =>
        {
            var there = left.Select(edit => edit.Way[step]).Distinct().Order().ToList();
            Assert.Equal(there.Count, options.Length);
            left.RemoveAll(edit => edit.Way[step] != Way(wanted)[step]);
            return there.IndexOf(Way(wanted)[step++]);
        });

        static int[] Way(EasEdit edit) => edit switch
        {
            EasEdit.Deeper deeper => [1, edit.Block, edit.Layer, deeper.Kernel],
            EasEdit.Shallower => [2, edit.Block, edit.Layer, 0],
            _ => [0, edit.Block, edit.Layer, edit is EasEdit.Narrower ? 0 : edit is EasEdit.Wider ? 1 : 2 + ((EasEdit.Reshaped)edit).Kernel],
        };
    }

    private static void Compare(IReadOnlyList<Parameter<double>> parameters, Func<double> value)
    {
        var random = new RandomSource(8);
        foreach (var parameter in parameters)
        {
            var direction = Array.ConvertAll(parameter.Values, _ => random.NextDouble() - 0.5);
            var slope = direction.Zip(parameter.Gradient).Sum(pair => pair.First * pair.Second);
            Assert.Equal((Moved(1e-5) - Moved(-1e-5)) / 2e-5, slope, 1e-8 * (1 + Math.Abs(slope)));
            Array.Clear(parameter.Gradient);

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

                var moved = value();
                before.CopyTo(parameter.Values, 0);
                return moved;
            }
        }
    }

    private static List<int> Layers(params (string Name, string Value)[] settings)
    {
        var space = (EasSpace)SearchSpaceCatalog.Create("eas-plain");
        var strategy = Strategy("eas-plain", settings);
        return [.. Enumerable.Range(1, 201).Select(number =>
        {
            var genotype = strategy.Propose(number);
            var count = space.Layers(genotype).Sum(block => block.Length);
            strategy.Observe(new(number, genotype, new()), new Evaluation { Outcome = Outcome.Completed, Score = Math.Min(1, count / 20.0), ParameterCount = count, DurationSeconds = count });
            return count;
        })];
    }

    private static Evaluation Evaluated(EasSpace space, Genotype genotype)
    {
        var layers = space.Layers(genotype).Sum(block => block.Length);
        return new() { Outcome = Outcome.Completed, Score = Math.Min(0.9, 0.05 * layers), ParameterCount = layers, DurationSeconds = layers };
    }

    private static List<(Genotype Genotype, int? Parent)> Run(string name, int trials, ulong seed = 1)
    {
        var space = (EasSpace)SearchSpaceCatalog.Create(name);
        var strategy = StrategyCatalog.Create("rena", space, new Dictionary<string, string> { ["parameters"] = "12" }, new RandomSource(seed), 1);
        return [.. Enumerable.Range(1, trials).Select(number =>
        {
            var genotype = strategy.Propose(number);
            var parent = strategy.ParentOf(number);
            strategy.Observe(new(number, genotype, new()), Evaluated(space, genotype));
            return (genotype, parent);
        })];
    }

    private static Search.Strategies.Strategy Strategy(string space, params (string Name, string Value)[] settings) => StrategyCatalog.Create(
        "rena",
        SearchSpaceCatalog.Create(space),
        settings.Length == 0 ? new Dictionary<string, string> { ["parameters"] = "12" } : settings.ToDictionary(setting => setting.Name, setting => setting.Value),
        new RandomSource(1),
        1);
}
