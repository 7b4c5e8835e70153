using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace NasPlatform.Tests.Torch;

public sealed class ModuleTests : TorchTest
{
    [Fact]
    public void Parts_are_named_as_TorchSharp_names_them()
    {
        using Network network = new();
        Assert.Equal(
            ["scale", "stem.0.weight", "stem.0.bias", "stem.1.weight", "stem.1.bias", "blocks.0.weight", "blocks.0.bias", "blocks.1.weight", "last.weight"],
            network.named_parameters().Select(named => named.name));
        Assert.Equal(
            ["offsets", "stem.1.running_mean", "stem.1.running_var", "stem.1.num_batches_tracked"],
            network.named_buffers().Select(named => named.name));
        Assert.Equal(["scale"], network.named_parameters(recurse: false).Select(named => named.name));
        Assert.Equal(["stem", "blocks", "last", "stem.0", "stem.1", "stem.2", "blocks.0", "blocks.1"], network.named_modules().Select(named => named.name));
        Assert.Equal(["stem", "blocks", "last"], network.named_children().Select(named => named.name));
        Assert.True(network.has_parameter("stem.1.weight"));
        Assert.False(network.has_buffer("stem.2.running_mean"));
        Assert.Equal(13, network.state_dict().Count);
    }

    [Fact]
    public void Layers_have_the_parameters_they_have_in_PyTorch()
    {
        Assert.Equal(["weight:8x2x3x3"], Parts(Conv2d(4, 8, 3, groups: 2, bias: false)));
        Assert.Equal(["weight:8x4x5", "bias:8"], Parts(Conv1d(4, 8, 5)));
        Assert.Equal(["weight:3", "bias:3"], Parts(BatchNorm1d(3)));
        Assert.Empty(Parts(BatchNorm2d(3, affine: false)));
        Assert.Equal(["weight:7x4"], Parts(Embedding(7, 4)));
        Assert.Equal(["weight_ih:20x3", "weight_hh:20x5", "bias_ih:20", "bias_hh:20"], Parts(LSTMCell(3, 5)));
        Assert.Equal(["weight_ih:15x3", "weight_hh:15x5"], Parts(GRUCell(3, 5, bias: false)));
        Assert.Equal(["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0", "weight_ih_l0_reverse", "weight_hh_l0_reverse", "bias_ih_l0_reverse", "bias_hh_l0_reverse"],
            LSTM(3, 5, bidirectional: true).named_parameters().Select(named => named.name));
    }

    [Fact]
    public void A_network_trains_and_evaluates_as_a_whole()
    {
        using Network network = new();
        network.eval();
        Assert.All(network.modules(), module => Assert.False(module.training));
        network.train();
        Assert.All(network.modules(), module => Assert.True(module.training));
        Tensor output = network.call(rand(2, 3, 8, 8));
        Assert.Equal([2, 5], output.shape);
        output.sum().backward();
        Assert.All(network.parameters(), parameter => Assert.NotNull(parameter.grad));
        network.zero_grad(set_to_none: false);
        Assert.All(network.parameters(), parameter => Assert.Equal(0, parameter.grad!.abs().sum().ToDouble()));
        network.zero_grad();
        Assert.All(network.parameters(), parameter => Assert.Null(parameter.grad));
        List<string> visited = [];
        network.apply(module => visited.Add(module.GetName()));
        Assert.Equal("Network", visited[^1]);
    }

    [Fact]
    public void Parameters_outlive_the_scope_they_were_made_in_and_go_with_their_module()
    {
        Network network;
        using (NewDisposeScope()) network = new Network();
        Assert.All(network.parameters(), parameter => Assert.False(parameter.IsInvalid));
        Parameter[] parameters = [.. network.parameters()];
        network.Dispose();
        Assert.All(parameters, parameter => Assert.True(parameter.IsInvalid));
    }

