using System.Collections.Immutable;
using System.Globalization;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces.Recurrent;

namespace NasPlatform.Search.Spaces.Darts;

/// <summary>
/// The recurrent space of DARTS (Liu, Simonyan &amp; Yang 2019, arXiv 1806.09055, §2.1, §3.1.2) in its discrete form: a cell of eight nodes after a first one; a node reads one earlier node through one
/// of four functions, in the form of <see cref="HighwayCell"/>. Node 0 is a tanh of what the step is given and the state; the state after is the mean of the eight others.
/// </summary>
/// <remarks>
/// A fifth operation, <c>none</c>, is of the mixture only that a search by gradient weighs (<see cref="Relax"/>). Each node has one matrix, whichever node it reads and whatever the function, as in the released
/// code; there, the network of the search normalises each node's values over the batch, which the relaxed network does and a genotype's does not. With <c>output=unread</c> the state is the mean of the nodes that no other reads:
/// so the released code writes the cell of ENAS, with <c>nodes=11</c>.
/// </remarks>
public sealed class DartsRecurrentSpace : RecurrentSpace
{
    /// <summary>In the order of the released code, without <c>none</c>.</summary>
    public static readonly Choice Function = new("function", ["tanh", "relu", "sigmoid", "identity"]);

    /// <summary>What a mixture weighs on each edge, in the order of the released code.</summary>
    public static readonly IReadOnlyList<string> MixtureFunctions = ["none", .. Function.Options];

    private const int PaperNodes = 8;
    private const string Start = "tanh";

    private static readonly RecurrentNetwork Search = new() { Hidden = 300, DropInput = 0.2, DropX = 0.75, DropH = 0.25, DropOutput = 0.75 };

    private static readonly (string Name, bool IsMeanOfAll, string Text)[] Cells =
    [
        ("DARTS_V1", true, "relu@0 relu@1 tanh@2 relu@3 relu@4 identity@1 relu@5 relu@1"),
        ("DARTS_V2", true, "sigmoid@0 relu@1 relu@1 identity@1 tanh@2 sigmoid@5 tanh@3 relu@5"),
        ("ENAS", false, "tanh@0 tanh@1 relu@1 tanh@3 tanh@3 relu@3 relu@4 relu@7 relu@8 relu@8 relu@8"),
    ];

    private readonly int _nodes;
    private readonly bool _isMeanOfAll;
    private readonly Choice[] _inputs;

    /// <param name="settings">
    /// <c>nodes</c> (8, without the first), <c>output</c> (<c>all</c>: the mean of all nodes but the first; <c>unread</c>: of those that no other reads), <c>network</c> (<c>search</c> or <c>final</c>), <c>hidden</c> (300 in
    /// the search, 850 in the final network), <c>embedding</c> (as <c>hidden</c>, so that the output is tied to it), <c>layers</c> (1), <c>drop_words</c> (0), <c>drop_input</c> (0.2), <c>drop_x</c> (0.75),
    /// <c>drop_h</c> (0.25), <c>drop_output</c> (0.75): see <see cref="RecurrentNetwork"/>.
    /// </param>
    public DartsRecurrentSpace(Settings settings)
    {
        _nodes = settings.Whole("nodes", PaperNodes, 1, 24);
        _isMeanOfAll = settings.Word("output", "all", "all", "unread") == "all";
        Network = RecurrentNetwork.Read(settings, PaperNetworks.Search, PaperNetworks.Final);
        settings.RefuseUnknown();
        Settings = settings.Effective;
        _inputs = [.. Enumerable.Range(1, _nodes).Select(node => new Choice($"input_of_{node}", [.. Enumerable.Range(0, node).Select(place => $"{place}")]))];
    }

    public override string Name => "darts-rnn";

    public override string Summary => "A recurrent cell of eight nodes, one earlier node and one of four functions each (Liu et al. 2019, DARTS)";

    public override IReadOnlyDictionary<string, string> Settings { get; }

    public override string TextForm =>
        $"for each node function@node ({string.Join(", ", Function.Options)}; node 0 is the first, of the step and the state), {_nodes} in all, such as 'sigmoid@0 relu@1 identity@1' for three";

    public override IReadOnlyList<SpacePreset> Presets =>
    [
        new("paper-search", "the size of the paper's search network: states of 300 numbers", new Dictionary<string, string> { ["hidden"] = "300" }),
        new("paper-final", "the paper's network for Penn Treebank: 850 numbers, 23 M parameters", new Dictionary<string, string> { ["network"] = "final" }),
        new("enas", "the form in which the released code writes the cell of ENAS: eleven nodes, the mean of the unread ones", new Dictionary<string, string> { ["nodes"] = "11", ["output"] = "unread" }),
        new("small", "states of 64 numbers, no dropout, for two CPU cores", RecurrentNetwork.Small),
    ];

