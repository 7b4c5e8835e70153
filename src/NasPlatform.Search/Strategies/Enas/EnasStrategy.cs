using NasPlatform.Search.Spaces;
using NasPlatform.Search.Strategies.Controllers;
using NasPlatform.Search.Training.Supernets;

namespace NasPlatform.Search.Strategies.Enas;

/// <summary>
/// ENAS (Pham, Guan, Zoph, Le &amp; Dean 2018, arXiv 1802.03268, §2.2): all architectures share one store of weights by name. In turns the weights learn for an epoch, each step those of one architecture drawn
/// from the controller (M = 1), and the controller learns by REINFORCE, paid by the accuracy of what it draws on one validation minibatch. At the end many are drawn, each is scored on one and the same
/// validation minibatch, and the best are tried.
/// </summary>
/// <remarks>
/// The numbers of the presets are the released code's (melodyguan/enas; google-research's enas_lm for recurrent cells). The entropy is paid for and no gradient goes through it. Of a text the
/// weights' steps carry the states over from window to window, though each is another architecture's, as that code does; a reward's minibatch begins with states of zeros.
/// </remarks>
public sealed class EnasStrategy : OneShotStrategy
{
    private static readonly Dictionary<string, EnasOptions> Presets = new()
    {
        ["enas-micro"] = new()
        {
            Epochs = 150,
            Batch = 160,
            LearningRate = 0.05,
            LastLearningRate = 0.0005,
            Period = 10,
            Momentum = 0.9,
            WeightDecay = 1e-4,
            DecaysAll = false,
            GradientClip = 0,
            ByBatchStatistics = true,
            Policy = "enas-micro",
            Updates = 30,
            Samples = 10,
            Units = 64,
            Layers = 1,
            Range = 0.1,
            ControllerLearningRate = 0.0035,
            Entropy = 1e-4,
            Decay = 0.99,
            SkipWeight = 0,
            Shaping = new(null, 1.1),
            Candidates = 100,
            Tried = 1,
        },
        ["enas-macro"] = new()
        {
            Epochs = 310,
            Batch = 128,
            LearningRate = 0.05,
            LastLearningRate = 0.0005,
            Period = 10,
            Momentum = 0.9,
            WeightDecay = 2.5e-4,
            DecaysAll = false,
            GradientClip = 0,
            ByBatchStatistics = false,
            Policy = "enas-macro",
            Updates = 50,
            Samples = 20,
            Units = 64,
            Layers = 1,
            Range = 0.1,
            ControllerLearningRate = 0.001,
            Entropy = 1e-4,
            Decay = 0.99,
            SkipWeight = 0.8,
            Shaping = new(null, 1.5),
            Candidates = 100,
            Tried = 1,
        },
        ["enas-rnn"] = new()
        {
            Epochs = 600,
            Batch = 128,
            LearningRate = 20,
            LastLearningRate = 20,
            Period = 0,
            Momentum = 0,
            WeightDecay = 8e-7,
            DecaysAll = false,
            GradientClip = 0.1,
            ByBatchStatistics = false,
            Policy = "enas-rnn",
            Updates = 25,
            Samples = 10,
            Units = 64,
            Layers = 1,
            Range = 0.01,
            ControllerLearningRate = 0.00005,
            Entropy = 1e-5,
            Decay = 0.999,
            SkipWeight = 0,
            Shaping = new(5, 2.25),
            Candidates = 100,
            Tried = 1,
        },
    };

    private readonly EnasOptions _options;
    private readonly RandomSource _random;

