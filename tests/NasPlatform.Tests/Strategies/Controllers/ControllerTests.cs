using NasPlatform.Search;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Strategies.Controllers;
using NasPlatform.Tests.Support;
using TorchSharp;

namespace NasPlatform.Tests.Strategies.Controllers;

public sealed class ControllerTests
{
    private const int Units = 13; // no whole number of vectors

    [Theory]
    [InlineData("chain")]
    [InlineData("nasnet")]
    [InlineData("autodl-design")]
    public void Initial_numbers_scores_and_gradients_are_libtorchs(string name)
    {
        var space = SearchSpaceCatalog.Create(name);
        var genotype = space.Sample(new RandomSource(3));
        var controller = new Controller<double>(space, new RandomSource(1), Units, 2, 0.5);
        using var scope = torch.NewDisposeScope();
        using var reference = new TorchController(space, new RandomSource(1), Units, 0.5);

        var score = controller.Score(space, genotype);
        controller.Backward([new(0.7, -2.5)]);
        var (logProbability, entropy) = reference.Score(space, genotype);
        ((0.7 * logProbability) - (2.5 * entropy)).backward();

        Assert.Equal(logProbability.item<double>(), score.LogProbability, 1e-10);
        Assert.Equal(entropy.item<double>(), score.Entropy, 1e-12);
        var theirs = reference.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter);
        var inputs = theirs.Where(entry => entry.Key is "start" or "after_anchor" || entry.Key.EndsWith("_embedding", StringComparison.Ordinal)).Select(entry => entry.Value).ToList();
        foreach (var parameter in controller.Parameters)
        {
            Compare(parameter, parameter.Name == "inputs" ? inputs : [theirs[parameter.Name]]);
        }

