using System.Text.Json;
using NasPlatform.Search;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Tests.Networks;

public sealed class RecurrentCellTests
{
    private static readonly TaskShape Text = TaskShape.Text(5, 7);

    [Fact]
    public void A_cell_runs_over_the_steps_as_its_formula_says()
    {
        // h = tanh(U·x + W·h), by hand with scalars.
        var cell = Elman("in", "back");
        var builder = new LayerGraphBuilder(TaskShape.Forecast(1, 4, 1));
        var sequence = builder.Add("rnn", new Op.Recurrent(cell), builder.Add("sequence", new Op.ToSequence(), builder.Input));
        using var network = Network(builder.Finish(builder.Add("last", new Op.LastStep(), sequence)));
        Set(network, ("rnn.in.weight", [0.5f]), ("rnn.back.weight", [-0.8f]));
        using var scope = NewDisposeScope();

        var output = network.call(tensor(new[] { 0.3f, -1f, 2f, 0.1f }, [1, 1, 1, 4])).item<float>();

        var state = 0.0;
        foreach (var x in new[] { 0.3, -1, 2, 0.1 })
        {
            state = Math.Tanh((0.5 * x) - (0.8 * state));
        }

        Assert.Equal(state, output, 1e-6);
    }

    [Fact]
    public void Halves_of_a_layer_are_the_states_of_their_own_step()
    {
        // After the step h is h + x + c and c is x, the halves of one layer.
        var cell = new RecurrentCellBuilder(1);
        var (h, c) = (cell.State("h", 1), cell.State("c", 1));
        var both = cell.Add("both", new Op.Concat(), cell.Add("sum", new Op.Add(), cell.Input, c, h), cell.Input);
        var recurrent = new Op.Recurrent(cell.Finish(cell.Add("first", new Op.Slice(0, 1), both), cell.Add("second", new Op.Slice(1, 1), both)));
        var builder = new LayerGraphBuilder(TaskShape.Forecast(1, 4, 1));
        using var network = Network(builder.Finish(builder.Add("last", new Op.LastStep(), builder.Add("rnn", recurrent, builder.Add("sequence", new Op.ToSequence(), builder.Input)))));
        using var scope = NewDisposeScope();

        Assert.Equal((1 + 0) + (10 + 1) + (100 + 10) + (1000 + 100), network.call(tensor(new[] { 1f, 10, 100, 1000 }, [1, 1, 1, 4])).item<float>(), 1e-3);
    }

    [Fact]
    public void Parameters_count_once_and_multiply_adds_at_every_step()
    {
        var graph = Gated(Text, hidden: 6);
        var recurrent = graph.Layers.Single(layer => layer.Op is Op.Recurrent);
        var cost = NetworkCost.Of(recurrent);
        Assert.Equal((2 * 6 * 4) + (2 * 6 * 6), cost.ParameterCount);
        Assert.Equal(5 * cost.ParameterCount, cost.MultiplyAdds);
        Assert.Equal(5 * ((2 * 12) + 12 + (5 * 6)), cost.ActivationCount); // two full layers, their sum, two halves and what becomes of them, the state after
        using var network = Network(graph);
        Assert.Equal(graph.Cost.ParameterCount, network.ParameterCount);
        Assert.Equal((7 * 4) + cost.ParameterCount + (7 * 7), graph.Cost.ParameterCount);
        Assert.Contains("layer1.input.weight", network.Weights.Keys);
    }

    [Fact]
    public void A_tied_layer_has_the_embedding_s_matrix_and_a_bias_of_its_own()
    {
        var builder = new LayerGraphBuilder(Text);
        var embedding = builder.Add("embedding", new Op.Embedding(7, 3), builder.Input);
        var graph = builder.Finish(builder.Add("output", new Op.TiedLinear(), embedding, embedding));
        Assert.Equal((7 * 3) + 7, graph.Cost.ParameterCount);
        Assert.Equal(5 * 7 * 4, graph.Cost.MultiplyAdds);
        using var network = Network(graph);
        Set(network, ("output.bias", [.. Enumerable.Range(0, 7).Select(number => (float)number)]));
        using var scope = NewDisposeScope();
        var matrix = network.Weights["embedding.weight"];

        var logits = network.call(tensor(new long[] { 0, 6, 3, 3, 1 }, [1, 5]));

        var expected = matrix.matmul(matrix.select(0, 3)) + arange(7);
        Assert.Equal(0, (logits.select(1, 2).squeeze(0) - expected).abs().max().item<float>(), 1e-6);
    }

