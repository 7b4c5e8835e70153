using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Strategies.Controllers;

namespace NasPlatform.Search.Strategies.Reinforce;

/// <summary>
/// An LSTM controller trained by policy gradient. REINFORCE (Zoph &amp; Le 2017, §3.2, §4.1): its weights move along (1/m)·Σ_k ∇log P(a_k)·(R_k − b), with R the cubed best validation accuracy of the last
/// five epochs, Adam at 0.0006 and b a moving average of earlier rewards. Or proximal policy optimisation (Schulman et al. 2017), as NASNet has it (Zoph et al. 2018, appendix A): a batch moves the
/// weights several times, as long as no architecture has become much likelier or unlikelier than it was. Recorded decisions are scored, never drawn again.
/// </summary>
/// <remarks>
/// The baseline's <c>decay</c> is the weight of the old value. Its size is not printed in Zoph &amp; Le 2017, nor when it is moved; 0.95 is NASNet's. AutoDL Design's (PaddlePaddle, released code): its loss joins
/// those of ids and bits, which is the log probability of all decisions, times the cubed advantage; the code draws decisions anew where it should score the recorded ones, here it does not. Of PPO, NASNet's paper prints neither the clip range nor the moves of a batch; an architecture is one action here, so
/// the ratio is that of whole architectures' probabilities. The presets of ENAS are its released code's numbers and its controllers' wiring. The macro code pays for −p·log p
/// of what was drawn in place of the entropy, and its Adam adds ε before the second moment is corrected, which is not done here; a text's reward is 1 / perplexity here, 80 times that there.
/// </remarks>
public sealed class ReinforceStrategy : Strategy
{
    /// <summary>Architectures that are scored at once, which bounds the memory of a large batch.</summary>
    private const int MostAtOnce = 64;

    /// <summary>Architectures that are drawn to see what the policy thinks.</summary>
    private const int Draws = 64;

    // What the papers have, by setting; what is not here is as in the first.
    private static readonly Dictionary<string, Preset> Presets = new()
    {
        ["nas-rl"] = new("reinforce", "cubed", Batch: 1, Units: 35, Layers: 2, LearningRate: 0.0006, Init: 0.08, Decay: 0.95),
        ["nas-rl-replicas"] = new("reinforce", "cubed", Batch: 8, Units: 35, Layers: 2, LearningRate: 0.0006, Init: 0.08, Decay: 0.95) { Replicas = 100 },
        ["nas-rl-ptb"] = new("reinforce", "cubed", Batch: 1, Units: 35, Layers: 2, LearningRate: 0.0005, Init: 0.08, Decay: 0.95) { Replicas = 400, Accumulate = 10 },
        ["nasnet"] = new("ppo", "accuracy", Batch: 20, Units: 100, Layers: 1, LearningRate: 0.00035, Init: 0.1, Decay: 0.95, Entropy: 0.00001),
        ["enas-macro"] = new("reinforce", "accuracy", Batch: 20, Units: 64, Layers: 1, LearningRate: 0.001, Init: 0.1, Decay: 0.99, Entropy: 0.0001, Cap: 1.5, SkipWeight: 0.8)
        {
            Policy = "enas-macro",
            Baseline = "each",
            PaysEntropy = true,
            Beta1 = 0,
            Epsilon = 0.001,
        },
        ["enas-micro"] = new("reinforce", "accuracy", Batch: 10, Units: 64, Layers: 1, LearningRate: 0.0035, Init: 0.1, Decay: 0.99, Entropy: 0.0001, Cap: 1.1)
        {
            Policy = "enas-micro",
            Baseline = "each",
            PaysEntropy = true,
            Beta1 = 0,
            Epsilon = 0.001,
        },
        ["autodl-design"] = new("reinforce", "accuracy", Batch: 10, Units: 64, Layers: 2, LearningRate: 0.001, Init: 0.1, Decay: 0.9, Temperature: 5, Cap: 2.5)
        {
            Policy = "generator",
            Baseline = "before",
            Advantage = "cubed",
        },
        ["enas-rnn"] = new("reinforce", "accuracy", Batch: 10, Units: 64, Layers: 1, LearningRate: 0.00005, Init: 0.01, Decay: 0.999, Entropy: 0.00001, Temperature: 5, Cap: 2.25)
        {
            Policy = "enas-rnn",
            Baseline = "each",
            PaysEntropy = true,
        },
    };

