using NasPlatform.Search;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Strategies.Controllers;

namespace NasPlatform.Tests.Strategies.Controllers;

public sealed class EnasControllerTests
{
    private static readonly Shaping MicroShaping = new(Cap: 1.1);

    // search-methods-rl.md §5.5: 8h² + h + 2bh + 2h² + h, and five biases; the recurrent code's softmax is its embedding.
    [Theory]
    [InlineData("enas-macro", nameof(EnasWiring.Macro), 41_856)]
    [InlineData("enas-micro", nameof(EnasWiring.Micro), 41_733)]
    [InlineData("enas-rnn", nameof(EnasWiring.Recurrent), 41_344)]
    public void Controllers_of_64_units_have_as_many_parameters_as_the_released_ones(string space, string wiring, int parameters)
    {
        var controller = Controller<float>(SearchSpaceCatalog.Create(space), wiring, units: 64);

        Assert.Equal(parameters, controller.Parameters.Sum(parameter => parameter.Rows * parameter.Columns));
    }

    [Fact]
    public void ENAS_K13_at_the_start_a_convolution_has_0_3153_in_the_normal_cell_and_0_2543_in_the_reduction_cell()
    {
        var space = Space("enas-micro", ("nodes", "3"));
        var controller = Controller<double>(space, nameof(EnasWiring.Micro), MicroShaping, convolutionBias: 10);

        // What is decided tells the later decisions nothing, so that the probabilities of one are in the ratio of whole architectures'.
        Array.Clear(Named("operation_softmax.weight"));
        Array.Clear(Named("anchor_vector"));

        Same([0.3153, 0.3153, 0.1232, 0.1232, 0.1232], Probabilities("0 {0} 0 0 0 0 0 0"));
        Same([0.2543, 0.2543, 0.1638, 0.1638, 0.1638], Probabilities("0 0 0 0 0 {0} 0 0"));

        // The convolutions' biases are where tanh is flat; the others as unlike as they can get.
        var biases = Named("operation_softmax.bias");
        (biases[2], biases[3], biases[4]) = (1e9, -1e9, -1e9);
        Assert.Equal(0.1950, Probabilities("0 {0} 0 0 0 0 0 0")[2], 1e-4);

        double[] Named(string name) => controller.Parameters.Single(parameter => parameter.Name == name).Values;

        double[] Probabilities(string form)
        {
            var probabilities = Enumerable.Range(0, 5).Select(operation => Math.Exp(controller.Score(space, space.Parse(form.Replace("{0}", $"{operation}", StringComparison.Ordinal))).LogProbability)).ToList();
            return [.. probabilities.Select(probability => probability / probabilities.Sum())];
        }

        static void Same(double[] expected, double[] actual) => Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
    }

    [Fact]
    public void ENAS_K9_connections_that_are_even_are_0_1225_away_from_a_target_of_0_4_and_the_penalty_is_that_of_one_logit()
    {
        var space = SearchSpaceCatalog.Create("enas-macro");
        var controller = Controller<double>(space, nameof(EnasWiring.Macro), new(Cap: 1.5, ConnectionTarget: 0.4));
        var vector = controller.Parameters.Single(parameter => parameter.Name == "anchor_vector").Values;
        var genotype = space.Sample(new RandomSource(1));

        Array.Clear(vector);
        Assert.Equal(0.122466, controller.Score(space, genotype).Divergence, 1e-6);

        // §5.6: σ(q)·ln(σ(q) / 0.4) and the same of −q and 0.6, summed over a layer's links, the mean over eleven layers; with q at its cap it is made with σ(2q).
        var shaping = new Shaping(Cap: 1.5, ConnectionTarget: 0.4, PenalisesOneLogit: true);
        var single = 1 / (1 + Math.Exp(-1.5));
        Assert.Equal((single * Math.Log(single / 0.4)) + ((1 - single) * Math.Log((1 - single) / 0.6)), shaping.Divergence(-Math.Log(1 + Math.Exp(3)), -Math.Log(1 + Math.Exp(-3))), 1e-12);
    }

    [Theory]
    [InlineData("enas-macro", nameof(EnasWiring.Macro), "layers=3")]
    [InlineData("enas-micro", nameof(EnasWiring.Micro), "nodes=3")]
    [InlineData("enas-rnn", nameof(EnasWiring.Recurrent), "nodes=4")]
    [InlineData("enas-rnn", nameof(EnasWiring.Recurrent), "nodes=4 variant=google-research")]
    public void Probabilities_of_all_ways_to_answer_add_up_to_one(string name, string wiring, string settings)
    {
        var space = Space(name, [.. settings.Split(' ').Select(setting => (setting.Split('=')[0], setting.Split('=')[1]))]);
        var controller = Controller<float>(space, wiring, new(Temperature: 2, Cap: 2.5), range: 0.8);

        Assert.InRange((int)space.Size, 300, 10_000);
        Assert.Equal(1, PolicyChecks.SumOfProbabilities(controller, space), 1e-4);
    }

