using NasPlatform.Search.Spaces;
using NasPlatform.Search.Strategies.Controllers;

namespace NasPlatform.Search.Strategies.Reinforce;

/// <summary>
/// An LSTM controller trained by policy gradient. REINFORCE (Zoph &amp; Le 2017, §3.2, §4.1): its weights move along (1/m)·Σ_k ∇log P(a_k)·(R_k − b), with R the cubed best validation accuracy of the last
/// five epochs, Adam at 0.0006 and b a moving average of earlier rewards. Or proximal policy optimisation (Schulman et al. 2017), as NASNet has it (Zoph et al. 2018, appendix A): a batch moves the
/// weights several times, as long as no architecture has become much likelier or unlikelier than it was. Recorded decisions are scored, never drawn again.
/// </summary>
/// <remarks>
/// The baseline's conventions, which sources differ in: subtracted before the batch is averaged in; first value the first reward; <c>decay</c> is
/// the weight of the old value. Its size is not printed in Zoph &amp; Le 2017; 0.95 is NASNet's. Of PPO, NASNet's paper prints neither the clip range nor the moves of a batch; an architecture is one action here, so
/// the ratio is that of whole architectures' probabilities. The presets of ENAS are its released code's numbers; its controller's wiring (no biases, anchors' states fed on, Adam without momentum) is not this one's.
/// </remarks>
public sealed class ReinforceStrategy : Strategy
{
    /// <summary>Architectures that are scored at once, which bounds the memory of a large batch.</summary>
    private const int MostAtOnce = 64;

    // What the papers have, by setting; what is not here is as in the first.
    private static readonly Dictionary<string, Preset> Presets = new()
    {
        ["nas-rl"] = new("reinforce", "cubed", Batch: 1, Units: 35, Layers: 2, LearningRate: 0.0006, Init: 0.08, Decay: 0.95),
        ["nasnet"] = new("ppo", "accuracy", Batch: 20, Units: 100, Layers: 1, LearningRate: 0.00035, Init: 0.1, Decay: 0.95, Entropy: 0.00001),
        ["enas-macro"] = new("reinforce", "accuracy", Batch: 20, Units: 64, Layers: 1, LearningRate: 0.001, Init: 0.1, Decay: 0.99, Entropy: 0.0001, Cap: 1.5, SkipWeight: 0.8),
        ["enas-micro"] = new("reinforce", "accuracy", Batch: 10, Units: 64, Layers: 1, LearningRate: 0.0035, Init: 0.1, Decay: 0.99, Entropy: 0.0001, Cap: 1.1),
        ["enas-rnn"] = new("reinforce", "accuracy", Batch: 10, Units: 64, Layers: 1, LearningRate: 0.00005, Init: 0.1, Decay: 0.999, Entropy: 0.00001, Temperature: 5, Cap: 2.25),
    };

    private readonly SearchSpace _space;
    private readonly RandomSource _random;
    private readonly int _batch;
    private readonly int _moves;
    private readonly double _clip;
    private readonly bool _cubes;
    private readonly double _decay;
    private readonly double _entropyWeight;
    private readonly double _skipWeight;
    private readonly Controller<float> _controller;
    private readonly Adam<float> _adam;
    private readonly List<(Genotype Genotype, double Reward)> _pending = [];
    private readonly Dictionary<string, double> _diagnostics = [];
    private double? _baseline;

