using NasPlatform.Search.Networks;
using TorchSharp;

namespace NasPlatform.Tests.Networks;

public sealed class PlanTests
{
    private static readonly TaskShape Task = new(3, 12, 12, 5);

    [Fact]
    public void The_relu_behind_a_concatenation_is_done_with_the_sums_before_it()
    {
        var graph = new LayerGraphBuilder(Task);
        var first = graph.ConvNorm("first", graph.Input, 4, 3);
        var second = graph.ConvNorm("second", graph.Input, 4, 3);
        var join = graph.Add("join", new Op.Concat(), first, graph.Sum("sum", [first, second]), second);
        var plan = Plan.For(graph.Finish(graph.Classifier(graph.Relu("relu", join))), DeviceType.CPU);

        // The first two parts are read as they are, too: by the sum. That itself is read by nobody else.
        Assert.DoesNotContain(plan.Training.Steps, step => step.Result.Name == "relu");
        Assert.Contains(plan.Training.Steps, step => step.Result.Name == "sum/positive" && step.Sum is { Relu: true });
        Assert.Equal(["first/norm/positive", "sum/positive", "second/norm/positive"], plan.Training.Steps.Single(step => step.Result.Name == "join").Reads.Select(layer => layer.Name));
    }

    [Fact]
    public void A_concatenation_that_is_also_read_as_it_is_keeps_the_relu_behind_it()
    {
        var graph = new LayerGraphBuilder(Task);
        var join = graph.Add("join", new Op.Concat(), graph.ConvNorm("first", graph.Input, 4, 3), graph.ConvNorm("second", graph.Input, 4, 3));
        var plan = Plan.For(graph.Finish(graph.Classifier(graph.Sum("sum", [join, graph.Relu("relu", join)]))), DeviceType.CPU);
        Assert.Contains(plan.Training.Steps, step => step.Layers.Any(layer => layer.Name == "relu"));
        Assert.Equal(["first/norm", "second/norm"], plan.Training.Steps.Single(step => step.Result.Name == "join").Reads.Select(layer => layer.Name));
    }

    [Fact]
    public void A_concatenation_of_what_is_no_sum_keeps_the_relu_behind_it()
    {
        var graph = new LayerGraphBuilder(Task);
        var join = graph.Add("join", new Op.Concat(), graph.Conv("first", graph.Input, 4, 3), graph.Conv("second", graph.Input, 4, 3));
        var plan = Plan.For(graph.Finish(graph.Classifier(graph.Relu("relu", join))), DeviceType.CPU);
        Assert.True(plan.Training.Steps.Single(step => step.Result.Name == "relu").MayOverwrite);
    }

    [Fact]
    public void Factorised_reductions_are_steps_also_where_they_share_the_shifted_image()
    {
        var graph = new LayerGraphBuilder(Task);
        var sum = graph.Sum("sum", [graph.FactorizedReduction("first", graph.Input, 4), graph.FactorizedReduction("second", graph.Input, 4)]);
        var plan = Plan.For(graph.Finish(graph.Classifier(sum)), DeviceType.CPU);
        Assert.Equal(["first/join", "second/join", "sum", "classifier/pool", "classifier/linear"], plan.Training.Steps.Select(step => step.Result.Name));
        Assert.All(plan.Training.Steps.Take(2), step => Assert.Equal("input", Assert.Single(step.Reads).Name));
    }

    [Fact]
    public void The_halves_of_a_reduction_that_others_read_are_layers_by_themselves()
    {
        var graph = new LayerGraphBuilder(Task);
        var reduced = graph.FactorizedReduction("reduced", graph.Input, 4);
        var straight = reduced.Inputs[0].Inputs[0];
        var plan = Plan.For(graph.Finish(graph.Classifier(graph.Add("join", new Op.Concat(), reduced, straight))), DeviceType.CPU);
        Assert.DoesNotContain(plan.Training.Steps, step => step.Reduction is not null);
    }
}