    [Fact]
    public void A_state_dictionary_carries_a_network_over()
    {
        using Network from = new(), to = new();
        to.load_state_dict(from.state_dict());
        from.eval();
        to.eval();
        Tensor input = rand(1, 3, 8, 8);
        Near.Equal(from.call(input), to.call(input));
        Dictionary<string, Tensor> partial = from.state_dict();
        partial.Remove("scale");
        partial.Add("extra", ones(1));
        Assert.Throws<InvalidOperationException>(() => to.load_state_dict(partial));
        (IList<string> missing, IList<string> unexpected) = to.load_state_dict(partial, strict: false);
        Assert.Equal(["scale"], missing);
        Assert.Equal(["extra"], unexpected);
        partial["last.weight"] = ones(1, 1);
        Assert.Throws<InvalidOperationException>(() => to.load_state_dict(partial, strict: false));
    }

    [Fact]
    public void Conversion_keeps_every_parameter_object()
    {
        using Network network = new();
        Parameter scale = network.parameters().First();
        network.call(rand(1, 3, 8, 8)).sum().backward();
        network.to(ScalarType.Float64);
        Assert.Same(scale, network.parameters().First());
        Assert.All(network.parameters(), parameter => Assert.Equal(ScalarType.Float64, parameter.dtype));
        Assert.All(network.parameters(), parameter => Assert.True(parameter is { is_leaf: true, requires_grad: true }));
        Assert.Equal(ScalarType.Int64, network.get_buffer("stem.1.num_batches_tracked")!.dtype);
        Assert.Equal(ScalarType.Float64, scale.grad!.dtype);
        Assert.Equal(ScalarType.Float64, network.call(rand(1, 3, 8, 8, ScalarType.Float64)).dtype);
        Assert.Same(network, network.to(device("cpu")).cpu());
    }

    [Fact]
    public void Lists_and_dictionaries_register_what_they_hold()
    {
        using ModuleDict<Module> dictionary = ModuleDict(("a", Linear(1, 1)), ("b", ReLU()));
        dictionary["a"] = Linear(2, 2, hasBias: false);
        dictionary["c"] = ModuleList(Linear(3, 3, hasBias: false));
        Assert.Equal(["a.weight", "c.0.weight"], dictionary.named_parameters().Select(named => named.name));
        Assert.Equal([2, 2], dictionary["a"].parameters().Single().shape);
        Assert.Equal(["a", "b", "c"], dictionary.keys());
        using ModuleList<Linear> list = ModuleList(Linear(1, 1), Linear(1, 1));
        list[1] = Linear(1, 4);
        list.append(Linear(1, 5));
        Assert.Equal([1, 4, 5], list.Select(linear => linear.out_features));
        Assert.Equal([1, 4, 5], list.named_parameters().Where(named => named.name.EndsWith("bias", StringComparison.Ordinal)).Select(named => named.parameter.numel()));
    }

    [Fact]
    public void A_second_part_of_the_same_name_is_refused()
    {
        using Network network = new();
        Assert.Throws<InvalidOperationException>(() => network.register_module("stem", Identity()));
        Assert.Throws<ArgumentException>(() => network.register_module("a.b", Identity()));
        Assert.Throws<InvalidOperationException>(() => ReLU().register_parameter("p", new Parameter(ones(1))));
    }

    [Fact]
    public void Hooks_see_and_change_what_passes()
    {
        using Linear linear = Linear(2, 2);
        List<string> seen = [];
        var before = linear.register_forward_pre_hook((_, input) =>
        {
            seen.Add("in");
            return input * 0;
        });
        linear.register_forward_hook((_, _, output) =>
        {
            seen.Add("out");
            return output + 1;
        });
        Near.Equal(linear.bias! + 1, linear.call(ones(2)));
        Assert.Equal(["in", "out"], seen);
        before.remove();
        linear.call(ones(2));
        Assert.Equal(["in", "out", "out"], seen);
    }

