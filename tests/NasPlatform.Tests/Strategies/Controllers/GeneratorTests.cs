using NasPlatform.Search;
using NasPlatform.Search.Benchmarks;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Strategies.Controllers;

namespace NasPlatform.Tests.Strategies.Controllers;

public sealed class GeneratorTests
{
    // Of the released code.
    private static readonly Shaping Shaping = new(Temperature: 5, Cap: 2.5);

    [Fact]
    public void PADDLE_K5_a_generator_has_71_074_parameters()
    {
        var generator = new Generator<float>(SearchSpaceCatalog.Create("autodl-design"), new RandomSource(1), 64, 2, 0.1, Shaping);

        Assert.Equal(19_200, Count("lstm0."));
        Assert.Equal(33_024, Count("lstm1."));
        Assert.Equal(20 * 650, generator.Parameters.Where(parameter => parameter.Name.Contains("/operation.", StringComparison.Ordinal)).Sum(parameter => parameter.Rows * parameter.Columns));
        Assert.Equal(2 * 65 * 45, generator.Parameters.Where(parameter => parameter.Name.Contains("/input.", StringComparison.Ordinal)).Sum(parameter => parameter.Rows * parameter.Columns));
        Assert.Equal(71_074, Count(""));

        int Count(string prefix) => generator.Parameters.Where(parameter => parameter.Name.StartsWith(prefix, StringComparison.Ordinal)).Sum(parameter => parameter.Rows * parameter.Columns);
    }

    [Fact]
    public void Weights_begin_uniform_in_the_lstm_and_normal_in_the_full_layers_and_biases_at_zero()
    {
        var generator = new Generator<float>(SearchSpaceCatalog.Create("autodl-design"), new RandomSource(1), 64, 2, 0.1, Shaping);

        var lstm = generator.Parameters.Where(parameter => parameter.Name.StartsWith("lstm", StringComparison.Ordinal) && parameter.Name.Contains("weight", StringComparison.Ordinal)).SelectMany(Values).ToList();
        var full = generator.Parameters.Where(parameter => parameter.Name.EndsWith("full.weight", StringComparison.Ordinal)).SelectMany(Values).ToList();
        var biases = generator.Parameters.Where(parameter => parameter.Name.Contains("bias", StringComparison.Ordinal)).SelectMany(Values).ToList();

        Assert.InRange(lstm.Max(), 0.0999f, 0.1f);
        Assert.InRange(full.Max(), 0.35f, 2 * 0.1768f); // two deviations of √(2/64)
        Assert.InRange(Math.Sqrt(full.Average(value => value * value)), 0.88 * 0.1768 * 0.97, 0.88 * 0.1768 * 1.03); // a normal cut at two deviations has 0.88 of its deviation
        Assert.All(biases, bias => Assert.Equal(0, bias));

        static IEnumerable<float> Values(Parameter<float> parameter) =>
            Enumerable.Range(0, parameter.Rows).SelectMany(row => Enumerable.Range(0, parameter.Columns).Select(column => parameter.Values[parameter.Place(row, column)]));
    }

    [Fact]
    public void PADDLE_K6_K7_an_id_is_as_likely_as_0_9428_at_most_and_an_edge_as_0_9241_at_most_and_0_0759_at_least()
    {
        var space = SearchSpaceCatalog.Create("autodl-design", new Dictionary<string, string> { ["nodes"] = "2" });
        var generator = new Generator<double>(space, new RandomSource(1), 8, 1, 0.1, Shaping);

        // No decision depends on another one now, so that the probabilities of one are in the ratio of whole architectures'.
        foreach (var weight in generator.Parameters.Where(parameter => parameter.Name.EndsWith("full.weight", StringComparison.Ordinal)))
        {
            Array.Clear(weight.Values);
        }

        var edge = Of("normal/node1/input");
        edge[0] = 1e9;
        Assert.Equal(0.9241, Share("0,0:1 0,0:0", "0,0:0 0,0:0"), 1e-4);
        edge[0] = -1e9;
        Assert.Equal(0.0759, Share("0,0:1 0,0:0", "0,0:0 0,0:0"), 1e-4);

        var id = Of("reduction/node1/operation");
        Array.Fill(id, -1e9, 0, 10);
        id[1] = 1e9;
        Assert.Equal(0.9428, Share([.. new[] { 1, 0, 2, 3, 4, 5, 6, 7, 8, 9 }.Select(number => $"0,0:0 0,{number}:0")]), 1e-4);

        double[] Of(string place) => generator.Parameters.Single(parameter => parameter.Name == $"{place}.full.bias").Values;

        double Share(params string[] genotypes)
        {
            var probabilities = genotypes.Select(text => Math.Exp(generator.Score(space, space.Parse(text)).LogProbability)).ToList();
            return probabilities[0] / probabilities.Sum();
        }
    }

    [Fact]
    public void PADDLE_K6_K8_ones_are_two_of_twenty_by_chance_and_fifteen_within_500_batches_and_18_86_in_the_end()
    {
        using var demo = new HowManyOnes("reinforce", new Dictionary<string, string>(), seed: 1);
        var means = new List<double>();
        while (means.Count < 500 && (means.Count < 10 || means.TakeLast(10).Average() < 15))
        {
            means.Add(demo.Next());
        }

        Assert.Equal((2.0, 20), (demo.ByChance, demo.Most));
        Assert.Equal(18.86, demo.MostLikely, 0.005);
        Assert.InRange(means.Take(10).Average(), 1.5, 2.7);
        Assert.True(means.TakeLast(10).Average() >= 15, $"{means.TakeLast(10).Average()} ones after {means.Count} batches");
    }

    [Fact]
    public void Gradients_are_those_of_the_function()
    {
        var space = SearchSpaceCatalog.Create("autodl-design", new Dictionary<string, string> { ["nodes"] = "4" });
        var random = new RandomSource(6);
        var generator = new Generator<double>(space, new RandomSource(1), 7, 2, 0.5, Shaping);
        foreach (var bias in generator.Parameters.Where(parameter => parameter.Rows == 1))
        {
            bias.Draw(random, 0.5); // else nothing comes out of the first step
        }

        PolicyChecks.GradientsAreThoseOfTheFunction(generator, [.. Enumerable.Range(0, 6).Select(_ => (space, space.Sample(random)))], random);
    }

    [Fact]
    public void Probabilities_of_all_ways_to_answer_add_up_to_one_and_are_those_of_drawing()
    {
        var space = SearchSpaceCatalog.Create("chain", new Dictionary<string, string> { ["layers"] = "3", ["kernels"] = "3", ["strides"] = "1", ["filters"] = "24,36" });
        var generator = new Generator<float>(space, new RandomSource(4), 5, 2, 1.0, new());

        Assert.Equal(1, PolicyChecks.SumOfProbabilities(generator, space), 1e-5);
        PolicyChecks.DrawsAreAsLikelyAsScores(generator, space, 4000);
    }

    [Fact]
    public void A_space_whose_questions_depend_on_answers_is_refused()
    {
        var error = Assert.Throws<UserErrorException>(() => new Generator<float>(SearchSpaceCatalog.Create("eas-plain"), new RandomSource(1), 8, 1, 0.1, Shaping));

        Assert.Contains("take policy=controller", error.Message, StringComparison.Ordinal);
    }
}
