using NasPlatform.Search;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;

namespace NasPlatform.Tests.Contracts;

/// <summary>What is true of every search space.</summary>
public abstract class SearchSpaceContract
{
    private const int Draws = 50;

    protected abstract SearchSpace Space { get; }

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
    public void Same_seed_draws_the_same_genotypes() => Assert.Equal(Samples(), Samples());

    [Fact]
    public void Draws_differ() => Assert.True(Samples().Distinct().Count() > Draws / 2);

    [Fact]
    public void Every_draw_builds_a_network_with_one_logit_a_class()
    {
        var task = new TaskShape(1, 28, 28, 7);
        foreach (var genotype in Samples())
        {
            var graph = Space.Build(genotype, task);
            Assert.Equal(Shape.Vector(7), graph.Output.Shape);
            Assert.Equal(graph.Layers.Sum(layer => NetworkCost.Of(layer).ParameterCount), graph.Cost.ParameterCount);
        }
    }

    [Fact]
    public void Building_asks_for_the_same_decisions_as_walking()
    {
        var walked = Samples()[0];
        var building = new ReplayAnswerer(walked.ToDictionary(), (name, _) => throw new InvalidOperationException(name));
        Space.Build(building, TaskShape.Cifar10);
        Assert.Equal(walked, building.Recorded);
    }

    [Fact]
    public void Mutation_changes_one_decision_and_stays_in_the_space()
    {
        var random = new RandomSource(2);
        foreach (var genotype in Samples())
        {
            var mutated = Space.Mutate(genotype, random);
            Assert.Equal(mutated, Space.FromValues(mutated.ToDictionary()));
            var before = genotype.ToDictionary();
            Assert.Single(mutated.Decisions, decision => !before.TryGetValue(decision.Name, out var value) || value != decision.Value);
        }
    }

    [Fact]
    public void Neighbours_are_different_and_one_decision_away()
    {
        var genotype = Samples()[0];
        var neighbours = Space.Neighbours(genotype).ToList();
        Assert.Equal(neighbours.Count, neighbours.Distinct().Count());
        Assert.DoesNotContain(genotype, neighbours);
        Assert.Equal(genotype.Decisions.Sum(decision => decision.Choice.Options.Length - 1), neighbours.Count);
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
        var again = SearchSpaceCatalog.Create(Space.Name, Space.Settings);
        Assert.Equal(Space.Settings, again.Settings);
        Assert.Equal(Space.Size, again.Size);
    }

    [Fact]
    public void An_unknown_setting_is_refused_with_the_known_ones()
    {
        var error = Assert.Throws<UserErrorException>(() => SearchSpaceCatalog.Create(Space.Name, new Dictionary<string, string> { ["colour"] = "red" }));
        Assert.Contains("no setting 'colour'", error.Message, StringComparison.Ordinal);
        Assert.All(Space.Settings.Keys, name => Assert.Contains(name, error.Message, StringComparison.Ordinal));
    }

    private List<Genotype> Samples()
    {
        var random = new RandomSource(1);
        return [.. Enumerable.Range(0, Draws).Select(_ => Space.Sample(random))];
    }
}