    [Fact]
    public void Layers_compute_what_their_functions_compute()
    {
        Tensor x = randn(2, 4, 9, 9);
        using Conv2d reflected = Conv2d(4, 4, 3, padding: 1, padding_mode: PaddingModes.Reflect);
        Near.Equal(functional.conv2d(functional.pad(x, (1, 1, 1, 1), PaddingModes.Reflect), reflected.weight, reflected.bias), reflected.call(x));
        using Conv2d same = Conv2d(4, 4, 3, Padding.Same, dilation: 2);
        Assert.Equal(x.shape, same.call(x).shape);
        using Conv2d oblong = Conv2d(4, 2, (1, 7), (2, 1), (0, 3), bias: false);
        Assert.Equal([2, 2, 5, 9], oblong.call(x).shape);
        Assert.Equal([2, 4, 4, 4], MaxPool2d(3, stride: 2).call(x).shape);
        Assert.Equal([2, 4, 1, 1], AdaptiveAvgPool2d(1).call(x).shape);
        Assert.Equal([2, 324], Flatten().call(x).shape);
        Near.Equal(x, Identity().call(x));
        Near.Equal(x.clamp(0, 6), ReLU6().call(x));
        Near.Equal(x * x.sigmoid(), SiLU().call(x));
        Near.Equal((x * x.normal_cdf()), GELU().call(x));
        Dropout dropout = Dropout(0.5);
        dropout.eval();
        Near.Equal(x, dropout.call(x));
        using Embedding embedding = Embedding(5, 3, padding_idx: 0);
        Near.Equal(zeros(3), embedding.call(tensor(new long[] { 0 }))[0]);
        Near.Equal(functional.cross_entropy(x.flatten(1), tensor(new long[] { 1, 2 })), CrossEntropyLoss().call(x.flatten(1), tensor(new long[] { 1, 2 })));
    }

    [Fact]
    public void An_lstm_cell_follows_its_equations()
    {
        using LSTMCell cell = LSTMCell(3, 2);
        Tensor x = randn(4, 3), h = randn(4, 2), c = randn(4, 2);
        Tensor[] gates = (x.matmul(cell.weight_ih.t()) + cell.bias_ih! + h.matmul(cell.weight_hh.t()) + cell.bias_hh!).chunk(4, 1);
        Tensor expectedC = gates[1].sigmoid() * c + gates[0].sigmoid() * gates[2].tanh();
        Tensor expectedH = gates[3].sigmoid() * expectedC.tanh();
        (Tensor newH, Tensor newC) = cell.call(x, (h, c));
        Near.Equal(expectedC, newC);
        Near.Equal(expectedH, newH);
        (Tensor fromZero, _) = cell.call(x);
        Near.Equal(cell.call(x, (zeros(4, 2), zeros(4, 2))).Item1, fromZero);
    }

    [Fact]
    public void An_lstm_is_its_cell_over_time()
    {
        using LSTM lstm = LSTM(3, 2);
        using LSTMCell cell = LSTMCell(3, 2);
        cell.load_state_dict(lstm.state_dict().ToDictionary(entry => entry.Key.Replace("_l0", "", StringComparison.Ordinal), entry => entry.Value));
        Tensor sequence = randn(5, 4, 3);
        (Tensor output, Tensor lastH, Tensor lastC) = lstm.call(sequence);
        (Tensor h, Tensor c) = (zeros(4, 2), zeros(4, 2));
        for (int step = 0; step < 5; step++)
        {
            (h, c) = cell.call(sequence[step], (h, c));
            Near.Equal(h, output[step]);
        }
        Near.Equal(h, lastH[0]);
        Near.Equal(c, lastC[0]);
    }

