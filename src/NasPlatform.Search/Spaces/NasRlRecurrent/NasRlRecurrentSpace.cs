using System.Collections.Immutable;
using System.Globalization;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces.Recurrent;

namespace NasPlatform.Search.Spaces.NasRlRecurrent;

/// <summary>
/// The recurrent cells of Zoph &amp; Le, "Neural Architecture Search with Reinforcement Learning" (arXiv 1611.01578, §3.4, §4.2): a binary tree. Each leaf combines what the step is given and the state h,
/// each through a matrix of its own; each other node combines two earlier ones; a combination is a sum or a product, a function follows. At one node a second state c is injected into the node's value by a
/// combination and a function; of one node the value before its function is c after the step. The root gives h.
/// </summary>
/// <remarks>
/// Trees of a base that is no power of two are not in the paper; here nodes are paired level by level, and an odd one out goes up by itself. The paper does not print sizes, it takes states so large that
/// the parameters are about those of Zaremba et al. (2014), in two layers; nor dropouts. Here they are 200 numbers and none.
/// </remarks>
public sealed class NasRlRecurrentSpace : RecurrentSpace
{
    private const int PaperBase = 8;

    private static readonly Choice Combination = new("combination", ["add", "multiply"]);
    private static readonly Choice Function = new("function", ["identity", "tanh", "sigmoid", "relu"]);
    private static readonly RecurrentNetwork Paper = new() { Hidden = 200, Layers = 2 };

    private readonly int _base;
    private readonly Choice _index;

    // The two that each node above the leaves combines, by their numbers.
    private readonly ImmutableArray<(int Left, int Right)> _pairs;

    /// <param name="settings">
    /// <c>base</c> (leaves, 8), <c>network</c> (<c>search</c> or <c>final</c>, which are the same), <c>hidden</c> (200), <c>embedding</c> (as <c>hidden</c>, so that the output is tied to it), <c>layers</c> (2),
    /// <c>drop_words</c>, <c>drop_input</c>, <c>drop_x</c>, <c>drop_h</c>, <c>drop_output</c> (0): see <see cref="RecurrentNetwork"/>.
    /// </param>
    public NasRlRecurrentSpace(Settings settings)
    {
        _base = settings.Whole("base", PaperBase, 2, 8);
        Network = RecurrentNetwork.Read(settings, Paper, Paper);
        settings.RefuseUnknown();
        Settings = settings.Effective;
        _pairs = PairsOf(_base);
        _index = new("cell_index", [.. Enumerable.Range(0, Nodes).Select(node => $"{node}")]);
    }

    public override string Name => "nasrl-rnn";

    public override string Summary => "A recurrent cell that is a tree of sums and products with a function after each (Zoph & Le 2017)";

    public override IReadOnlyDictionary<string, string> Settings { get; }

    public override string TextForm =>
        $"for each node combination-function ({string.Join(", ", Combination.Options)}; {string.Join(", ", Function.Options)}), the {_base} leaves first, {Nodes} in all, then inject=combination-function@node and c=node, "
        + "such as 'add-tanh multiply-relu multiply-sigmoid inject=add-relu@0 c=1' for a base of 2";

    public override IReadOnlyList<SpacePreset> Presets =>
    [
        new("paper", "the paper's base of 8 in two layers; sizes are not printed", new Dictionary<string, string> { ["base"] = "8" }),
        new("small", "a base of 4, one layer, states of 64 numbers, for two CPU cores", new Dictionary<string, string> { ["base"] = "4", ["layers"] = "1", ["hidden"] = "64" }),
    ];

    public override IReadOnlyDictionary<string, string> Published => _base != 2
        ? new Dictionary<string, string>()
        : new Dictionary<string, string> { ["worked example"] = "add-tanh multiply-relu multiply-sigmoid inject=add-relu@0 c=1" };

    public override string? PrintedSize => _base == PaperBase ? "about 6·10¹⁶" : null;

    private int Nodes => (2 * _base) - 1;

    private protected override RecurrentNetwork Network { get; }

    private protected override (RecurrentNetwork Search, RecurrentNetwork Final) PaperNetworks => (Paper, Paper);

    public override string Format(Genotype genotype)
    {
        var tree = Read(Replay(genotype.ToDictionary()));
        return $"{string.Join(' ', tree.Nodes)} inject={tree.Inject}@{tree.InjectAt} c={tree.CellFrom}";
    }

    public override IReadOnlyList<Sketch> Sketches(Genotype genotype)
    {
        var tree = Read(Replay(genotype.ToDictionary()));
        var last = Nodes + 2;
        var nodes = tree.Nodes.Select((node, number) => new SketchNode($"node {number}", $"{node}"));
        var leaves = Enumerable.Range(0, _base).Select(leaf => new SketchEdge(0, leaf + 2));
        var pairs = _pairs.SelectMany((pair, place) => new[] { new SketchEdge(pair.Left + 2, _base + place + 2), new SketchEdge(pair.Right + 2, _base + place + 2) });
        return
        [
            new(
                "Cell",
                [new("x, h, c", "step and states"), new("c"), .. nodes, new("h, c after")],
                [new(0, 1), .. leaves, .. pairs, new(1, tree.InjectAt + 2, $"inject {tree.Inject}"), new(tree.CellFrom + 2, last, "c"), new(last - 1, last, "h")]),
        ];
    }

    private protected override Func<int, RecurrentCell> Cell(IChoices choices)
    {
        var tree = Read(choices);
        return features => Build(tree, features);
    }