    private readonly SearchSpace _space;
    private readonly RandomSource _random;
    private readonly int _batch;
    private readonly int _moves;
    private readonly double _clip;
    private readonly bool _cubes;
    private readonly bool _cubesAdvantage;
    private readonly bool _paysEntropy;
    private readonly double _entropyWeight;
    private readonly double _skipWeight;
    private readonly Policy<float> _policy;
    private int _told;
    private readonly Baseline _baseline;
    private readonly Adam<float> _adam;
    private readonly int _accumulated;
    private readonly Replicas? _replicas;
    private readonly List<RewardedGenotype> _pending = [];
    private readonly Dictionary<string, double> _diagnostics = [];
    private int _gradients;

    /// <param name="settings">
    /// <c>preset</c> (<c>nas-rl</c>, <c>nas-rl-replicas</c>, <c>nas-rl-ptb</c>, <c>nasnet</c>, <c>enas-macro</c>, <c>enas-micro</c>, <c>enas-rnn</c>, <c>autodl-design</c>: the paper's values of the others, which are given here for the first),
    /// <c>policy</c> (<c>controller</c>, which serves every space, <c>generator</c>, AutoDL Design's, or <c>enas-macro</c>, <c>enas-micro</c>, <c>enas-rnn</c>, which are ENAS's), <c>algorithm</c> (<c>reinforce</c> or <c>ppo</c>), <c>reward</c> (<c>cubed</c>: the best score of the last five epochs, cubed; <c>accuracy</c>: the score), <c>batch</c> (m, trials a gradient, 1), <c>replicas</c> (K that draw
    /// and wait for m each, see <see cref="Reinforce.Replicas"/>; 0: the policy moves as trials end, and nothing waits), <c>accumulate</c> (gradients an update, 1), <c>units</c> (35), <c>layers</c> (2), <c>learning_rate</c> (0.0006), <c>init</c> (0.08), <c>decay</c> (0.95), <c>baseline</c> (<c>after</c>: moved by a batch when it was subtracted from it, <c>before</c>: by the batch's mean before that, <c>each</c>:
    /// by each reward before that), <c>advantage</c> (<c>plain</c>: the reward less the baseline, <c>cubed</c>: that cubed), <c>entropy</c> (weight of an entropy bonus, 0), <c>entropy_as</c>
    /// (<c>gradient</c>: of the mean entropy of a decision; <c>reward</c>: the sum of all is paid, and no gradient goes through it), <c>temperature</c> (what logits are
    /// divided by, 1), <c>cap</c> (c of c·tanh, 0 for none), <c>skip_target</c> (0.4) and <c>skip_weight</c> (0) of the penalty on connections, <c>conv_bias</c> (where the learned
    /// biases of convolutions start in ENAS's micro controller, 1; the released code has 10, which tanh makes immovable), <c>beta1</c> (0.9) and <c>epsilon</c> (1e-8) of Adam, <c>clip</c> (0.2) and <c>moves</c> (4) of PPO.
    /// </param>
    public ReinforceStrategy(SearchSpace space, Settings settings, RandomSource random)
    {
        _space = space;
        _random = random;
        var preset = Presets[settings.Word("preset", "nas-rl", [.. Presets.Keys])];
        var policy = settings.Word("policy", preset.Policy, [.. PolicyCatalog.Names]);
        var proximal = settings.Word("algorithm", preset.Algorithm, "reinforce", "ppo") == "ppo";
        _cubes = settings.Word("reward", preset.Reward, "cubed", "accuracy") == "cubed";
        _batch = settings.Whole("batch", preset.Batch, 1, 10_000);
        var replicas = settings.Whole("replicas", preset.Replicas, 0, 10_000);
        _accumulated = settings.Whole("accumulate", preset.Accumulate, 1, 1000);
        var units = settings.Whole("units", preset.Units, 1, 4096);
        var layers = settings.Whole("layers", preset.Layers, 1, 8);
        var learningRate = settings.Real("learning_rate", preset.LearningRate, 0, 1);
        var range = settings.Real("init", preset.Init, 0, 1);
        var decay = settings.Real("decay", preset.Decay, 0, 1);
        _baseline = new(Enum.Parse<BaselineRule>(settings.Word("baseline", preset.Baseline, "after", "before", "each"), ignoreCase: true), decay);
        _cubesAdvantage = settings.Word("advantage", preset.Advantage, "plain", "cubed") == "cubed";
        _entropyWeight = settings.Real("entropy", preset.Entropy, 0, 100);
        _paysEntropy = settings.Word("entropy_as", preset.PaysEntropy ? "reward" : "gradient", "gradient", "reward") == "reward";
        var temperature = settings.Real("temperature", preset.Temperature, 1e-3, 1e3);
        var cap = settings.Real("cap", preset.Cap, 0, 1e3);
        var target = settings.Real("skip_target", 0.4, 1e-6, 1 - 1e-6);
        _skipWeight = settings.Real("skip_weight", preset.SkipWeight, 0, 100);
        var convolutionBias = settings.Real("conv_bias", 1, -100, 100);
        var beta1 = settings.Real("beta1", preset.Beta1, 0, 0.9999);
        var epsilon = settings.Real("epsilon", preset.Epsilon, 1e-12, 1);
        _clip = settings.Real("clip", 0.2, 0, 1);
        _moves = settings.Whole("moves", 4, 1, 1000);
        _moves = proximal ? _moves : 1;
        settings.RefuseUnknown();
        if (proximal && (replicas > 0 || _accumulated > 1))
        {
            throw new UserErrorException("Strategy 'reinforce': algorithm=ppo moves the policy several times by one batch, where replicas send one gradient and gradients are accumulated; take algorithm=reinforce, or replicas=0 and accumulate=1.");
        }

        Settings = settings.Effective;

        var shaping = new Shaping(temperature == 1 ? null : temperature, cap == 0 ? null : cap, _skipWeight == 0 ? null : target);
        _policy = PolicyCatalog.Create(policy, new(space, random.Split("init"), units, layers, range, shaping, convolutionBias));
        _adam = new(_policy.Parameters, learningRate, beta1, epsilon);
        _replicas = replicas == 0 ? null : new(replicas, _batch, _policy);
    }