    [Fact]
    public void A_gru_cell_follows_its_equations()
    {
        using GRUCell cell = GRUCell(3, 2);
        Tensor x = randn(4, 3), h = randn(4, 2);
        Tensor[] i = (x.matmul(cell.weight_ih.t()) + cell.bias_ih!).chunk(3, 1);
        Tensor[] r = (h.matmul(cell.weight_hh.t()) + cell.bias_hh!).chunk(3, 1);
        Tensor reset = (i[0] + r[0]).sigmoid(), update = (i[1] + r[1]).sigmoid();
        Tensor candidate = (i[2] + reset * r[2]).tanh();
        Near.Equal((1 - update) * candidate + update * h, cell.call(x, h));
    }

    [Fact]
    public void Initialisers_have_their_spread()
    {
        manual_seed(3);
        Tensor weight = empty(256, 64, 3, 3);
        Assert.Equal(Math.Sqrt(2.0 / (64 * 9)), init.kaiming_normal_(weight, nonlinearity: init.NonlinearityType.ReLU).std().ToDouble(), 1e-3);
        Assert.Equal(Math.Sqrt(2.0 / (256 * 9)), init.kaiming_normal_(weight, mode: init.FanInOut.FanOut).std().ToDouble(), 1e-3);
        Assert.Equal(Math.Sqrt(6.0 / (64 * 9)), init.kaiming_uniform_(weight).max().ToDouble(), 1e-3);
        Assert.Equal(Math.Sqrt(6.0 / (320 * 9)), init.xavier_uniform_(weight).max().ToDouble(), 1e-3);
        Assert.Equal(Math.Sqrt(2.0 / (320 * 9)), init.xavier_normal_(weight).std().ToDouble(), 1e-3);
        Assert.Equal(2, init.constant_(weight, 2).mean().ToDouble(), 1e-6);
        Assert.InRange(init.trunc_normal_(weight, std: 2, a: -1, b: 1).abs().max().ToDouble(), 0.9, 1);
        Assert.Equal(0, init.zeros_(weight).sum().ToDouble());
        Assert.Throws<ArgumentException>(() => init.kaiming_normal_(ones(3)));
    }

    [Fact]
    public void Gradients_are_clipped_to_a_common_norm()
    {
        using Linear linear = Linear(3, 1);
        linear.weight.grad = full(1, 3, 2.0);
        linear.bias!.grad = full(1, 2.0);
        Assert.Equal(4, utils.clip_grad_norm_(linear.parameters(), 1), 1e-5);
        Near.Equal([0.5, 0.5, 0.5], linear.weight.grad!);
        Assert.Equal(1, utils.clip_grad_norm_(linear.parameters(), 3), 1e-4);
        Near.Equal([0.5], linear.bias.grad!);
        utils.clip_grad_value_(linear.parameters(), 0.25);
        Near.Equal([0.25], linear.bias.grad!);
    }

    private static IEnumerable<string> Parts(Module module) =>
        module.named_parameters().Select(named => $"{named.name}:{string.Join('x', named.parameter.shape)}");

    private sealed class Network : Module<Tensor, Tensor>
    {
        public readonly Parameter scale = new(ones(1));
        public readonly Tensor offsets = zeros(1);
        public readonly Sequential stem = Sequential(Conv2d(3, 4, 3, padding: 1), BatchNorm2d(4), ReLU());
        public readonly ModuleList<Module<Tensor, Tensor>> blocks = ModuleList<Module<Tensor, Tensor>>(Conv2d(4, 4, 1), Conv2d(4, 4, 1, bias: false));
        [ComponentName(Name = "last")] public readonly Linear classifier = Linear(4, 5, hasBias: false);

        internal Network() : base(nameof(Network)) => RegisterComponents();

        public override Tensor forward(Tensor input)
        {
            Tensor features = stem.call(input);
            foreach (Module<Tensor, Tensor> block in blocks) features = block.call(features);
            return classifier.call(features.mean([2, 3])) * scale + offsets;
        }
    }
}

file static class Gaussian
{
    /// <summary>P(X ≤ x) of a standard normal variable.</summary>
    internal static Tensor normal_cdf(this Tensor x) => ((x / Math.Sqrt(2)).erf() + 1) / 2;
}