    /// <param name="settings">
    /// <c>preset</c> (<c>nas-rl</c>, <c>nasnet</c>, <c>enas-macro</c>, <c>enas-micro</c>, <c>enas-rnn</c>: the paper's values of the others, which are given here for the first), <c>algorithm</c>
    /// (<c>reinforce</c> or <c>ppo</c>), <c>reward</c> (<c>cubed</c>: the best score of the last five epochs, cubed; <c>accuracy</c>: the score), <c>batch</c> (m, trials an update, 1; the paper's replicas
    /// gather 8), <c>units</c> (35), <c>layers</c> (2), <c>learning_rate</c> (0.0006), <c>init</c> (0.08), <c>decay</c> (0.95), <c>entropy</c> (weight of an entropy bonus, 0), <c>temperature</c> (what logits are
    /// divided by, 1), <c>cap</c> (c of c·tanh, 0 for none), <c>skip_target</c> (0.4) and <c>skip_weight</c> (0) of the penalty on connections, <c>clip</c> (0.2) and <c>moves</c> (4) of PPO.
    /// </param>
    public ReinforceStrategy(SearchSpace space, Settings settings, RandomSource random)
    {
        _space = space;
        _random = random;
        var preset = Presets[settings.Word("preset", "nas-rl", [.. Presets.Keys])];
        var proximal = settings.Word("algorithm", preset.Algorithm, "reinforce", "ppo") == "ppo";
        _cubes = settings.Word("reward", preset.Reward, "cubed", "accuracy") == "cubed";
        _batch = settings.Whole("batch", preset.Batch, 1, 10_000);
        var units = settings.Whole("units", preset.Units, 1, 4096);
        var layers = settings.Whole("layers", preset.Layers, 1, 8);
        var learningRate = settings.Real("learning_rate", preset.LearningRate, 0, 1);
        var range = settings.Real("init", preset.Init, 0, 1);
        _decay = settings.Real("decay", preset.Decay, 0, 1);
        _entropyWeight = settings.Real("entropy", preset.Entropy, 0, 100);
        var temperature = settings.Real("temperature", preset.Temperature, 1e-3, 1e3);
        var cap = settings.Real("cap", preset.Cap, 0, 1e3);
        var target = settings.Real("skip_target", 0.4, 1e-6, 1 - 1e-6);
        _skipWeight = settings.Real("skip_weight", preset.SkipWeight, 0, 100);
        _clip = settings.Real("clip", 0.2, 0, 1);
        _moves = settings.Whole("moves", 4, 1, 1000);
        _moves = proximal ? _moves : 1;
        settings.RefuseUnknown();
        Settings = settings.Effective;

        _controller = new(space, random.Split("init"), units, layers, range, new(temperature == 1 ? null : temperature, cap == 0 ? null : cap, _skipWeight == 0 ? null : target));
        _adam = new(_controller.Parameters, learningRate);
    }

    public override string Name => "reinforce";

    public override IReadOnlyDictionary<string, string> Settings { get; }

    public override IReadOnlyDictionary<string, double> Diagnostics => _diagnostics;

    /// <summary>The best score of the last five epochs, an accuracy in the paper, cubed (Zoph &amp; Le 2017, §4.1).</summary>
    public static double CubedReward(Evaluation.Evaluation evaluation) => Math.Pow(evaluation.BestOfLastFive, 3);

    public override Genotype Propose(int number) => _controller.Sample(_space.At(number), _random.Split("proposal", number));

    public override void Observe(Genotype genotype, Evaluation.Evaluation evaluation)
    {
        var reward = _cubes ? CubedReward(evaluation) : evaluation.Score;
        _diagnostics["reward"] = reward;
        _pending.Add((genotype, reward));
        if (_pending.Count == _batch)
        {
            Update();
            _pending.Clear();
        }
    }

    private void Update()
    {
        var baseline = _baseline ?? _pending[0].Reward;
        var before = new double[_batch]; // log probabilities before the first move
        for (var move = 0; move < _moves; move++)
        {
            var (entropy, first) = (0.0, 0);
            foreach (var scored in _pending.Chunk(MostAtOnce))
            {
                var scores = _controller.Score([.. scored.Select(trial => (_space.Holding(trial.Genotype.ToDictionary()), trial.Genotype))]);
                entropy += scores.Sum(score => score.Entropy);
                var ofScores = new Score[scores.Length];
                for (var place = 0; place < scores.Length; place++)
                {
                    before[first + place] = move == 0 ? scores[place].LogProbability : before[first + place];
                    var weight = Weight(scored[place].Reward - baseline, scores[place].LogProbability - before[first + place]);
                    ofScores[place] = new(-weight / _batch, -_entropyWeight / _batch, _skipWeight / _batch);
                }

                _controller.Backward(ofScores);
                first += scored.Length;
            }

            _adam.Step();
            _diagnostics["entropy"] = entropy / _batch;
        }

        foreach (var (_, reward) in _pending)
        {
            baseline = (_decay * baseline) + ((1 - _decay) * reward);
        }

        _baseline = baseline;
        _diagnostics["baseline"] = baseline;
    }

    /// <summary>What an architecture's log probability is moved by: its advantage, by PPO times the ratio of its probabilities, and nothing where that has gone far enough. At the first move both are the same.</summary>
    private double Weight(double advantage, double logRatio)
    {
        var ratio = Math.Exp(logRatio);
        return (advantage > 0 && ratio > 1 + _clip) || (advantage < 0 && ratio < 1 - _clip) ? 0 : advantage * ratio;
    }

    private sealed record Preset(
        string Algorithm, string Reward, int Batch, int Units, int Layers, double LearningRate, double Init, double Decay, double Entropy = 0, double Temperature = 1, double Cap = 0, double SkipWeight = 0);
}
