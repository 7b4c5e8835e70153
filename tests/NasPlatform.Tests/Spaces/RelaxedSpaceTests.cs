using NasPlatform.Search;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Spaces.Darts;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Tests.Spaces;

/// <summary>The networks in which every choice keeps all its branches.</summary>
public sealed class RelaxedSpaceTests
{
    /// <summary>A row in which all of the softmax is one option's.</summary>
    private const float Certain = 200;

    private static readonly TaskShape Tiny = new(3, 8, 8, 4);

    private static readonly TaskShape TinyText = TaskShape.Text(5, 9);

    public static TheoryData<string> Relaxable => ["darts", "mobile", "darts-rnn"];

    [Fact]
    public void DARTS_K1_224_architecture_parameters_in_rows_of_8()
    {
        var rows = Create("darts").Relaxed(TaskShape.Cifar10)!.Alphas; // not null: it is a search network

        Assert.Equal(28, rows.Count);
        Assert.All(rows, row => Assert.Equal(8, row.Options));
        Assert.Equal(224, rows.Sum(row => row.Options));
        Assert.Equal(
            [0, 2, 5, 9],
            Enumerable.Range(2, 4).Select(node => rows.Where(row => row.Name.StartsWith("normal/", StringComparison.Ordinal)).Index().First(row => row.Item.Name == $"normal/node{node}/edge0").Index));
    }

    [Theory]
    [InlineData(10, 1_930_618)]
    [InlineData(100, 1_953_748)]
    public void DARTS_K3_parameters_of_the_supernet(int classes, long parameters)
    {
        var graph = Create("darts", ("cells", "8"), ("channels", "16")).Relaxed(TaskShape.Cifar10 with { Outputs = classes })!;
        Assert.Equal(parameters, graph.Cost.ParameterCount);
    }

    [Fact]
    public void DARTS_batch_norms_of_cells_have_no_scale_and_every_pooling_has_one()
    {
        var graph = Create("darts", ("cells", "3")).Relaxed(TaskShape.Cifar10)!;

        Assert.Equal(["stem/norm"], graph.Layers.Where(layer => layer.Op is Op.BatchNorm { Affine: true }).Select(layer => layer.Name));
        Assert.All(graph.Layers.Where(layer => layer.Op is Op.Mix), mix => Assert.IsType<Op.BatchNorm>(mix.Inputs[1].Op));

        // cell1/node2/edge0/max_pool_3x3/norm; a skip is what it skips.
        var branches = graph.Layers.First(layer => layer.Op is Op.Mix).Inputs.Select(branch => branch.Name.Split('/') is [_, _, _, var operation, ..] ? operation : "skip_connect");
        Assert.Equal(DartsSpace.MixtureOperations, branches);
    }

    [Theory]
    [MemberData(nameof(Relaxable))]
    public void DARTS_K7_fresh_parameters_mix_nearly_evenly(string name)
    {
        using var scope = NewDisposeScope();
        using var network = Run(Small(name), seed: 5);
        Assert.NotEmpty(network.Alphas);
        Assert.All(network.Alphas.Values, row =>
        {
            var shares = row.softmax(0).data<float>().ToArray();
            Assert.All(shares, share => Assert.Equal(1.0 / shares.Length, share, 1e-3));
            Assert.InRange(row.abs().max().item<float>(), 1e-5f, 6e-3f);
        });
    }

    [Fact]
    public void DARTS_K8_equal_parameters_give_the_first_places_and_the_first_operation_that_is_not_none()
    {
        var space = Create("darts");
        var genotype = space.Discretise(space.Relaxed(TaskShape.Cifar10)!.Alphas.ToDictionary(row => row.Name, row => new double[row.Options]));

        var cell = string.Join(' ', Enumerable.Repeat("max_pool_3x3@0+max_pool_3x3@1", 4));
        Assert.Equal($"{cell} / {cell}", space.Format(genotype));
    }