    public override IReadOnlyDictionary<string, string> Published =>
        Cells.Where(cell => cell.Text.Split(' ').Length == _nodes && cell.IsMeanOfAll == _isMeanOfAll).ToDictionary(cell => cell.Name, cell => cell.Text);

    private protected override RecurrentNetwork Network { get; }

    private protected override (RecurrentNetwork Search, RecurrentNetwork Final) PaperNetworks => (Search, Search with { Hidden = 850 });

    public override string Format(Genotype genotype) => string.Join(' ', Read(Replay(genotype.ToDictionary())).Nodes.Select(node => $"{node.Function}@{node.From}"));

    public override IReadOnlyList<Sketch> Sketches(Genotype genotype) => [Read(Replay(genotype.ToDictionary())).Draw(node => $"node {node}")];

    public override bool SharesByName => true;

    /// <summary>
    /// The search network of the released code at this space's sizes: each edge of the cell, from every node to each later one, mixes <c>none</c> and the four functions by the rows <c>node1/edge0</c>,
    /// <c>node2/edge0</c>, <c>node2/edge1</c>, ... that all layers share. Null with <c>output=unread</c>, where there is no saying what is read, and for the final network.
    /// </summary>
    protected override LayerGraph? Relax(TaskShape task) => _isMeanOfAll && !Network.IsFinal ? Network.Build(task, features => HighwayCell.BuildRelaxed(features, Network, _nodes, Start)) : null;

    public override IReadOnlyList<string> MixtureOf(string row) => MixtureFunctions;

    /// <summary>Each node keeps the edge whose largest share of a function is largest, and on it that function (§2.4): shares are softmaxes with <c>none</c> in them. Of equals the first is kept.</summary>
    public override Genotype Discretise(IReadOnlyDictionary<string, double[]> alphas)
    {
        var values = new Dictionary<string, int>();
        for (var node = 1; node <= _nodes; node++)
        {
            var edges = Enumerable.Range(0, node).Select(edge => Shares(RowOf(alphas, new Op.HighwayMix($"node{node}").Row(edge), MixtureFunctions.Count))).ToList();
            var from = Enumerable.Range(0, node).MaxBy(edge => edges[edge].Skip(1).Max());
            values[InputName(node)] = from;
            values[FunctionName(node)] = Enumerable.Range(0, Function.Options.Length).MaxBy(function => edges[from][1 + function]);
        }

        return FromValues(values);

        static double[] Shares(double[] row)
        {
            var exponentials = row.Select(value => Math.Exp(value - row.Max())).ToList();
            return [.. exponentials.Select(value => value / exponentials.Sum())];
        }
    }

    private protected override Func<int, RecurrentCell> Cell(IChoices choices)
    {
        var cell = Read(choices);
        return features => cell.Build(features, Network, node => $"node{node}", _ => "linear");
    }

    protected override Dictionary<string, int> ParseDecisions(string text)
    {
        var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length != _nodes)
        {
            throw NotAGenotype($"'{text}' has {words.Length} nodes, the space has {_nodes}");
        }

        var values = new Dictionary<string, int>();
        for (var node = 1; node <= _nodes; node++)
        {
            if (words[node - 1].Split('@') is not [var function, var place])
            {
                throw NotAGenotype($"node {node}, '{words[node - 1]}', is not a function and a node joined by @");
            }

            values[InputName(node)] = int.TryParse(place, NumberStyles.None, CultureInfo.InvariantCulture, out var from) && from < node
                ? from
                : throw NotAGenotype($"node {node}, '{words[node - 1]}', must read a node from 0 to {node - 1}, and '{place}' is none");
            values[FunctionName(node)] = Function.Options.IndexOf(function) is >= 0 and var option
                ? option
                : throw NotAGenotype($"node {node}, '{words[node - 1]}', has the function '{function}', which is not one of {string.Join(", ", Function.Options)}");
        }

        return values;
    }

    private static string InputName(int node) => $"node{node}/input";

    private static string FunctionName(int node) => $"node{node}/function";

    private HighwayCell Read(IChoices choices)
    {
        var nodes = ImmutableArray.CreateBuilder<HighwayNode>(_nodes);
        for (var node = 1; node <= _nodes; node++)
        {
            var from = choices.Choose(InputName(node), _inputs[node - 1]);
            nodes.Add(new(from, Function.Options[choices.Choose(FunctionName(node), Function)]));
        }

        var all = Enumerable.Range(1, _nodes);
        return new(Start, nodes.ToImmutable(), [.. _isMeanOfAll ? all : all.Except(nodes.Select(node => node.From))]);
    }
}
