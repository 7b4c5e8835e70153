using System.Numerics;
using NasPlatform.Search;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Tests.Spaces;

public sealed class NasRlRecurrentSpaceTests : SearchSpaceContract
{
    protected override SearchSpace Space { get; } = SearchSpaceCatalog.Create("nasrl-rnn", new Dictionary<string, string> { ["hidden"] = "24" });

    protected override TaskShape Small => TaskShape.Text(4, 20);

    [Fact]
    public void NASRL_K5_63331869759897600_cells_of_base_8()
    {
        Assert.Equal(new BigInteger(63_331_869_759_897_600), Space.Size);
        Assert.Equal(15 + 1, Space.Sample(new RandomSource(1)).Decisions.Count(decision => decision.Choice.Kind == "combination"));
    }

    [Fact]
    public void NASRL_K8_the_worked_example_computes_its_closed_form()
    {
        var space = Create(("base", "2"), ("layers", "1"), ("hidden", "1"));
        var example = space.Find("worked example");
        Assert.Equal("add-tanh multiply-relu multiply-sigmoid inject=add-relu@0 c=1", space.Format(example));
        var (w1, w2, w3, w4) = (0.7, -1.1, 0.9, 1.3);
        double[] steps = [0.4, -0.9, 1.2];
        using var scope = NewDisposeScope();
        using var network = new Network(space.Build(example, TaskShape.Forecast(1, steps.Length, 1)), CPU, new RandomSource(1));
        using (no_grad())
        {
            foreach (var (name, value) in new[]
            {
                ("layer1.node0.input.weight", w1), ("layer1.node0.state.weight", w2), ("layer1.node1.input.weight", w3), ("layer1.node1.state.weight", w4), ("output.linear.weight", 1), ("output.linear.bias", 0),
            })
            {
                network.Weights[name].fill_(value);
            }
        }

        var output = network.call(tensor(Array.ConvertAll(steps, step => (float)step), [1, 1, 1, steps.Length])).item<float>();

        var (h, c) = (0.0, 0.0);
        foreach (var x in steps)
        {
            var a0 = Math.Tanh((w1 * x) + (w2 * h));
            var product = w3 * x * (w4 * h);
            var a1 = Math.Max(product, 0);
            var injected = Math.Max(a0 + c, 0);
            h = 1 / (1 + Math.Exp(-injected * a1));
            c = product;
        }

        Assert.Equal(h, output, 1e-6);
    }

    [Theory]
    [InlineData(2, "0+1")]
    [InlineData(3, "0+1 3+2")]
    [InlineData(5, "0+1 2+3 5+6 7+4")]
    [InlineData(8, "0+1 2+3 4+5 6+7 8+9 10+11 12+13")]
    public void Nodes_are_paired_level_by_level(int leaves, string pairs)
    {
        // Identities everywhere, so that each node is its sum; c goes in at the root.
        var count = (2 * leaves) - 1;
        var space = Create(("base", $"{leaves}"));
        var text = $"{string.Join(' ', Enumerable.Repeat("add-identity", count))} inject=add-identity@{count - 1} c=0";
        var cell = ((Op.Recurrent)space.Build(space.Parse(text), Small).Layers.First(layer => layer.Op is Op.Recurrent).Op).Cell;
        var sums = Enumerable.Range(leaves, leaves - 1).Select(node => cell.Layers.Single(layer => layer.Name == $"node{node}/add"));
        Assert.Equal(pairs, string.Join(' ', sums.Select(sum => string.Join('+', sum.Inputs.Select(input => input.Name.Split('/')[0]["node".Length..])))));
        Assert.Equal($"node{count - 1}/inject/add", cell.Output.Name);
        Assert.Equal("node0/add", cell.States[1].After.Name);
    }

    [Fact]
    public void The_second_state_is_the_value_before_the_function_and_before_the_injection()
    {
        var space = Create(("base", "2"));
        var cell = ((Op.Recurrent)space.Build(space.Parse("add-tanh add-relu multiply-sigmoid inject=multiply-tanh@2 c=2"), Small).Layers.First(layer => layer.Op is Op.Recurrent).Op).Cell;
        Assert.Equal("node2/multiply", cell.States[1].After.Name);
        Assert.Equal("node2/inject/tanh", cell.Output.Name);
    }

    [Fact]
    public void There_are_two_layers_with_weights_of_their_own()
    {
        var graph = Space.Build(Space.Sample(new RandomSource(1)), Small);
        Assert.Equal(["layer1", "layer2"], graph.Layers.Where(layer => layer.Op is Op.Recurrent).Select(layer => layer.Name));
        Assert.Equal(2 * 2 * 8 * 24 * 24, graph.Layers.Where(layer => layer.Op is Op.Recurrent).Sum(layer => NetworkCost.Of(layer).ParameterCount));
    }

    [Theory]
    [InlineData("add-tanh add-relu", "has 2 words and needs 5")]
    [InlineData("add-tanh add multiply-sigmoid inject=add-tanh@2 c=2", "node 1, 'add', is not a combination and a function joined by -")]
    [InlineData("add-tanh max-relu multiply-sigmoid inject=add-tanh@2 c=2", "node 1, 'max-relu', has the combination 'max', which is not one of add, multiply")]
    [InlineData("add-tanh add-relu multiply-sigmoid inject=add-sin@2 c=2", "the injection, 'inject=add-sin@2', has the function 'sin', which is not one of identity")]
    [InlineData("add-tanh add-relu multiply-sigmoid inject=add-tanh@3 c=2", "'inject=add-tanh@3' names node '3', and there are 0 to 2")]
    [InlineData("add-tanh add-relu multiply-sigmoid inject=add-tanh c=2", "word 4, 'inject=add-tanh', is not inject=combination-function@node")]
    [InlineData("add-tanh add-relu multiply-sigmoid inject=add-tanh@1 2", "word 5, '2', is not c=node")]
    public void What_is_wrong_with_a_text_is_said(string text, string message)
    {
        var error = Assert.Throws<UserErrorException>(() => Create(("base", "2")).Parse(text));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private static SearchSpace Create(params (string Name, string Value)[] settings) =>
        SearchSpaceCatalog.Create("nasrl-rnn", settings.ToDictionary(setting => setting.Name, setting => setting.Value));
}

public sealed class NasRlRecurrentSeriesSpaceTests : SearchSpaceContract
{
    protected override SearchSpace Space { get; } = SearchSpaceCatalog.Create("nasrl-rnn", new Dictionary<string, string> { ["base"] = "5", ["hidden"] = "8", ["drop_x"] = "0.2", ["drop_h"] = "0.1" });

    protected override TaskShape Small => TaskShape.Series(2, 9, 3);
}
