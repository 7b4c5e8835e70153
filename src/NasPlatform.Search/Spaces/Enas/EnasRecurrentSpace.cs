using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces.Recurrent;

namespace NasPlatform.Search.Spaces.Enas;

/// <summary>
/// The recurrent space of ENAS (Pham, Guan, Zoph, Le &amp; Dean 2018, arXiv 1802.03268, §2.1): a cell of N nodes. Node 1 is a function of what the step is given and the state; each later node picks an
/// earlier one and a function; the state after is the mean of the nodes that nobody reads. Nodes have the form of <see cref="HighwayCell"/>, as in the released code.
/// </summary>
/// <remarks>
/// Weights are shared by name: each ordered pair of nodes has one matrix for gate and value. The released code of the search has one for each function too, and normalises a node's values and the
/// output over the batch; its final network does neither. Its output layer has no bias. <c>variant=google-research</c> is the authors' corrected code (google-research/google-research, enas_lm): node 1 is a tanh always, and the
/// mean is that of all later nodes. That code numbers the functions tanh, relu, sigmoid, identity, and the first one tanh, relu, identity, sigmoid.
/// </remarks>
public sealed class EnasRecurrentSpace : RecurrentSpace
{
    private const int PaperNodes = 12;

    private static readonly RecurrentNetwork Search = new() { Hidden = 720, DropWords = 0.25, DropX = 0.75, DropH = 0.25, DropOutput = 0.75 };
    private static readonly RecurrentNetwork CorrectedSearch = new() { Hidden = 200, DropWords = 0.1, DropInput = 0.2, DropX = 0.75, DropH = 0.25, DropOutput = 0.75 };

    private readonly int _nodes;
    private readonly bool _isCorrected;
    private readonly Choice _function;
    private readonly Choice[] _inputs;

    /// <param name="settings">
    /// <c>nodes</c> (N, 12), <c>variant</c> (<c>paper</c>, or <c>google-research</c>), <c>network</c> (<c>search</c> or <c>final</c>), <c>hidden</c> (720 in the search, 748 in the final network;
    /// 200 and 800 in google-research's), <c>embedding</c> (as <c>hidden</c>, so that the output is tied to it), <c>layers</c> (1), <c>drop_words</c> (0.25 and 0.21; 0.1 and 0.125), <c>drop_input</c>
    /// (0; 0.2 and 0.175), <c>drop_x</c> (0.75; 0.725 in the final network of google-research), <c>drop_h</c> (0.25; 0.225 there), <c>drop_output</c> (0.75 and 0.76; 0.75): see <see cref="RecurrentNetwork"/>.
    /// </param>
    public EnasRecurrentSpace(Settings settings)
    {
        _nodes = settings.Whole("nodes", PaperNodes, 2, 24);
        _isCorrected = settings.Word("variant", "paper", "paper", "google-research") == "google-research";
        Network = RecurrentNetwork.Read(settings, PaperNetworks.Search, PaperNetworks.Final);
        settings.RefuseUnknown();
        Settings = settings.Effective;
        _function = new("function", _isCorrected ? ["tanh", "relu", "sigmoid", "identity"] : ["tanh", "relu", "identity", "sigmoid"]);
        _inputs = [.. Enumerable.Range(2, _nodes - 1).Select(node => new Choice($"input_of_{node}", [.. Enumerable.Range(1, node - 1).Select(place => $"{place}")]) { IsOfPlaces = true })];
    }

    public override string Name => "enas-rnn";

    public override string Summary => "A recurrent cell of twelve nodes, one earlier node and one of four functions each (Pham et al. 2018, ENAS)";

    public override IReadOnlyDictionary<string, string> Settings { get; }

    public override string TextForm =>
        $"the released code's arc: {(_isCorrected ? "" : "the function of node 1, then ")}for each later node the one that it reads (0 for node 1, 1 for node 2, ...) and its function's number "
        + $"({string.Join(", ", _function.Options.Select((function, number) => $"{number} {function}"))}), {Numbers} in all, such as '{(_isCorrected ? "0 0 1 1" : "0 0 0 1 1")}' for three nodes";