    [Fact]
    public void DARTS_parameters_are_read_after_the_softmax_with_none_in_it()
    {
        var space = Create("darts", ("nodes", "2"));
        var alphas = space.Relaxed(TaskShape.Cifar10)!.Alphas.ToDictionary(row => row.Name, row => new double[row.Options]);
        alphas["normal/node3/edge0"] = [9, 5, 0, 0, 0, 0, 0, 0]; // none has nearly all, so the 5 is little
        alphas["normal/node3/edge1"] = [0, 0, 0, 0, 0, 1, 0, 0];
        alphas["normal/node3/edge2"] = [0, 0, 0, 2, 0, 0, 0, 0];

        Assert.StartsWith("max_pool_3x3@0+max_pool_3x3@1 sep_conv_5x5@1+skip_connect@2 / ", space.Format(space.Discretise(alphas)), StringComparison.Ordinal);
    }

    [Fact]
    public void PROXY_blocks_take_their_most_probable_operation_and_of_equals_the_first()
    {
        var space = Create("mobile", ("cells", "2"));
        var alphas = space.Relaxed(TaskShape.Cifar10)!.Alphas.ToDictionary(row => row.Name, row => new double[row.Options]);
        alphas["block2/operation"][6] = 0.1;
        alphas["block3/operation"][4] = 0.1;

        Assert.Equal(
            "3x3_MBConv3 Zero 7x7_MBConv3 3x3_MBConv3 3x3_MBConv3 3x3_MBConv3 3x3_MBConv3 3x3_MBConv3 3x3_MBConv3 3x3_MBConv3 3x3_MBConv3", space.Format(space.Discretise(alphas)));
    }

    [Fact]
    public void PROXY_a_block_keeps_6_candidates_and_Zero_where_it_may_be_left_out()
    {
        var space = Create("mobile");
        var graph = space.Relaxed(TaskShape.Cifar10)!;

        // One row a decision, by its name, with its options.
        Assert.Equal(space.Sample(new RandomSource(1)).Decisions.Select(decision => (decision.Name, decision.Choice.Options.Length)), graph.Alphas);
        Assert.Equal(15, graph.Layers.Count(layer => layer.Op is Op.Mix && layer.Inputs.Any(input => input.Op is Op.Zero)));

        // All candidates' weights once, beside what every network has.
        var chain = space.Parse(string.Join(' ', Enumerable.Repeat("3x3_MBConv3", 21)));
        var shared = space.Build(chain, TaskShape.Cifar10).Layers.Where(layer => !layer.Name.StartsWith("block", StringComparison.Ordinal)).Sum(layer => NetworkCost.Of(layer).ParameterCount);
        var candidates = new[] { "3x3_MBConv3", "3x3_MBConv6", "5x5_MBConv3", "5x5_MBConv6", "7x7_MBConv3", "7x7_MBConv6" }
            .Sum(operation => space.Build(space.Parse(string.Join(' ', Enumerable.Repeat(operation, 21))), TaskShape.Cifar10).Cost.ParameterCount - shared);
        Assert.Equal(shared + candidates, graph.Cost.ParameterCount);
    }

    /// <summary>With all of every softmax on one branch the mixture is that branch.</summary>
    [Fact]
    public void PROXY_with_one_hot_shares_the_network_is_the_genotype_s()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var space = Small("mobile");
        using var relaxed = Run(space, seed: 1);
        var genotype = space.Parse("5x5_MBConv3 Zero 7x7_MBConv6 3x3_MBConv3 3x3_MBConv6 Zero 3x3_MBConv3 5x5_MBConv6 7x7_MBConv3 3x3_MBConv3 5x5_MBConv3");
        foreach (var decision in genotype.Decisions)
        {
            relaxed.Alphas[decision.Name][decision.Value].fill_(Certain);
        }

        using var discrete = new Network(space.Build(genotype, Tiny), CPU, new RandomSource(2));
        discrete.Load(name => relaxed.Weights[name].alias());