    /// <param name="settings">
    /// <c>preset</c> (<c>enas-micro</c>, <c>enas-macro</c> or <c>enas-rnn</c>: the code's values of the others, which are given here for the first), <c>epochs</c> (150), <c>batch</c> (160), <c>learning_rate</c>
    /// (0.05), <c>last_learning_rate</c> (0.0005), <c>period</c> (10), <c>momentum</c> (0.9), <c>weight_decay</c> (0.0001), <c>decay_all</c> (<c>no</c>), <c>clip</c> (0), <c>statistics</c> (<c>batch</c> or
    /// <c>moving</c>), <c>updates</c> (30), <c>samples</c> (10), <c>policy</c> (<c>enas-micro</c>, as for <c>reinforce</c>), <c>conv_bias</c> (1), <c>units</c> (64), <c>layers</c> (1), <c>init</c> (0.1), <c>controller_learning_rate</c> (0.0035), <c>entropy</c> (0.0001), <c>decay</c> (0.99),
    /// <c>temperature</c> (1), <c>cap</c> (1.1), <c>skip_target</c> (0.4), <c>skip_weight</c> (0), <c>candidates</c> (100), <c>tried</c> (1).
    /// </param>
    /// <param name="random">The strategy's stream.</param>
    public EnasStrategy(Settings settings, RandomSource random)
    {
        _random = random;
        var preset = Presets[settings.Word("preset", "enas-micro", [.. Presets.Keys])];
        var options = preset with
        {
            Epochs = settings.Whole("epochs", preset.Epochs, 1, 10_000),
            Batch = settings.Whole("batch", preset.Batch, 2, 8192),
            LearningRate = settings.Real("learning_rate", preset.LearningRate, 1e-9, 100),
            LastLearningRate = settings.Real("last_learning_rate", preset.LastLearningRate, 0, 100),
            Period = settings.Whole("period", preset.Period, 0, 10_000),
            Momentum = settings.Real("momentum", preset.Momentum, 0, 0.9999),
            WeightDecay = settings.Real("weight_decay", preset.WeightDecay, 0, 1),
            DecaysAll = settings.Word("decay_all", "no", "no", "yes") == "yes",
            GradientClip = settings.Real("clip", preset.GradientClip, 0, 1e6),
            ByBatchStatistics = settings.Word("statistics", preset.ByBatchStatistics ? "batch" : "moving", "batch", "moving") == "batch",
            Updates = settings.Whole("updates", preset.Updates, 0, 10_000),
            Samples = settings.Whole("samples", preset.Samples, 1, 1000),
            Policy = settings.Word("policy", preset.Policy, [.. PolicyCatalog.Names]),
            ConvolutionBias = settings.Real("conv_bias", preset.ConvolutionBias, -100, 100),
            Units = settings.Whole("units", preset.Units, 1, 4096),
            Layers = settings.Whole("layers", preset.Layers, 1, 8),
            Range = settings.Real("init", preset.Range, 0, 1),
            ControllerLearningRate = settings.Real("controller_learning_rate", preset.ControllerLearningRate, 0, 1),
            Entropy = settings.Real("entropy", preset.Entropy, 0, 100),
            Decay = settings.Real("decay", preset.Decay, 0, 1),
        };
        var temperature = settings.Real("temperature", preset.Shaping.Temperature ?? 1, 1e-3, 1e3);
        var cap = settings.Real("cap", preset.Shaping.Cap ?? 0, 0, 1e3);
        var target = settings.Real("skip_target", 0.4, 1e-6, 1 - 1e-6);
        var weight = settings.Real("skip_weight", preset.SkipWeight, 0, 100);
        _options = options with
        {
            SkipWeight = weight,
            Shaping = new(temperature == 1 ? null : temperature, cap == 0 ? null : cap, weight == 0 ? null : target),
            Candidates = settings.Whole("candidates", preset.Candidates, 1, 100_000),
            Tried = settings.Whole("tried", preset.Tried, 1, 1000),
        };
        settings.RefuseUnknown();
        Settings = settings.Effective;
        if (_options.Tried > _options.Candidates)
        {
            throw new UserErrorException($"Strategy 'enas': of {_options.Candidates} candidates {_options.Tried} cannot be tried; give more candidates, or fewer to try.");
        }
    }

    public override string Name => "enas";

    public override IReadOnlyDictionary<string, string> Settings { get; }

    public override int Epochs => _options.Epochs;

    public override int? MostProposals => _options.Tried;

    public override void Demand(SearchSpace space)
    {
        if (!space.SharesByName)
        {
            var others = SearchSpaceCatalog.Names.Where(name => SearchSpaceCatalog.Create(name).SharesByName);
            throw new UserErrorException(
                $"Strategy 'enas' trains networks that share their weights by name, and those of space '{space.Name}' do not at these settings; take one that does: {string.Join(", ", others)}.");
        }
    }

    public override Supernet Begin(SupernetContext context) => new EnasSupernet(context, _options, _random);
}
