using NasPlatform.Search;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Tests.Contracts;

/// <summary>What is true of every search space.</summary>
public abstract class SearchSpaceContract
{
    private const int Draws = 50;

    /// <summary>Networks that are run: 10, or as many as the environment asks for, for a thorough look (NAS_SPACE_DRAWS=200).</summary>
    private static readonly int RunDraws = int.TryParse(Environment.GetEnvironmentVariable("NAS_SPACE_DRAWS"), out var asked) ? asked : 10;

    protected abstract SearchSpace Space { get; }

    /// <summary>The space at other settings.</summary>
    protected virtual SearchSpace Made(IReadOnlyDictionary<string, string> settings) => SearchSpaceCatalog.Create(Space.Name, settings);

    /// <summary>A task for which its networks are small.</summary>
    protected virtual TaskShape Small => new(1, 28, 28, 7);

    /// <summary>Whether some encodings of the space denote no network.</summary>
    protected virtual bool HasInvalidEncodings => false;

    /// <summary>Whether the space's own mutation may draw what is there already.</summary>
    protected virtual bool MutationMayChangeNothing => false;

    /// <summary>How many edits of the space lie between the two, as far as one and more are told apart: decisions that differ, where the space has no edits of its own.</summary>
    protected virtual int Edits(Genotype parent, Genotype child)
    {
        var before = parent.ToDictionary();
        return child.Decisions.Count(decision => !before.TryGetValue(decision.Name, out var value) || value != decision.Value);
    }

    [Fact]
    public void Text_form_round_trips()
    {
        foreach (var genotype in Samples())
        {
            Assert.Equal(genotype, Space.Parse(Space.Format(genotype)));
        }
    }

    [Fact]
    public void Recorded_decisions_round_trip()
    {
        foreach (var genotype in Samples())
        {
            Assert.Equal(genotype, Space.FromValues(genotype.ToDictionary()));
        }
    }

    [Fact]
    public void Networks_that_share_by_name_agree_on_the_shape_of_each_weight()
    {
        Assert.SkipUnless(Space.SharesByName, "Its networks share no weights.");
        WeightSharing.AssertSameShapes(Samples().Select(genotype => Space.Build(genotype, Small)));
    }

    [Fact]
    public void Same_seed_draws_the_same_genotypes() => Assert.Equal(Samples(), Samples());

    [Fact]
    public void Draws_differ() => Assert.True(Samples().Distinct().Count() > Draws / 2);

    [Fact]
    public void Every_draw_builds_a_network_that_gives_what_the_task_asks_for()
    {
        foreach (var genotype in Samples())
        {
            var graph = Space.Build(genotype, Small);
            Assert.Equal(Small.Output, graph.Output.Shape);
            Assert.Equal(graph.Layers.Sum(layer => NetworkCost.Of(layer).ParameterCount), graph.Cost.ParameterCount);
        }
    }

    [Fact]
    public void Draws_run_forwards_and_backwards_with_as_many_parameters_as_counted()
    {
        set_num_threads(1);
        using var examples = Examples(Small);
        foreach (var genotype in Samples(RunDraws))
        {
            using var scope = NewDisposeScope();
            var graph = Space.Build(genotype, Small);
            using var network = new Network(graph, CPU, new RandomSource(3));
            network.train();

            var logits = network.call(examples);
            logits.square().mean().backward();

            Assert.Equal(graph.Cost.ParameterCount, network.ParameterCount);
            Assert.Equal([2, .. Small.Output.Dimensions.Select(side => (long)side)], logits.shape);
            Assert.True(double.IsFinite(logits.abs().sum().item<float>()));
            var gradients = network.parameters().Select(parameter => parameter.grad).Where(gradient => gradient is not null).ToList();
            Assert.NotEmpty(gradients);
            Assert.True(double.IsFinite(gradients.Sum(gradient => gradient!.abs().sum().item<float>()))); // not null: the others were taken out
        }
    }