    [Fact]
    public void Two_halves_with_the_state_carried_over_are_the_whole()
    {
        using var scope = NewDisposeScope();
        var whole = Gated(TaskShape.Text(10, 7), hidden: 6);
        var half = Gated(Text, hidden: 6);
        using var once = Network(whole);
        using var twice = Network(half);
        var tokens = Tokens(4, 10);
        using var _ = no_grad();
        var expected = once.call(tokens);

        var apart = Join();
        Assert.True(Distance(apart, expected) > 1e-3);
        twice.CarriesState = true;
        Assert.Equal(0, Distance(Join(), expected), 1e-6);

        // The last batch's state is there still, until it is taken away; a batch of another size begins anew.
        Assert.True(Distance(Join(), expected) > 1e-3);
        twice.ResetState();
        Assert.Equal(0, Distance(Join(), expected), 1e-6);
        var first = tokens.narrow(0, 0, 2);
        Assert.Equal(0, Distance(twice.call(first.narrow(1, 0, 5)), expected.narrow(0, 0, 2).narrow(1, 0, 5)), 1e-6);
        twice.CarriesState = false;
        Assert.Equal(0, Distance(Join(), apart), 0);

        Tensor Join() => cat([twice.call(tokens.narrow(1, 0, 5)), twice.call(tokens.narrow(1, 5, 5))], 1);
    }

    [Fact]
    public void No_gradient_goes_back_into_the_last_batch()
    {
        using var network = Network(Gated(Text, hidden: 6));
        network.train();
        network.CarriesState = true;
        for (var batch = 0; batch < 3; batch++)
        {
            // What one step leaves for the next outlives its scope, and its graph is gone.
            using var scope = NewDisposeScope();
            network.zero_grad();
            network.call(Tokens(4, 5)).square().mean().backward();
            Assert.True(network.Trainable.All(entry => entry.Parameter.grad!.isfinite().all().item<bool>())); // not null: every weight is used
        }
    }

    [Fact]
    public void Gradients_are_those_of_the_function()
    {
        using var scope = NewDisposeScope();
        using var network = Network(TwoStates(Text));
        network.train();
        var tokens = Tokens(8, 5);
        var labels = Tokens(8, 5).flatten();
        Loss().backward();
        var gradients = network.Trainable.Select(entry => entry.Parameter.grad!.clone()).ToList(); // not null: every weight is used
        var squared = gradients.Sum(gradient => gradient.pow(2).sum().item<float>());
        var step = 1e-2 / Math.Sqrt(squared);
        using var _ = no_grad();

        var change = (Moved(step) - Moved(-step)) / (2 * step);

        Assert.Equal(1, change / squared, 0.02);

        double Moved(double distance)
        {
            Move(distance);
            var moved = Loss().item<float>();
            Move(-distance);
            return moved;
        }

        void Move(double distance)
        {
            foreach (var (entry, gradient) in network.Trainable.Zip(gradients))
            {
                entry.Parameter.add_(gradient * distance);
            }
        }

        Tensor Loss() => nn.functional.cross_entropy(network.call(tokens).flatten(0, 1), labels);
    }

    [Fact]
    public void Dropout_in_a_cell_keeps_one_mask_for_all_steps_and_shares_it_by_name()
    {
        // Three dropouts of what is given, two of one mask; the state before has no effect.
        var builder = new RecurrentCellBuilder(40);
        var state = builder.State("h", 120);
        var one = builder.Add("one", new Op.Dropout(0.5, Mask: "shared"), builder.Input);
        var other = builder.Add("other", new Op.Dropout(0.5, Mask: "shared"), builder.Input);
        var own = builder.Add("own", new Op.Dropout(0.5), builder.Input);
        var joined = builder.Add("join", new Op.Concat(), one, other, own);
        var nothing = builder.Add("nothing", new Op.Multiply(), state, builder.Add("half", new Op.Activation(ActivationKind.Relu), joined));
        var cell = builder.Finish(builder.Add("after", new Op.Add(), joined, builder.Add("zero", new Op.Lerp(), nothing, nothing, nothing)));
        var graph = new LayerGraphBuilder(TaskShape.Series(40, 3, 120));
        using var network = Network(graph.Finish(graph.Add("last", new Op.LastStep(), graph.Add("rnn", new Op.Recurrent(cell), graph.Add("sequence", new Op.ToSequence(), graph.Input)))));
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var images = zeros(6, 40, 1, 3);
        images.select(3, 2).fill_(1);
        network.eval();
        Assert.Equal(1, network.call(images).min().item<float>());
        network.train();

        var kept = network.call(images).view(6, 3, 40);

        Assert.Equal(0, (kept.select(1, 0) - kept.select(1, 1)).abs().max().item<float>());
        Assert.NotEqual(0, (kept.select(1, 0) - kept.select(1, 2)).abs().max().item<float>());
        Assert.Equal([0, 2], Values(kept));
        Assert.InRange(kept.mean().item<float>(), 0.8, 1.2);
    }

