using NasPlatform.Search.Experiments;

namespace NasPlatform.Tests.Support;

/// <summary>Experiments of one-shot strategies on <see cref="TinyDataset"/> whose supernets train in a second or two.</summary>
public static class TinySupernet
{
    /// <summary>An experiment of a one-shot strategy, three epochs of its supernet.</summary>
    public static ExperimentSpec Of(string strategy) => strategy switch
    {
        "darts" => Darts(),
        "enas" => Enas(),
        "proxylessnas" => Proxyless(),
        _ => throw new ArgumentOutOfRangeException(nameof(strategy), strategy, "It has no experiment here yet."),
    };

    /// <summary>The smallest space of DARTS: three cells of one node, two channels.</summary>
    public static ExperimentSpec Darts(ulong seed = 1, params (string Name, string Value)[] settings) => new()
    {
        Dataset = "textures",
        Space = "darts",
        SpaceSettings = new Dictionary<string, string> { ["cells"] = "3", ["channels"] = "2", ["nodes"] = "1" },
        Strategy = "darts",
        StrategySettings = With(new() { ["order"] = "first", ["epochs"] = "3", ["batch"] = "32", ["alpha_learning_rate"] = "0.1" }, settings),
        Budget = new(Trials: 1),
        Fidelity = new(Fraction: 0.5),
        FinalEpochs = 0,
        Training = new() { BatchSize = 32 },
        Seed = seed,
    };

    /// <summary>DARTS on the text of <see cref="TaskDatasets"/>: a cell of two nodes.</summary>
    public static ExperimentSpec DartsRecurrent(ulong seed = 1, params (string Name, string Value)[] settings) => Darts(seed) with
    {
        Dataset = "small",
        Space = "darts-rnn",
        SpaceSettings = new Dictionary<string, string> { ["nodes"] = "2", ["hidden"] = "8", ["drop_x"] = "0.1", ["drop_h"] = "0.1", ["drop_output"] = "0.1" },
        StrategySettings = With(new() { ["preset"] = "darts-rnn", ["epochs"] = "3", ["batch"] = "8", ["learning_rate"] = "2", ["alpha_learning_rate"] = "0.1" }, settings),
        Fidelity = new(),
    };

    /// <summary>The micro space of ENAS with one node a cell and two channels, and as short turns as can be.</summary>
    public static ExperimentSpec Enas(ulong seed = 1, params (string Name, string Value)[] settings) => Darts(seed) with
    {
        Space = "enas-micro",
        SpaceSettings = new Dictionary<string, string> { ["nodes"] = "3", ["cells"] = "1", ["channels"] = "2" },
        Strategy = "enas",
        StrategySettings = With(
            new() { ["epochs"] = "3", ["batch"] = "32", ["updates"] = "2", ["samples"] = "3", ["controller_learning_rate"] = "0.01", ["units"] = "8", ["candidates"] = "6", ["tried"] = "2" }, settings),
        Budget = new(Trials: 2),
    };

    /// <summary>ENAS on the text of <see cref="TaskDatasets"/>: a cell of three nodes.</summary>
    public static ExperimentSpec EnasRecurrent(ulong seed = 1) => Enas(seed) with
    {
        Dataset = "small",
        Space = "enas-rnn",
        SpaceSettings = new Dictionary<string, string> { ["nodes"] = "3", ["hidden"] = "8", ["drop_x"] = "0.1", ["drop_h"] = "0.1", ["drop_output"] = "0.1" },
        StrategySettings = With(Enas(seed).StrategySettings.ToDictionary(), [("preset", "enas-rnn"), ("batch", "8"), ("learning_rate", "2")]),
        Fidelity = new(),
    };

    /// <summary>The space of ProxylessNAS at a tenth of its width, two blocks a stage: some can be left out.</summary>
    public static ExperimentSpec Proxyless(ulong seed = 1, params (string Name, string Value)[] settings) => Darts(seed) with
    {
        Space = "mobile",
        SpaceSettings = new Dictionary<string, string> { ["width"] = "0.1", ["cells"] = "2" },
        Strategy = "proxylessnas",
        StrategySettings = With(new() { ["warmup"] = "1", ["epochs"] = "2", ["batch"] = "16", ["every"] = "2", ["alpha_learning_rate"] = "0.1" }, settings),
    };

    private static Dictionary<string, string> With(Dictionary<string, string> usual, (string Name, string Value)[] others)
    {
        foreach (var (name, value) in others)
        {
            usual[name] = value;
        }

        return usual;
    }
}