    [Fact]
    public void The_plan_computes_what_the_layers_one_by_one_do()
    {
        set_num_threads(1);
        using var drawn = Examples(Small);
        using var examples = drawn.dtype == float32 ? drawn.to(float64) : drawn.alias(); // deep networks magnify what is rounded
        foreach (var graph in Samples(3).Select(genotype => Space.Build(genotype, Small)).Concat(new[] { Space.Relaxed(Small) }.OfType<LayerGraph>()))
        {
            using var scope = NewDisposeScope();
            using var planned = new Network(graph, CPU, new RandomSource(3));
            using var reference = new Network(graph, CPU, new RandomSource(3), Plan.LayerByLayer(graph, isChannelsLast: false));
            foreach (var network in new[] { planned, reference })
            {
                network.to(float64).train();
                network.call(examples).square().mean().backward();
                network.eval();
            }

            foreach (var (name, parameter) in reference.Trainable)
            {
                Near($"the gradient of {name}", parameter.grad, ((TorchSharp.Modules.Parameter)planned.Weights[name]).grad);
            }

            foreach (var (name, row) in reference.Alphas)
            {
                Near($"the gradient of {name}", row.grad, planned.Alphas[name].grad, 1e-4); // these stay in 32 bits
            }

            // Running statistics have moved; what evaluation makes of them is the same, too.
            foreach (var (name, weight) in reference.Weights)
            {
                Near(name, weight, planned.Weights[name]);
            }

            using var _ = no_grad();
            Near("the logits", reference.call(examples), planned.call(examples));
        }

        static void Near(string what, Tensor? expected, Tensor? actual, double tolerance = 1e-6)
        {
            Assert.Equal(expected is null, actual is null);
            if (expected is not null)
            {
                var (greatest, error) = (expected.abs().max().ToDouble(), (expected - actual!).abs().max().ToDouble()); // not null: they are alike
                Assert.True(error <= tolerance * (1e-6 + greatest), $"{what} is off by {error} where the greatest is {greatest}");
            }
        }
    }

    [Fact]
    public void Presets_are_settings_of_the_space()
    {
        Assert.Equal(Space.Presets.Count, Space.Presets.DistinctBy(preset => preset.Name).Count());
        foreach (var preset in Space.Presets)
        {
            var space = Made(preset.Settings);
            Assert.All(preset.Settings, setting => Assert.Equal(setting.Value, space.Settings[setting.Key]));
            Assert.Equal(space.Typical.Output, space.Build(space.Sample(new RandomSource(1)), space.Typical).Output.Shape);
        }
    }

    [Fact]
    public void Published_architectures_can_be_parsed_and_built()
    {
        foreach (var space in Space.Presets.Select(preset => Made(preset.Settings)).Append(Space))
        {
            Assert.All(space.Published.Values, text =>
            {
                var genotype = space.Parse(text);
                Assert.Equal(genotype, space.Parse(space.Format(genotype)));
                Assert.Equal(space.Typical.Output, space.Build(genotype, space.Typical).Output.Shape);
            });
        }
    }

    [Fact]
    public void The_final_network_takes_the_same_decisions()
    {
        var final = Space.Final;
        Assert.Same(final, final.Final);
        foreach (var genotype in Samples().Take(3))
        {
            Assert.Equal(genotype, final.FromValues(genotype.ToDictionary()));
            Assert.Equal(final.Typical.Output, final.Build(genotype, final.Typical).Output.Shape);
        }
    }

    [Fact]
    public void Building_asks_for_the_same_decisions_as_walking()
    {
        var walked = Samples()[0];
        var building = new ReplayAnswerer(walked.ToDictionary(), (name, _) => throw new InvalidOperationException(name));
        Space.Build(building, Space.Typical);
        Assert.Equal(walked, building.Recorded);
    }

