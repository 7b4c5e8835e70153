using NasPlatform.Search.Spaces;
using NasPlatform.Search.Training;
using NasPlatform.Search.Training.Bilevel;
using NasPlatform.Search.Training.Supernets;

namespace NasPlatform.Search.Strategies.Darts;

/// <summary>
/// DARTS (Liu, Simonyan &amp; Yang 2019, arXiv 1806.09055, §2): every choice becomes a mixture of its options, weighed by the softmax of architecture parameters. Those are trained on one half of the training
/// split and the weights on the other, in turns, a step each; the architecture that the parameters stand for at the end is the one that is tried.
/// </summary>
/// <remarks>The defaults are the released code's. Its best of four searches by validation is four experiments with different seeds here.</remarks>
public sealed class DartsStrategy : OneShotStrategy
{
    private readonly DartsOptions _options;

    /// <param name="settings">
    /// <c>order</c> (<c>second</c> or <c>first</c>), <c>epochs</c> (50), <c>batch</c> (64), <c>share</c> (of the training split for the weights, 0.5), <c>learning_rate</c> (0.025), <c>last_learning_rate</c>
    /// (0.001), <c>momentum</c> (0.9), <c>weight_decay</c> (0.0003), <c>clip</c> (5), <c>alpha_learning_rate</c> (0.0003), <c>alpha_beta1</c> (0.5), <c>alpha_weight_decay</c> (0.001).
    /// </param>
    public DartsStrategy(Settings settings)
    {
        var paper = new BilevelOptions();
        var order = settings.Word("order", "second", "first", "second") == "first" ? GradientOrder.First : GradientOrder.Second;
        _options = new(
            settings.Whole("epochs", 50, 1, 10_000),
            settings.Whole("batch", 64, 2, 8192),
            settings.Real("share", 0.5, 0.01, 0.99),
            settings.Real("last_learning_rate", 0.001, 0, 100),
            paper with
            {
                Order = order,
                LearningRate = settings.Real("learning_rate", paper.LearningRate, 1e-9, 100),
                Momentum = settings.Real("momentum", paper.Momentum, 0, 0.9999),
                WeightDecay = settings.Real("weight_decay", paper.WeightDecay, 0, 1),
                GradientClip = settings.Real("clip", paper.GradientClip, 1e-9, 1e6),
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