    public override string Name => "reinforce";

    public override IReadOnlyDictionary<string, string> Settings { get; }

    public override IReadOnlyDictionary<string, double> Diagnostics => _diagnostics;

    /// <summary>The best score of the last five epochs, an accuracy in the paper, cubed (Zoph &amp; Le 2017, §4.1).</summary>
    public static double CubedReward(Evaluation.Evaluation evaluation) => Math.Pow(evaluation.BestOfLastFive, 3);

    public override bool IsReadyFor(int number) => _replicas?.IsReadyFor(number) ?? true;

    public override Genotype Propose(int number)
    {
        return _replicas?.Draw(number, Draw) ?? Draw();

        Genotype Draw() => _policy.Sample(_space.At(number), _random.Split("proposal", number));
    }

    public override Explanation Explain() => new() { Policy = _policy.Beliefs(_space.At(_told + 1), _random.Split("explanation"), Draws) };

    public override void Observe(Proposal proposal, Evaluation.Evaluation evaluation)
    {
        _told = proposal.Number;
        var reward = _cubes ? CubedReward(evaluation) : evaluation.Score;
        _diagnostics["reward"] = reward;
        var trial = new RewardedGenotype(proposal.Genotype, reward);
        if (_replicas is not null)
        {
            if (_replicas.Add(proposal.Number, trial) is { } batch)
            {
                var advantages = Advantages(batch);
                _diagnostics["staleness"] = _replicas.Complete(proposal.Number, () => AddGradient(batch, advantages), Move);
            }

            return;
        }

        _pending.Add(trial);
        if (_pending.Count == _batch)
        {
            Update();
            _pending.Clear();
        }
    }