    [Fact]
    public void Mutation_is_one_edit_and_stays_in_the_space()
    {
        var random = new RandomSource(2);
        foreach (var genotype in Samples())
        {
            var mutated = Space.Mutate(genotype, random);
            Assert.Equal(mutated, Space.FromValues(mutated.ToDictionary()));
            Assert.True(Space.IsValid(mutated));
            Assert.InRange(Edits(genotype, mutated), MutationMayChangeNothing ? 0 : 1, 1);
        }
    }

    [Fact]
    public void Neighbours_are_different_and_one_decision_away()
    {
        var genotype = Samples()[0];
        var neighbours = Space.Neighbours(genotype).ToList();
        Assert.Equal(neighbours.Count, neighbours.Distinct().Count());
        Assert.DoesNotContain(genotype, neighbours);
        Assert.All(neighbours, neighbour => Assert.True(Space.IsValid(neighbour)));
        Assert.InRange(neighbours.Count, HasInvalidEncodings ? 1 : OneAway(genotype), OneAway(genotype));

        static int OneAway(Genotype genotype) => genotype.Decisions.Sum(decision => decision.Choice.Options.Length - 1);
    }

    [Fact]
    public void Key_is_the_same_for_the_same_genotype_and_differs_for_most()
    {
        var keys = Samples().Select(Space.Key).ToList();
        Assert.Equal(keys, Samples().Select(Space.Key));
        Assert.True(keys.Distinct().Count() > Draws / 2);
    }

    [Fact]
    public void A_missing_an_unknown_and_an_impossible_decision_are_named()
    {
        var values = Samples()[0].ToDictionary();
        var name = values.Keys.First();

        var unknown = Assert.Throws<UserErrorException>(() => Space.FromValues(new Dictionary<string, int>(values) { ["nowhere"] = 0 }));
        var impossible = Assert.Throws<UserErrorException>(() => Space.FromValues(new Dictionary<string, int>(values) { [name] = 99 }));
        values.Remove(name);
        var missing = Assert.Throws<UserErrorException>(() => Space.FromValues(values));

        Assert.Contains("'nowhere'", unknown.Message, StringComparison.Ordinal);
        Assert.Contains("99", impossible.Message, StringComparison.Ordinal);
        Assert.Contains($"'{name}'", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_make_the_space_again()
    {
        var again = Made(Space.Settings);
        Assert.Equal(Space.Settings, again.Settings);
        Assert.Equal(Space.Size, again.Size);
    }

    [Fact]
    public void An_unknown_setting_is_refused_with_the_known_ones()
    {
        var error = Assert.Throws<UserErrorException>(() => Made(new Dictionary<string, string> { ["colour"] = "red" }));
        Assert.Contains("no setting 'colour'", error.Message, StringComparison.Ordinal);
        Assert.All(Space.Settings.Keys, name => Assert.Contains(name, error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_task_that_is_not_the_spaces_is_refused_with_the_spaces_that_have_it()
    {
        var others = Enum.GetValues<TaskKind>().Except(Space.Tasks).ToList();
        Assert.Contains(Small.Kind, Space.Tasks);
        Assert.Contains(Space.Typical.Kind, Space.Tasks);
        Assert.All(others, kind => Assert.Contains(kind.Words, Assert.Throws<UserErrorException>(() => Space.Build(Samples()[0], Small with { Kind = kind })).Message, StringComparison.Ordinal));
    }

    /// <summary>Two random examples.</summary>
    private static Tensor Examples(TaskShape task)
    {
        var random = new RandomSource(4);
        var count = 2 * (int)task.Input.Count;
        long[] shape = [2, .. task.Input.Dimensions];
        return task.Kind == TaskKind.LanguageModelling
            ? tensor([.. Enumerable.Range(0, count).Select(_ => (long)random.Next(task.Outputs))], shape)
            : tensor([.. Enumerable.Range(0, count).Select(_ => (float)random.NextGaussian())], shape);
    }

    private List<Genotype> Samples(int count = Draws)
    {
        var random = new RandomSource(1);
        return [.. Enumerable.Range(0, count).Select(_ => Space.Sample(random))];
    }
}