        AssertSame(relaxed, discrete);
        Assert.Equal(genotype, space.Discretise(relaxed.Alphas.ToDictionary(row => row.Key, row => row.Value.data<float>().ToArray().Select(value => (double)value).ToArray())));
    }

    /// <summary>Edges that are all <c>none</c> vanish; what is left is the discrete cell, whose batch norms begin without effect.</summary>
    [Fact]
    public void DARTS_with_one_hot_shares_the_network_is_the_genotype_s()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var space = Small("darts");
        using var relaxed = Run(space, seed: 1);
        var genotype = space.Parse("sep_conv_3x3@0+skip_connect@1 dil_conv_5x5@1+sep_conv_5x5@2 / skip_connect@0+dil_conv_3x3@1 sep_conv_3x3@0+skip_connect@2");
        var edges = new Dictionary<string, string>(); // of the discrete network's sides
        foreach (var kind in new[] { "normal", "reduction" })
        {
            foreach (var (name, row) in relaxed.Alphas.Where(row => row.Key.StartsWith(kind, StringComparison.Ordinal)))
            {
                row[0].fill_(Certain); // none
            }

            foreach (var node in new[] { 2, 3 })
            {
                var places = genotype.Decisions.Single(decision => decision.Name == $"{kind}/node{node}/places").Option.Split(',');
                foreach (var (side, place, decided) in new[] { ("x", places[0], "op1"), ("y", places[1], "op2") })
                {
                    var row = relaxed.Alphas[$"{kind}/node{node}/edge{place}"];
                    row[0].fill_(0);
                    row[genotype[$"{kind}/node{node}/{decided}"] + 1].fill_(Certain);
                    edges[$"{kind}.node{node}.{side}"] = $"node{node}.edge{place}";
                }
            }
        }

        using var discrete = new Network(space.Build(genotype, Tiny), CPU, new RandomSource(2));
        discrete.Load(name =>
        {
            var parts = name.Split('.');
            var kind = parts[0] is "cell1" ? "normal" : "reduction"; // of three cells the second and the third
            var known = parts.Length > 3 && edges.TryGetValue($"{kind}.{parts[1]}.{parts[2]}", out var edge) ? $"{parts[0]}.{edge}.{string.Join('.', parts[3..])}" : name;
            return relaxed.Weights.TryGetValue(known, out var weight) ? weight.alias() : discrete.Weights[name].alias(); // scale 1 and shift 0 are not in the relaxed one
        });

        AssertSame(relaxed, discrete);
        Assert.Equal(genotype, space.Discretise(relaxed.Alphas.ToDictionary(row => row.Key, row => row.Value.data<float>().ToArray().Select(value => (double)value).ToArray())));
    }

    [Fact]
    public void DARTS_K2_a_recurrent_cell_mixes_five_functions_on_each_of_36_edges_and_of_equal_ones_the_first_that_is_not_none_is_kept()
    {
        var space = Create("darts-rnn");
        var graph = space.Relaxed(space.Typical)!; // not null: it is a search network
        var cell = graph.Layers.Select(layer => layer.Op).OfType<Op.Recurrent>().Single().Cell;

        Assert.Equal(36, graph.Alphas.Count);
        Assert.All(graph.Alphas, row => Assert.Equal(5, row.Options));
        Assert.Equal(["none", "tanh", "relu", "sigmoid", "identity"], space.MixtureOf("node1/edge0"));
        Assert.Equal(9, cell.Layers.Count(layer => layer.Op is Op.BatchNorm { Affine: false }));
        Assert.Equal(space.Build(space.Find("DARTS_V2"), space.Typical).Cost.ParameterCount, graph.Cost.ParameterCount); // one matrix a node, whatever it mixes
        Assert.Equal(string.Join(' ', Enumerable.Repeat("tanh@0", 8)), space.Format(space.Discretise(graph.Alphas.ToDictionary(row => row.Name, row => new double[row.Options]))));
    }

    [Fact]
    public void DARTS_a_recurrent_node_keeps_the_edge_on_which_a_function_is_strongest_and_an_edge_that_is_nearly_none_is_weak()
    {
        var space = Small("darts-rnn");
        var alphas = space.Relaxed(TinyText)!.Alphas.ToDictionary(row => row.Name, row => new double[row.Options]);
        alphas["node2/edge0"] = [9, 5, 0, 0, 0];
        alphas["node2/edge1"] = [0, 0, 0, 0, 1];
        alphas["node3/edge2"] = [0, 0, 2, 1, 0];

        Assert.Equal("tanh@0 identity@1 relu@2", space.Format(space.Discretise(alphas)));
        Assert.Null(Create("darts-rnn", ("output", "unread")).Relaxed(TinyText));
        Assert.Null(space.Final.Relaxed(TinyText));
    }

    /// <summary>Other edges are <c>none</c>, and one example is not normalised.</summary>
    [Fact]
    public void DARTS_with_one_hot_shares_the_recurrent_network_is_the_genotype_s()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var space = Small("darts-rnn");
        using var relaxed = Run(space, seed: 1);
        var genotype = space.Parse("sigmoid@0 identity@1 relu@1");
        foreach (var row in relaxed.Alphas.Values)
        {
            row[0].fill_(Certain); // none
        }

        foreach (var node in new[] { 1, 2, 3 })
        {
            var row = relaxed.Alphas[$"node{node}/edge{genotype[$"node{node}/input"]}"];
            row[0].fill_(0);
            row[1 + genotype[$"node{node}/function"]].fill_(Certain);
        }

        using var discrete = new Network(space.Build(genotype, TinyText), CPU, new RandomSource(2));
        discrete.Load(name => relaxed.Weights[name].alias());

        AssertSame(relaxed, discrete);
        Assert.Equal(genotype, space.Discretise(relaxed.Alphas.ToDictionary(row => row.Key, row => row.Value.data<float>().ToArray().Select(value => (double)value).ToArray())));
    }

    /// <summary>A step of a node against the released code's sum, edge by edge and function by function.</summary>
    [Fact]
    public void DARTS_a_recurrent_node_is_the_sum_over_edges_and_functions()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var space = Create("darts-rnn", ("nodes", "2"), ("hidden", "6"), ("drop_input", "0"), ("drop_x", "0"), ("drop_h", "0"), ("drop_output", "0"));
        using var network = new Network(space.Relaxed(TaskShape.Text(1, 9))!, CPU, new RandomSource(4)); // not null: it is a search network
        foreach (var row in network.Alphas.Values)
        {
            row.copy_(randn(5, generator: new Generator(3)));
        }

        var tokens = randint(9, [4, 1], dtype: int64, generator: new Generator(7));
        network.train(); // norms go by the batch
        var given = network.call(tokens);

        var x = network.Weights["embedding.weight"].index_select(0, tokens.flatten());
        var both = x.matmul(network.Weights["layer1.node0.input.weight"].t()).split(6, 1);
        List<Tensor> nodes = [Normed(both[0].sigmoid() * both[1].tanh())];
        foreach (var node in new[] { 1, 2 })
        {
            var sum = zeros(4, 6);
            for (var edge = 0; edge < node; edge++)
            {
                var state = nodes[edge];
                var halves = state.matmul(network.Weights[$"layer1.node{node}.linear.weight"].t()).split(6, 1);
                var (gate, value) = (halves[0].sigmoid(), halves[1]);
                Tensor[] functions = [value.tanh(), value.relu(), value.sigmoid(), value];
                var shares = network.Alphas[$"node{node}/edge{edge}"].softmax(0);
                foreach (var (function, to) in functions.Index())
                {
                    sum += shares[function + 1] * (state + (gate * (to - state)));
                }
            }

            nodes.Add(Normed(sum));
        }

        var expected = ((nodes[1] + nodes[2]) / 2).matmul(network.Weights["embedding.weight"].t()) + network.Weights["output.linear.bias"];
        Assert.InRange((expected - given.view(4, 9)).abs().max().item<float>(), 0, 1e-5f);

        static Tensor Normed(Tensor values)
        {
            var centred = values - values.mean([0L], keepdim: true);
            return centred / (centred.square().mean([0L], keepdim: true) + 1e-5).sqrt();
        }
    }

    [Theory]
    [MemberData(nameof(Relaxable))]
    public void Weights_and_architecture_parameters_get_finite_gradients_and_are_kept_apart(string name)
    {
        set_num_threads(1);
        using var scope = NewDisposeScope();
        using var network = Run(Small(name), seed: 3);
        network.train();

        network.call(Examples(network)).square().mean().backward();

        Assert.Equal(network.Trainable.Count, network.parameters().Count());
        Assert.All(network.Alphas.Values, row => Assert.DoesNotContain(network.parameters(), parameter => parameter.Handle == row.Handle));
        foreach (var gradient in network.parameters().Concat(network.Alphas.Values).Select(parameter => parameter.grad))
        {
            Assert.NotNull(gradient);
            Assert.True(gradient.isfinite().all().item<bool>());
        }

        // A softmax does not change when all of its numbers do, so a row's gradients add up to nothing (PROXY-K3); and some branch matters.
        Assert.All(network.Alphas.Values, row =>
        {
            var gradient = row.grad!; // not null: it was looked at
            Assert.InRange(gradient.sum().abs().item<float>(), 0, 1e-5f + (1e-4f * gradient.abs().max().item<float>()));
            Assert.True(gradient.abs().max().item<float>() > 0);
        });
    }

    [Fact]
    public void What_has_no_relaxed_network_says_so()
    {
        Assert.Null(Create("chain").Relaxed(TaskShape.Cifar10));
        Assert.Null(Create("darts", ("rules", "any")).Relaxed(TaskShape.Cifar10));
        Assert.Null(Create("darts").Final.Relaxed(TaskShape.Cifar10));
        Assert.Contains("'chain'", Assert.Throws<NotSupportedException>(() => Create("chain").Discretise(new Dictionary<string, double[]>())).Message, StringComparison.Ordinal);
        var error = Assert.Throws<ArgumentException>(() => Create("mobile").Discretise(new Dictionary<string, double[]> { ["block1/operation"] = new double[7] }));
        Assert.Contains("'block1/operation' of architecture parameters must have 6 numbers, and has 7", error.Message, StringComparison.Ordinal);
    }

    private static SearchSpace Small(string name) => name switch
    {
        "darts" => Create("darts", ("nodes", "2"), ("cells", "3"), ("channels", "4")),
        "darts-rnn" => Create("darts-rnn", ("nodes", "3"), ("hidden", "6")),
        _ => Create("mobile", ("cells", "2"), ("width", "0.1")),
    };

    private static Network Run(SearchSpace space, ulong seed) => new(space.Relaxed(space.Name == "darts-rnn" ? TinyText : Tiny)!, CPU, new RandomSource(seed));

    private static Tensor Images() => rand(4, Tiny.Channels, Tiny.Height, Tiny.Width, generator: new Generator(7));

    private static Tensor Examples(Network network, int count = 4) => network.Graph.Task == Tiny ? Images() : randint(TinyText.Outputs, [count, TinyText.Width], dtype: int64, generator: new Generator(7));

    private static void AssertSame(Network one, Network other)
    {
        one.eval();
        other.eval();
        var examples = Examples(one, count: 1);
        var (expected, given) = (one.call(examples), other.call(examples));
        Assert.True(expected.abs().max().item<float>() > 1e-3f, "The network gives nothing, so all would be the same.");
        Assert.InRange((expected - given).abs().max().item<float>() / expected.abs().max().item<float>(), 0, 1e-5f);
    }

    private static SearchSpace Create(string name, params (string Name, string Value)[] settings) =>
        SearchSpaceCatalog.Create(name, settings.ToDictionary(setting => setting.Name, setting => setting.Value));
}