    [Theory]
    [InlineData("enas-macro", nameof(EnasWiring.Macro))]
    [InlineData("enas-micro", nameof(EnasWiring.Micro))]
    [InlineData("enas-rnn", nameof(EnasWiring.Recurrent))]
    [InlineData("chain", nameof(EnasWiring.Micro))] // anchors of connections, and no places to point at
    public void Gradients_are_those_of_the_function(string name, string wiring)
    {
        var space = name == "chain" ? Space(name, ("layers", "4")) : SearchSpaceCatalog.Create(name);
        var random = new RandomSource(6);
        var controller = Controller<double>(space, wiring, new(Temperature: 2, Cap: 2.5, ConnectionTarget: 0.4), range: 0.5);

        PolicyChecks.GradientsAreThoseOfTheFunction(controller, [.. Enumerable.Range(0, 4).Select(_ => (space, space.Sample(random)))], random);
    }

    [Theory]
    [InlineData("enas-macro", nameof(EnasWiring.Macro))]
    [InlineData("enas-micro", nameof(EnasWiring.Micro))]
    [InlineData("enas-rnn", nameof(EnasWiring.Recurrent), "variant", "google-research")]
    public void Scores_are_those_of_the_released_loops(string name, string wiring, params string[] setting)
    {
        var space = Space(name, [.. setting.Chunk(2).Select(pair => (pair[0], pair[1]))]);
        var controller = Controller<double>(space, wiring, new(Temperature: 2, Cap: 2.5), range: 0.5);
        for (var seed = 0UL; seed < 3; seed++)
        {
            var genotype = space.Sample(new RandomSource(seed));
            var arc = space.Format(genotype).Split(' ').Select(int.Parse).ToArray();
            var plain = new PlainEnas(controller.Parameters, 7, 2.5, 2);
            var expected = wiring switch
            {
                nameof(EnasWiring.Macro) => plain.Macro(arc, 12),
                nameof(EnasWiring.Micro) => plain.Micro(arc, 5),
                _ => plain.Recurrent(arc),
            };

            Assert.Equal(expected, controller.Score(space, genotype).LogProbability, 1e-10);
        }
    }

    [Fact]
    public void Architectures_are_drawn_as_often_as_their_scores_say()
    {
        var space = Space("enas-micro", ("nodes", "3"));
        var controller = Controller<float>(space, nameof(EnasWiring.Micro), MicroShaping, range: 0.5);
        var random = new RandomSource(9);
        var drawn = Enumerable.Range(0, 4000).Select(_ => controller.Sample(space, random)).ToList();

        // By the first operation and the last place, all else added up.
        var scores = space.Enumerate().Select(genotype => (space, genotype)).ToList();
        foreach (var place in new[] { "normal/node3/x/operation", "reduction/node3/y/input" })
        {
            var expected = scores.Zip(controller.Score(scores)).GroupBy(entry => entry.First.genotype[place]).ToDictionary(group => group.Key, group => group.Sum(entry => Math.Exp(entry.Second.LogProbability)));
            Assert.All(expected, option => Assert.InRange(drawn.Count(genotype => genotype[place] == option.Key) / 4000.0, option.Value - 0.04, option.Value + 0.04));
        }
    }

    [Fact]
    public void What_is_fed_on_is_the_state_of_the_place_that_was_chosen()
    {
        // The two inputs of a cell have no state, so the choice between them changes nothing that comes later; the choice of the first node does.
        var space = Space("enas-micro", ("nodes", "4"));
        var controller = Controller<double>(space, nameof(EnasWiring.Micro), MicroShaping, range: 0.5);

        var among = new[] { 0, 1, 2 }.Select(place => controller.Score(space, space.Parse($"0 0 0 0 {place} 0 0 0 0 0 0 0 0 0 0 0"))).ToList();

        Assert.Equal(among[0].Entropy, among[1].Entropy, 1e-12);
        Assert.NotEqual(among[0].Entropy, among[2].Entropy, 1e-6);
    }

    private static SearchSpace Space(string name, params (string Name, string Value)[] settings) =>
        SearchSpaceCatalog.Create(name, settings.ToDictionary(setting => setting.Name, setting => setting.Value));

    private static EnasController<T> Controller<T>(SearchSpace space, string wiring, Shaping? shaping = null, int units = 7, double range = 0.1, double convolutionBias = 1)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T> =>
        new(space, new RandomSource(1), units, 1, range, shaping ?? new(), Enum.Parse<EnasWiring>(wiring), convolutionBias);
}