    private void Update()
    {
        var advantages = Advantages(_pending);
        var before = AddGradient(_pending, advantages);
        Move();
        for (var move = 1; move < _moves; move++)
        {
            AddGradient(_pending, advantages, before);
            Move();
        }
    }

    private double[] Advantages(IReadOnlyList<RewardedGenotype> batch)
    {
        var advantages = _baseline.Advantages([.. batch.Chunk(MostAtOnce).SelectMany(Rewards)]);
        _diagnostics["baseline"] = _baseline.Value!.Value; // not null: a batch has moved it
        return _cubesAdvantage ? Array.ConvertAll(advantages, advantage => advantage * advantage * advantage) : advantages;
    }

    // With what is paid for entropy, as the policy is now.
    private IEnumerable<double> Rewards(RewardedGenotype[] trials) => _paysEntropy
        ? trials.Zip(Scored(trials), (trial, score) => trial.Reward + (_entropyWeight * score.Entropy * trial.Genotype.Decisions.Length))
        : trials.Select(trial => trial.Reward);

    private Score[] Scored(RewardedGenotype[] trials) => _policy.Score([.. trials.Select(trial => (_space.Holding(trial.Genotype.ToDictionary()), trial.Genotype))]);

    /// <summary>Adds the gradient of a batch, scored by the policy as it is, to what is there.</summary>
    /// <param name="batch">Scored in parts, if it is large.</param>
    /// <param name="advantages">Of each of the batch.</param>
    /// <param name="before">Log probabilities before the first move; null if this is for the first.</param>
    /// <returns>Log probabilities now.</returns>
    private double[] AddGradient(IReadOnlyList<RewardedGenotype> batch, double[] advantages, double[]? before = null)
    {
        var logProbabilities = new double[batch.Count];
        var (entropy, first) = (0.0, 0);
        var share = 1.0 / (_batch * _accumulated);
        foreach (var scored in batch.Chunk(MostAtOnce))
        {
            var scores = Scored(scored);
            entropy += scores.Sum(score => score.Entropy);
            var ofScores = new Score[scores.Length];
            for (var place = 0; place < scores.Length; place++)
            {
                var now = logProbabilities[first + place] = scores[place].LogProbability;
                var weight = Weight(advantages[first + place], before is null ? 0 : now - before[first + place]);
                ofScores[place] = new(-weight * share, _paysEntropy ? 0 : -_entropyWeight * share, _skipWeight * share);
            }

            _policy.Backward(ofScores);
            first += scored.Length;
        }

        _diagnostics["entropy"] = entropy / batch.Count;
        return logProbabilities;
    }

    // Every so many gradients are one move.
    private void Move()
    {
        if (++_gradients % _accumulated == 0)
        {
            _adam.Step();
        }
    }

    /// <summary>What an architecture's log probability is moved by: its advantage, by PPO times the ratio of its probabilities, and nothing where that has gone far enough. At the first move both are the same.</summary>
    private double Weight(double advantage, double logRatio)
    {
        var ratio = Math.Exp(logRatio);
        return (advantage > 0 && ratio > 1 + _clip) || (advantage < 0 && ratio < 1 - _clip) ? 0 : advantage * ratio;
    }

    private sealed record Preset(
        string Algorithm, string Reward, int Batch, int Units, int Layers, double LearningRate, double Init, double Decay, double Entropy = 0, double Temperature = 1, double Cap = 0, double SkipWeight = 0)
    {
        public string Policy { get; init; } = "controller";

        public bool PaysEntropy { get; init; }

        public double Beta1 { get; init; } = 0.9;

        public double Epsilon { get; init; } = 1e-8;

        public int Replicas { get; init; }

        public int Accumulate { get; init; } = 1;

        public string Baseline { get; init; } = "after";

        public string Advantage { get; init; } = "plain";
    }
}