    public override IReadOnlyList<SpacePreset> Presets =>
    [
        new("paper-search", "the network of the released code's search: states of 720 numbers", new Dictionary<string, string> { ["hidden"] = "720" }),
        new("paper-final", "the network of the released code's final training: states of 748 numbers", new Dictionary<string, string> { ["network"] = "final" }),
        new("google-research", "the authors' corrected search: nine nodes after a first one, the mean of all nine, states of 200 numbers", new Dictionary<string, string> { ["variant"] = "google-research", ["nodes"] = "10" }),
        new("google-research-final", "the final network of the corrected code: states of 800 numbers", new Dictionary<string, string> { ["variant"] = "google-research", ["nodes"] = "10", ["network"] = "final" }),
        new("small", "states of 64 numbers, no dropout, for two CPU cores", RecurrentNetwork.Small),
    ];

    public override IReadOnlyDictionary<string, string> Published => _nodes != PaperNodes || _isCorrected
        ? new Dictionary<string, string>()
        : new Dictionary<string, string> { ["ENAS-PTB"] = "0 0 0 1 1 2 1 2 0 2 0 5 1 1 0 6 1 8 1 8 1 8 1" };

    /// <summary>The paper counts 4^N·N!, as if node n picked among n others.</summary>
    public override string PrintedSize
    {
        get
        {
            var printed = Enumerable.Range(1, _nodes).Aggregate(BigInteger.Pow(4, _nodes), (product, node) => product * node);
            return string.Create(CultureInfo.InvariantCulture, $"4^N·N! = {printed:N0} for N = {_nodes}");
        }
    }

    private int Numbers => (2 * _nodes) - (_isCorrected ? 2 : 1);

    private protected override RecurrentNetwork Network { get; }

    private protected override (RecurrentNetwork Search, RecurrentNetwork Final) PaperNetworks => _isCorrected
        ? (CorrectedSearch, new() { Hidden = 800, DropWords = 0.125, DropInput = 0.175, DropX = 0.725, DropH = 0.225, DropOutput = 0.75 })
        : (Search, new() { Hidden = 748, DropWords = 0.21, DropX = 0.75, DropH = 0.25, DropOutput = 0.76 });

    public override string Format(Genotype genotype)
    {
        var cell = Read(Replay(genotype.ToDictionary()));
        var later = cell.Nodes.Select(node => $"{node.From} {_function.Options.IndexOf(node.Function)}");
        return string.Join(' ', _isCorrected ? later : later.Prepend($"{_function.Options.IndexOf(cell.Start)}"));
    }

    public override IReadOnlyList<Sketch> Sketches(Genotype genotype) => [Read(Replay(genotype.ToDictionary())).Draw(place => $"node {place + 1}")];

    public override bool SharesByName => true;

    private protected override Func<int, RecurrentCell> Cell(IChoices choices)
    {
        var cell = Read(choices);
        return features => cell.Build(features, Network, place => $"node{place + 1}", node => $"from{node.From + 1}");
    }

    protected override Dictionary<string, int> ParseDecisions(string text)
    {
        var arc = new EnasArc(text, Numbers, reason => NotAGenotype($"{reason} for {_nodes} nodes"));
        var values = new Dictionary<string, int>();
        if (!_isCorrected)
        {
            values[FunctionName(1)] = arc.Next(_function.Options.Length, "the function of node 1");
        }

        for (var node = 2; node <= _nodes; node++)
        {
            values[InputName(node)] = arc.Next(node - 1, $"what node {node} reads");
            values[FunctionName(node)] = arc.Next(_function.Options.Length, $"the function of node {node}");
        }

        return values;
    }

    private static string InputName(int node) => $"node{node}/input";

    private static string FunctionName(int node) => $"node{node}/function";

    // Asks as the paper's controller does: the function of node 1, then for each later node what it reads and its function.
    private HighwayCell Read(IChoices choices)
    {
        var first = _isCorrected ? "tanh" : _function.Options[choices.Choose(FunctionName(1), _function)];
        var nodes = ImmutableArray.CreateBuilder<HighwayNode>(_nodes - 1);
        for (var node = 2; node <= _nodes; node++)
        {
            var from = choices.Choose(InputName(node), _inputs[node - 2]);
            nodes.Add(new(from, _function.Options[choices.Choose(FunctionName(node), _function)]));
        }

        return new(first, nodes.ToImmutable(), [.. _isCorrected ? Enumerable.Range(1, _nodes - 1) : EnasArc.LooseEnds(_nodes, nodes.Select(node => node.From))]);
    }
}
