using NasPlatform.Search.Spaces;
using NasPlatform.Search.Training.Supernets;

namespace NasPlatform.Search.Strategies.Proxyless;

/// <summary>
/// ProxylessNAS (Cai, Zhu &amp; Han 2019, arXiv 1812.00332, §3): of each mixture one path is run at a time, drawn by the softmax of its architecture parameters. The weights learn on the training split; the
/// parameters on the validation split, by the gradient of binary gates of two paths, or by REINFORCE. What the network is expected to take on this machine's device may count, too.
/// </summary>
/// <remarks>
/// The defaults are the released code's. The weights' learning rate falls epoch by epoch. Where two paths are drawn the latency's gradient goes to those two, so that the other paths' probabilities stay as they
/// are. A block whose drawn path is <c>Zero</c> does not learn from that step, as in the code.
/// </remarks>
public sealed class ProxylessStrategy : OneShotStrategy
{
    private readonly ProxylessOptions _options;

    /// <param name="settings">
    /// <c>gradient</c> (<c>gates</c> or <c>reinforce</c>), <c>paths</c> (<c>two</c> or <c>all</c>), <c>latency</c> (<c>none</c>, <c>mul</c> or <c>add</c>), <c>target_ms</c> (0: what is expected at first),
    /// <c>warmup</c> (40), <c>epochs</c> (120), <c>batch</c> (256), <c>warmup_learning_rate</c> (0.05), <c>learning_rate</c> (0.025), <c>momentum</c> (0.9), <c>weight_decay</c> (0.00004), <c>label_smoothing</c>
    /// (0.1), <c>alpha_learning_rate</c> (0.001), <c>alpha_beta1</c> (0), <c>every</c> (5), <c>samples</c> (10).
    /// </param>
    public ProxylessStrategy(Settings settings)
    {
        var isReinforced = settings.Word("gradient", "gates", "gates", "reinforce") == "reinforce";
        var takesAll = settings.Word("paths", "two", "two", "all") == "all";
        var latency = settings.Word("latency", "none", "none", "mul", "add") switch { "mul" => LatencyForm.Multiply, "add" => LatencyForm.Add, _ => LatencyForm.None };
        var target = settings.Real("target_ms", 0, 0, 1e6);
        _options = new(
            settings.Whole("warmup", 40, 0, 10_000),
            settings.Whole("epochs", 120, 1, 10_000),
            settings.Whole("batch", 256, 2, 8192),
            settings.Real("warmup_learning_rate", 0.05, 1e-9, 100),
            settings.Real("learning_rate", 0.025, 1e-9, 100),
            settings.Real("momentum", 0.9, 0, 0.9999),
            settings.Real("weight_decay", 4e-5, 0, 1),
            settings.Real("label_smoothing", 0.1, 0, 0.99),
            settings.Real("alpha_learning_rate", 0.001, 1e-9, 100),
            settings.Real("alpha_beta1", 0, 0, 0.9999),
            settings.Whole("every", 5, 1, 100_000),
            takesAll,
            isReinforced,
            settings.Whole("samples", 10, 1, 1000),
            latency,
            target);
        settings.RefuseUnknown();
        Settings = settings.Effective;
    }

    public override string Name => "proxylessnas";

    public override IReadOnlyDictionary<string, string> Settings { get; }

    public override int Epochs => _options.WarmUp + _options.Epochs;

    public override void Demand(SearchSpace space) => Relaxation.Demand(space, Name, takesPaths: true);

    public override Supernet Begin(SupernetContext context) => new ProxylessSupernet(context, _options);
}