        Assert.Equal(theirs.Values.Sum(parameter => parameter.numel()), controller.Parameters.Sum(parameter => parameter.Rows * parameter.Columns));
    }

    [Theory]
    [InlineData(null, null, null)]
    [InlineData(5.0, null, null)]
    [InlineData(null, 1.5, 0.4)]
    [InlineData(2.0, 2.5, 0.7)]
    public void Gradients_of_a_batch_are_those_of_the_function(double? temperature, double? cap, double? target)
    {
        var (controller, batch, _) = Batch<double>(new(temperature, cap, target));
        PolicyChecks.GradientsAreThoseOfTheFunction(controller, batch, new RandomSource(8));
    }

    [Fact]
    public void Architectures_are_scored_together_as_they_are_alone()
    {
        var (controller, batch, ofScores) = Batch<double>();
        var together = controller.Score(batch);
        controller.Backward(ofScores);
        var gradients = controller.Parameters.Select(parameter => parameter.Gradient.ToArray()).ToList();
        foreach (var parameter in controller.Parameters)
        {
            Array.Clear(parameter.Gradient);
        }

        foreach (var (place, (space, genotype)) in batch.Index())
        {
            Assert.Equal(together[place].LogProbability, controller.Score(space, genotype).LogProbability, 1e-12);
            controller.Backward([ofScores[place]]);
        }

        Assert.True(batch.DistinctBy(entry => entry.Genotype.Decisions.Length).Count() > 1);
        Assert.All(gradients.Zip(controller.Parameters), pair => Assert.All(pair.First.Zip(pair.Second.Gradient), numbers => Assert.Equal(numbers.First, numbers.Second, 1e-12)));
    }

    [Fact]
    public void Single_precision_says_what_double_precision_says()
    {
        var space = SearchSpaceCatalog.Create("chain");
        var (single, twice) = (new Controller<float>(space, new RandomSource(1), 35, 2, 0.08), new Controller<double>(space, new RandomSource(1), 35, 2, 0.08));
        var genotype = single.Sample(space, new RandomSource(5));

        var (score, exact) = (single.Score(space, genotype), twice.Score(space, genotype));
        single.Backward([new(1, 1)]);
        twice.Backward([new(1, 1)]);

        Assert.Equal(exact.LogProbability, score.LogProbability, 1e-4);
        Assert.Equal(exact.Entropy, score.Entropy, 1e-6);
        foreach (var (ours, theirs) in single.Parameters.Zip(twice.Parameters))
        {
            for (var row = 0; row < ours.Rows; row++)
            {
                for (var column = 0; column < ours.Columns; column++)
                {
                    Assert.Equal(theirs.Gradient[theirs.Place(row, column)], ours.Gradient[ours.Place(row, column)], 2e-5);
                }
            }
        }
    }

    [Fact]
    public void The_same_seed_gives_the_same_numbers_whatever_was_walked_before()
    {
        var space = SearchSpaceCatalog.Create("chain");
        var (fresh, used) = (new Controller<float>(space, new RandomSource(1), 35, 2, 0.08), new Controller<float>(space, new RandomSource(1), 35, 2, 0.08));
        used.Score([.. Enumerable.Range(0, 20).Select(seed => (space, space.Sample(new RandomSource((ulong)seed))))]);

        var genotype = fresh.Sample(space, new RandomSource(5));
        Assert.Equal(genotype, used.Sample(space, new RandomSource(5)));
        Assert.Equal(fresh.Score(space, genotype), used.Score(space, genotype));
        fresh.Backward([new(1, 0.5)]);
        used.Backward([new(1, 0.5)]);
        Assert.All(fresh.Parameters.Zip(used.Parameters), pair => Assert.Equal(pair.First.Gradient, pair.Second.Gradient));
    }

    [Fact]
    public void Probabilities_of_all_ways_to_answer_add_up_to_one()
    {
        var space = Chain(("layers", "3"), ("kernels", "3"), ("strides", "1"), ("filters", "24,36"));
        var controller = new Controller<float>(space, new RandomSource(4), 5, 2, 1.0);

        Assert.Equal(64, space.Size);
        Assert.Equal(1, PolicyChecks.SumOfProbabilities(controller, space), 1e-5);
    }

    [Fact]
    public void ENAS_K9_connections_that_are_even_are_0_1225_away_from_a_target_of_0_4()
    {
        var space = SearchSpaceCatalog.Create("enas-macro");
        var controller = new Controller<double>(space, new RandomSource(4), 5, 1, 1.0, new(ConnectionTarget: 0.4));
        Array.Clear(controller.Parameters.Single(parameter => parameter.Name == "anchor_vector").Values);

        Assert.Equal(0.122466, controller.Score(space, space.Sample(new RandomSource(1))).Divergence, 1e-6);
    }

    [Theory]
    [InlineData(1.5, 0.0474, 0.9526)]
    [InlineData(2.5, 0.0067, 0.9933)]
    public void A_cap_keeps_connections_possible_and_avoidable(double cap, double least, double most)
    {
        var shaping = new Shaping(Temperature: 5, Cap: cap);

        Assert.Equal(least, Probability(-1e9), 1e-4);
        Assert.Equal(most, Probability(1e9), 1e-4);

        // Of the logits -q and q.
        double Probability(double logit) => 1 / (1 + Math.Exp(shaping.Of(-logit) - shaping.Of(logit)));
    }

    [Fact]
    public void A_drawn_architecture_is_drawn_as_often_as_its_score_says()
    {
        var space = new BitsSpace(3);
        var controller = new Controller<float>(space, new RandomSource(4), 5, 2, 1.0);
        PolicyChecks.DrawsAreAsLikelyAsScores(controller, space, 4000);
    }

    [Fact]
    public void What_is_not_what_was_recorded_is_refused()
    {
        var space = SearchSpaceCatalog.Create("chain");
        var controller = new Controller<float>(space, new RandomSource(4), 5, 2, 1.0);
        var other = Chain(("image_anchor", "yes")).Sample(new RandomSource(1));

        var error = Assert.Throws<InvalidOperationException>(() => controller.Score(space, other));

        Assert.Equal("The space asks for 'layer2/filter_height' where 'layer1/skip/0' was recorded.", error.Message);
    }

    private static SearchSpace Chain(params (string Name, string Value)[] settings) => SearchSpaceCatalog.Create("chain", settings.ToDictionary(setting => setting.Name, setting => setting.Value));

    /// <summary>Architectures of several lengths, and what is asked about them.</summary>
    private static (Controller<T> Controller, (SearchSpace Space, Genotype Genotype)[] Batch, Score[] OfScores) Batch<T>(Shaping? shaping = null)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        var spaces = new[] { "2", "5", "3", "5", "4" }.Select(layers => Chain(("layers", layers))).ToList();
        var random = new RandomSource(6);
        return (
            new(spaces[0], new RandomSource(1), Units, 3, 0.5, shaping),
            [.. spaces.Select(space => (space, space.Sample(random)))],
            [.. spaces.Select(_ => new Score(random.NextDouble() - 0.5, random.NextDouble() - 0.5, random.NextDouble() - 0.5))]);
    }

    private static void Compare(Parameter<double> ours, IReadOnlyList<torch.Tensor> theirs)
    {
        var values = Numbers(theirs);
        var gradients = Numbers(theirs.Select(tensor => tensor.grad ?? torch.zeros_like(tensor)));
        for (var row = 0; row < ours.Rows; row++)
        {
            for (var column = 0; column < ours.Columns; column++)
            {
                Assert.Equal(values[(row * ours.Columns) + column], ours.Values[ours.Place(row, column)]);
                Assert.Equal(gradients[(row * ours.Columns) + column], ours.Gradient[ours.Place(row, column)], 1e-11);
            }
        }

        // In the order of ours, which keeps some matrices turned.
        double[] Numbers(IEnumerable<torch.Tensor> tensors)
        {
            var rows = torch.cat([.. tensors.Select(tensor => tensor.dim() == 1 ? tensor.unsqueeze(0) : tensor)]);
            return (rows.shape[0] == ours.Rows ? rows : rows.t().contiguous()).data<double>().ToArray();
        }
    }
}
