using NasPlatform.Search.Spaces;
using NasPlatform.Search.Training;
using NasPlatform.Search.Training.Bilevel;
using NasPlatform.Search.Training.Supernets;

namespace NasPlatform.Search.Strategies.Darts;

/// <summary>
/// DARTS (Liu, Simonyan &amp; Yang 2019, arXiv 1806.09055, §2): every choice becomes a mixture of its options, weighed by the softmax of architecture parameters. Those are trained on one half of the training
/// split and the weights on the other, in turns, a step each; the architecture that the parameters stand for at the end is the one that is tried.
/// </summary>
/// <remarks>
/// The defaults are the released code's. Its best of four searches by validation is four experiments with different seeds here. For recurrent cells that code trains the architecture parameters on the validation
/// text; here they have the last tenth of the training text. Its penalty on states that move fast and its windows of half the length, one in twenty, are not here.
/// </remarks>
public sealed class DartsStrategy : OneShotStrategy
{
    private static readonly BilevelOptions Recurrent = new()
    {
        LearningRate = 20,
        Momentum = 0,
        WeightDecay = 5e-7,
        GradientClip = 0.25,
        ClipsUnrolled = true,
        AlphaLearningRate = 3e-3,
        AlphaBetas = (0.9, 0.999),
        AlphaWeightDecay = 1e-3,
    };

    private readonly DartsOptions _options;

    /// <param name="settings">
    /// <c>preset</c> (the released code's numbers: <c>darts</c> for images, <c>darts-rnn</c> for recurrent cells, in brackets below), <c>order</c> (<c>second</c> or <c>first</c>), <c>epochs</c> (50), <c>batch</c> (64; 256), <c>share</c> (of the training split for the weights, 0.5; 0.9), <c>learning_rate</c> (0.025; 20), <c>last_learning_rate</c>
    /// (0.001; 20), <c>momentum</c> (0.9; 0), <c>weight_decay</c> (0.0003; 5·10⁻⁷), <c>clip</c> (5; 0.25), <c>clip_unrolled</c> (<c>no</c>; <c>yes</c>), <c>alpha_learning_rate</c> (0.0003; 0.003), <c>alpha_beta1</c>
    /// (0.5; 0.9), <c>alpha_weight_decay</c> (0.001).
    /// </param>
    public DartsStrategy(Settings settings)
    {
        var isRecurrent = settings.Word("preset", "darts", "darts", "darts-rnn") == "darts-rnn";
        var paper = isRecurrent ? Recurrent : new();
        var order = settings.Word("order", "second", "first", "second") == "first" ? GradientOrder.First : GradientOrder.Second;
        _options = new(
            settings.Whole("epochs", 50, 1, 10_000),
            settings.Whole("batch", isRecurrent ? 256 : 64, 2, 8192),
            settings.Real("share", isRecurrent ? 0.9 : 0.5, 0.01, 0.99),
            settings.Real("last_learning_rate", isRecurrent ? paper.LearningRate : 0.001, 0, 100),
            paper with
            {
                Order = order,
                LearningRate = settings.Real("learning_rate", paper.LearningRate, 1e-9, 100),
                Momentum = settings.Real("momentum", paper.Momentum, 0, 0.9999),
                WeightDecay = settings.Real("weight_decay", paper.WeightDecay, 0, 1),
                GradientClip = settings.Real("clip", paper.GradientClip, 1e-9, 1e6),
                ClipsUnrolled = settings.Word("clip_unrolled", paper.ClipsUnrolled ? "yes" : "no", "no", "yes") == "yes",
                AlphaLearningRate = settings.Real("alpha_learning_rate", paper.AlphaLearningRate, 1e-9, 100),
                AlphaBetas = (settings.Real("alpha_beta1", paper.AlphaBetas.First, 0, 0.9999), paper.AlphaBetas.Second),
                AlphaWeightDecay = settings.Real("alpha_weight_decay", paper.AlphaWeightDecay, 0, 1),
            });
        settings.RefuseUnknown();
        Settings = settings.Effective;
    }

    public override string Name => "darts";

    public override IReadOnlyDictionary<string, string> Settings { get; }

    public override int Epochs => _options.Epochs;

    public override void Demand(SearchSpace space) => Relaxation.Demand(space, Name);

    public override Supernet Begin(SupernetContext context) => new DartsSupernet(context, _options);
}