    protected override Dictionary<string, int> ParseDecisions(string text)
    {
        var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length != Nodes + 2)
        {
            throw NotAGenotype($"'{text}' has {words.Length} words and needs {Nodes + 2}: one for each of the {Nodes} nodes of a base of {_base}, inject= and c=");
        }

        var values = new Dictionary<string, int>();
        for (var node = 0; node < Nodes; node++)
        {
            Set($"node{node}", $"node {node}", words[node], words[node]);
        }

        var (inject, at) = (words[Nodes], words[Nodes + 1]);
        if (!inject.StartsWith("inject=", StringComparison.Ordinal) || inject["inject=".Length..].Split('@') is not [var pair, var place])
        {
            throw NotAGenotype($"word {Nodes + 1}, '{inject}', is not inject=combination-function@node");
        }

        if (!at.StartsWith("c=", StringComparison.Ordinal))
        {
            throw NotAGenotype($"word {Nodes + 2}, '{at}', is not c=node");
        }

        Set("inject", "the injection", pair, inject);
        values["cell/from"] = Index(at[2..], at);
        values["cell/inject"] = Index(place, inject);
        return values;

        void Set(string name, string what, string pair, string word)
        {
            if (pair.Split('-') is not [var combination, var function])
            {
                throw NotAGenotype($"{what}, '{word}', is not a combination and a function joined by -");
            }

            values[$"{name}/combination"] = Option(Combination, combination);
            values[$"{name}/function"] = Option(Function, function);

            int Option(Choice choice, string option) => choice.Options.IndexOf(option) is >= 0 and var value
                ? value
                : throw NotAGenotype($"{what}, '{word}', has the {choice.Kind} '{option}', which is not one of {string.Join(", ", choice.Options)}");
        }

        int Index(string number, string word) => int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var node) && node < Nodes
            ? node
            : throw NotAGenotype($"'{word}' names node '{number}', and there are 0 to {Nodes - 1}");
    }

    // Level by level, left to right.
    private static ImmutableArray<(int Left, int Right)> PairsOf(int leaves)
    {
        var pairs = ImmutableArray.CreateBuilder<(int, int)>();
        List<int> level = [.. Enumerable.Range(0, leaves)];
        while (level.Count > 1)
        {
            List<int> above = [];
            foreach (var both in level.Chunk(2))
            {
                above.Add(both.Length == 2 ? leaves + pairs.Count : both[0]);
                if (both is [var left, var right])
                {
                    pairs.Add((left, right));
                }
            }

            level = above;
        }

        return pairs.ToImmutable();
    }

    private RecurrentCell Build(Tree tree, int features)
    {
        var graph = new RecurrentCellBuilder(features);
        var hidden = Network.Hidden;
        var (h, c) = (graph.State("h", hidden), graph.State("c", hidden));
        var x = Drop("x/dropout", new(Network.DropX), graph.Input);
        var state = Drop("h/dropout", new(Network.DropH, Mask: "h"), h);
        var (values, before) = (new List<Layer>(), new List<Layer>());
        foreach (var (number, node) in tree.Nodes.Index())
        {
            var name = $"node{number}";
            var (left, right) = number < _base
                ? (graph.Add($"{name}/input", new Op.Linear(hidden, Bias: false), x), graph.Add($"{name}/state", new Op.Linear(hidden, Bias: false), state))
                : (values[_pairs[number - _base].Left], values[_pairs[number - _base].Right]);
            before.Add(graph.Add($"{name}/{node.Combination}", OpOf(node), left, right));
            var value = graph.Activate($"{name}/{node.Function}", RecurrentFunctions.KindOf(node.Function), before[^1]);
            values.Add(number == tree.InjectAt
                ? graph.Activate($"{name}/inject/{tree.Inject.Function}", RecurrentFunctions.KindOf(tree.Inject.Function), graph.Add($"{name}/inject/{tree.Inject.Combination}", OpOf(tree.Inject), value, c))
                : value);
        }

        return graph.Finish(values[^1], before[tree.CellFrom]);

        Layer Drop(string name, Op.Dropout dropout, Layer layer) => dropout.Probability == 0 ? layer : graph.Add(name, dropout, layer);

        static Op OpOf(TreeNode node) => node.Combination == "add" ? new Op.Add() : new Op.Multiply();
    }

    // Asks as the paper's controller does: node by node, then the injection, then the two cell indices.
    private Tree Read(IChoices choices)
    {
        ImmutableArray<TreeNode> nodes = [.. Enumerable.Range(0, Nodes).Select(node => Ask($"node{node}"))];
        var inject = Ask("inject");
        var from = choices.Choose("cell/from", _index);
        return new(nodes, inject, from, choices.Choose("cell/inject", _index));

        TreeNode Ask(string name)
        {
            var combination = Combination.Options[choices.Choose($"{name}/combination", Combination)];
            return new(combination, Function.Options[choices.Choose($"{name}/function", Function)]);
        }
    }

    private readonly record struct TreeNode(string Combination, string Function)
    {
        public override string ToString() => $"{Combination}-{Function}";
    }

    /// <param name="Nodes">Leaves first, the root last.</param>
    /// <param name="Inject">How c enters.</param>
    /// <param name="CellFrom">The node whose value before its function is c after the step.</param>
    /// <param name="InjectAt">The node at which c enters.</param>
    private readonly record struct Tree(ImmutableArray<TreeNode> Nodes, TreeNode Inject, int CellFrom, int InjectAt);
}