    [Fact]
    public void A_mask_of_a_cell_stays_through_the_sequence_and_one_outside_where_it_is_locked()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var cell = new RecurrentCellBuilder(30);
        cell.State("h", 30);
        var drops = new Op.Recurrent(cell.Finish(cell.Add("dropped", new Op.Dropout(0.5), cell.Input)));
        Assert.True(IsTheSameAtAllSteps(graph => graph.Add("rnn", drops, graph.Add("sequence", new Op.ToSequence(), graph.Input))));
        Assert.True(IsTheSameAtAllSteps(graph => graph.Add("drop", new Op.Dropout(0.5, IsLocked: true), graph.Add("sequence", new Op.ToSequence(), graph.Input))));
        Assert.False(IsTheSameAtAllSteps(graph => graph.Add("drop", new Op.Dropout(0.5), graph.Add("sequence", new Op.ToSequence(), graph.Input))));

        static bool IsTheSameAtAllSteps(Func<LayerGraphBuilder, Layer> sequence)
        {
            // The sum over the steps, by a cell that adds up.
            var graph = new LayerGraphBuilder(TaskShape.Series(30, 4, 30));
            var builder = new RecurrentCellBuilder(30);
            var sum = builder.State("sum", 30);
            var adds = new Op.Recurrent(builder.Finish(builder.Add("after", new Op.Add(), sum, builder.Input)));
            var values = sequence(graph);
            using var network = Network(graph.Finish(graph.Add("last", new Op.LastStep(), graph.Add("adds", adds, values))));
            network.train();
            var sums = network.call(ones(5, 30, 1, 4));
            return sums.eq(0).logical_or(sums.eq(8)).all().item<bool>(); // none of the four steps, or each of them, twice as large
        }
    }

    [Fact]
    public void Tokens_are_left_out_of_an_embedding_wherever_they_stand()
    {
        var builder = new LayerGraphBuilder(TaskShape.Text(40, 6));
        var embedding = builder.Add("embedding", new Op.Embedding(6, 6, 0.5), builder.Input);
        using var network = Network(builder.Finish(embedding));
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        network.Weights["embedding.weight"].copy_(ones(6, 6));
        network.train();
        var seen = new HashSet<float>();
        for (var batch = 0; batch < 10; batch++)
        {
            var tokens = Tokens(3, 40, 6, (ulong)batch);
            var values = network.call(tokens);
            for (var token = 0; token < 6; token++)
            {
                seen.Add(Assert.Single(Values(values.index(tokens.eq(token)))));
            }
        }

        Assert.Equal([0, 2], seen.Order());
        network.eval();
        Assert.Equal(1, network.call(Tokens(3, 40, 6)).min().item<float>());
    }

    [Fact]
    public void A_cell_round_trips_as_json_with_its_graph()
    {
        var graph = TwoStates(Text);
        var json = JsonSerializer.Serialize(graph);
        var again = JsonSerializer.Deserialize<LayerGraph>(json)!; // not null: it is a graph
        Assert.Equal(json, JsonSerializer.Serialize(again));
        Assert.Equal(graph.Layers.Select(layer => layer.Op), again.Layers.Select(layer => layer.Op));
        Assert.Equal(ArchitectureKey.Of(graph), ArchitectureKey.Of(again));
        var error = Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<LayerGraph>(json.Replace("\"After\":\"h-after\"", "\"After\":\"nowhere\"", StringComparison.Ordinal)));
        Assert.Contains("reads 'nowhere'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_does_not_depend_on_names_and_does_on_what_is_computed()
    {
        Assert.Equal(ArchitectureKey.Of(Elman("in", "back")), ArchitectureKey.Of(Elman("a", "b")));
        Assert.NotEqual(Elman("in", "back"), Elman("a", "b"));
        Assert.Equal(Elman("in", "back"), Elman("in", "back"));

        // The two states change places, and a function.
        RecurrentCell[] cells = [Swap(false, ActivationKind.Tanh), Swap(true, ActivationKind.Tanh), Swap(false, ActivationKind.Sigmoid)];
        Assert.Equal(3, cells.Select(ArchitectureKey.Of).Distinct().Count());

        static RecurrentCell Swap(bool isSwapped, ActivationKind kind)
        {
            var builder = new RecurrentCellBuilder(2);
            var (h, c) = (builder.State("h", 2), builder.State("c", 2));
            var sum = builder.Add("sum", new Op.Add(), builder.Input, isSwapped ? c : h);
            return builder.Finish(builder.Add("act", new Op.Activation(kind), sum), builder.Add("c-after", new Op.Multiply(), sum, c));
        }
    }

    [Fact]
    public void What_a_cell_does_not_need_is_gone()
    {
        var builder = new RecurrentCellBuilder(2);
        var state = builder.State("h", 2);
        builder.Add("unread", new Op.Linear(9), builder.Input);
        var cell = builder.Finish(builder.Add("sum", new Op.Add(), state, builder.Input));
        Assert.Equal(["x", "h", "sum"], cell.Layers.Select(layer => layer.Name));
        Assert.Equal(0, cell.Depth);
        Assert.Equal(1, Elman("in", "back").Depth);
    }

    [Fact]
    public void What_does_not_fit_is_said_with_the_layer()
    {
        Said("which only an embedding reads", () => new LayerGraphBuilder(Text) is var graph ? graph.Add("linear", new Op.Linear(3), graph.Input) : null);
        Said("reads the token numbers of a text, and nothing else", () => new LayerGraphBuilder(TaskShape.Table(4, 2)) is var graph ? graph.Add("embedding", new Op.Embedding(3, 3), graph.Input) : null);
        Said("its cell takes 4 numbers a step, was given 3", () =>
        {
            var graph = new LayerGraphBuilder(Text);
            return graph.Add("rnn", new Op.Recurrent(Cell(4)), graph.Add("embedding", new Op.Embedding(7, 3), graph.Input));
        });
        Said("the embedding whose size it has", () =>
        {
            var graph = new LayerGraphBuilder(Text);
            var embedding = graph.Add("embedding", new Op.Embedding(7, 3), graph.Input);
            return graph.Add("tied", new Op.TiedLinear(), graph.Add("wider", new Op.Linear(4), embedding), embedding);
        });
        Said("an image of one row, was given one of 2×5", () => new LayerGraphBuilder(new(1, 2, 5, 2)) is var graph ? graph.Add("sequence", new Op.ToSequence(), graph.Input) : null);
        Said("takes a sequence, was given a vector", () => new LayerGraphBuilder(TaskShape.Table(4, 2)) is var graph ? graph.Add("last", new Op.LastStep(), graph.Input) : null);
        Said("takes inputs of one shape", () =>
        {
            var builder = new RecurrentCellBuilder(2);
            return builder.Add("product", new Op.Multiply(), builder.Input, builder.State("h", 3));
        });
        Said("a recurrent cell is made of full layers", () => new RecurrentCellBuilder(2) is var builder ? builder.Add("norm", new Op.BatchNorm(), builder.State("h", 2)) : null);
        Said("it is state 'h' after the step and must have its shape, 3; it has 2", () =>
        {
            var builder = new RecurrentCellBuilder(2);
            builder.State("h", 3);
            return builder.Finish(builder.Input);
        });
        Said("at least one state", () => new RecurrentCellBuilder(2).Finish());

        static void Said(string reason, Func<object?> make) => Assert.Contains(reason, Assert.Throws<InvalidArchitectureException>(make).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Networks_are_not_widened_into_a_cell()
    {
        var builder = new LayerGraphBuilder(TaskShape.Series(3, 4, 2));
        var wide = builder.Add("wide", new Op.Linear(4), builder.Add("sequence", new Op.ToSequence(), builder.Input));
        var last = builder.Add("last", new Op.LastStep(), builder.Add("rnn", new Op.Recurrent(Cell(4)), wide));
        using var network = Network(builder.Finish(builder.Add("output", new Op.Linear(2), last)));
        var error = Assert.Throws<InvalidArchitectureException>(() => Net2Net.Wider(TrainedNetwork.Of(network), "wide", 6, new RandomSource(1)));
        Assert.Contains("has as many inputs as its cell", error.Message, StringComparison.Ordinal);
    }

    private static RecurrentCell Elman(string input, string back)
    {
        var builder = new RecurrentCellBuilder(1);
        var state = builder.State("h", 1);
        var sum = builder.Add("sum", new Op.Add(), builder.Add(input, new Op.Linear(1, Bias: false), builder.Input), builder.Add(back, new Op.Linear(1, Bias: false), state));
        return builder.Finish(builder.Add("tanh", new Op.Activation(ActivationKind.Tanh), sum));
    }

    private static RecurrentCell Cell(int features, int hidden = 6)
    {
        var builder = new RecurrentCellBuilder(features);
        var state = builder.State("h", hidden);
        var both = builder.Add("sum", new Op.Add(), builder.Add("input", new Op.Linear(2 * hidden, Bias: false), builder.Input), builder.Add("state", new Op.Linear(2 * hidden, Bias: false), state));
        var gate = builder.Add("gate", new Op.Activation(ActivationKind.Sigmoid), builder.Add("gate/half", new Op.Slice(0, hidden), both));
        var value = builder.Add("value", new Op.Activation(ActivationKind.Tanh), builder.Add("value/half", new Op.Slice(hidden, hidden), both));
        return builder.Finish(builder.Add("after", new Op.Lerp(), gate, state, value));
    }

    private static LayerGraph Gated(TaskShape task, int hidden)
    {
        var builder = new LayerGraphBuilder(task);
        var x = builder.Add("embedding", new Op.Embedding(task.Outputs, 4), builder.Input);
        return builder.Finish(builder.Add("output", new Op.Linear(task.Outputs), builder.Add("layer1", new Op.Recurrent(Cell(4, hidden)), x)));
    }

    /// <summary>A cell with two states, biases, and every primitive that a cell can have.</summary>
    private static LayerGraph TwoStates(TaskShape task)
    {
        var cell = new RecurrentCellBuilder(4);
        var (h, c) = (cell.State("h", 4), cell.State("c", 3));
        var known = cell.Add("known", new Op.Concat(), cell.Input, h, c);
        var gate = cell.Add("gate", new Op.Activation(ActivationKind.Sigmoid), cell.Add("gate/linear", new Op.Linear(3), known));
        var remembered = cell.Add("c-after", new Op.Lerp(), gate, c, cell.Add("new", new Op.Activation(ActivationKind.Tanh), cell.Add("new/linear", new Op.Linear(3), cell.Input)));
        var wide = cell.Add("wide", new Op.Linear(4), cell.Add("product", new Op.Multiply(), remembered, gate));
        var mean = cell.Add("h-after", new Op.Mean(), wide, cell.Input, cell.Add("part", new Op.Slice(2, 4), known));
        var recurrent = new Op.Recurrent(cell.Finish(mean, remembered));
        var builder = new LayerGraphBuilder(task);
        var embedding = builder.Add("embedding", new Op.Embedding(task.Outputs, 4), builder.Input);
        var x = builder.Add("layer2", recurrent, builder.Add("layer1", recurrent, embedding));
        return builder.Finish(builder.Add("output", new Op.TiedLinear(), x, embedding));
    }

    private static Network Network(LayerGraph graph) => new(graph, CPU, new RandomSource(2));

    private static void Set(Network network, params (string Name, float[] Values)[] weights)
    {
        using var _ = no_grad();
        foreach (var (name, values) in weights)
        {
            using var numbers = tensor(values, network.Weights[name].shape);
            network.Weights[name].copy_(numbers);
        }
    }

    private static Tensor Tokens(int batch, int steps, int vocabulary = 7, ulong seed = 5)
    {
        var random = new RandomSource(seed);
        return tensor([.. Enumerable.Range(0, batch * steps).Select(_ => (long)random.Next(vocabulary))], [batch, steps]);
    }

    private static float[] Values(Tensor tensor) => [.. tensor.contiguous().data<float>().ToArray().Distinct().Order()];

    private static float Distance(Tensor left, Tensor right) => (left - right).abs().max().item<float>();
}
