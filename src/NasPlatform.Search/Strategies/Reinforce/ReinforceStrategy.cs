using NasPlatform.Search.Spaces;
using NasPlatform.Search.Strategies.Controllers;

namespace NasPlatform.Search.Strategies.Reinforce;

/// <summary>
/// REINFORCE (Zoph &amp; Le 2017, §3.2, §4.1): the controller's weights move along (1/m)·Σ_k ∇log P(a_k)·(R_k − b), with R the cubed best
/// validation accuracy of the last five epochs, Adam at 0.0006 and b a moving average of earlier rewards. Recorded
/// decisions are scored, never drawn again.
/// </summary>
/// <remarks>
/// The baseline's conventions, which sources differ in: subtracted before the batch is averaged in; first value the first reward; <c>decay</c> is
/// the weight of the old value. Its size is not printed in the paper; 0.95 is NASNet's.
/// </remarks>
public sealed class ReinforceStrategy : Strategy
{
    /// <summary>Architectures that are scored at once, which bounds the memory of a large batch.</summary>
    private const int MostAtOnce = 64;

    private readonly SearchSpace _space;
    private readonly RandomSource _random;
    private readonly int _batch;
    private readonly double _decay;
    private readonly double _entropyWeight;
    private readonly Controller<float> _controller;
    private readonly Adam<float> _adam;
    private readonly List<(Genotype Genotype, double Reward)> _pending = [];
    private readonly Dictionary<string, double> _diagnostics = [];
    private double? _baseline;

    /// <param name="settings">
    /// <c>batch</c> (m, trials an update, 1; the paper's replicas gather 8), <c>units</c> (35), <c>layers</c> (2), <c>learning_rate</c> (0.0006),
    /// <c>init</c> (0.08), <c>decay</c> (0.95), <c>entropy</c> (weight of an entropy bonus, 0: the paper has none).
    /// </param>
    public ReinforceStrategy(SearchSpace space, Settings settings, RandomSource random)
    {
        _space = space;
        _random = random;
        _batch = settings.Whole("batch", 1, 1, 10_000);
        var units = settings.Whole("units", 35, 1, 4096);
        var layers = settings.Whole("layers", 2, 1, 8);
        var learningRate = settings.Real("learning_rate", 0.0006, 0, 1);
        var range = settings.Real("init", 0.08, 0, 1);
        _decay = settings.Real("decay", 0.95, 0, 1);
        _entropyWeight = settings.Real("entropy", 0, 0, 100);
        settings.RefuseUnknown();
        Settings = settings.Effective;

        _controller = new(space, random.Split("init"), units, layers, range);
        _adam = new(_controller.Parameters, learningRate);
    }

    public override string Name => "reinforce";

    public override IReadOnlyDictionary<string, string> Settings { get; }

    public override IReadOnlyDictionary<string, double> Diagnostics => _diagnostics;

    /// <summary>The best score of the last five epochs, an accuracy in the paper, cubed (Zoph &amp; Le 2017, §4.1).</summary>
    public static double Reward(Evaluation.Evaluation evaluation) => Math.Pow(evaluation.BestOfLastFive, 3);

    public override Genotype Propose(int number) => _controller.Sample(_space.At(number), _random.Split("proposal", number));

    public override void Observe(Genotype genotype, Evaluation.Evaluation evaluation)
    {
        var reward = Reward(evaluation);
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
        var entropy = 0.0;
        foreach (var scored in _pending.Chunk(MostAtOnce))
        {
            var scores = _controller.Score([.. scored.Select(trial => (_space.Holding(trial.Genotype.ToDictionary()), trial.Genotype))]);
            entropy += scores.Sum(score => score.Entropy);
            _controller.Backward([.. scored.Select(trial => new Score((baseline - trial.Reward) / _batch, -_entropyWeight / _batch))]);
        }

        _adam.Step();
        foreach (var (_, reward) in _pending)
        {
            baseline = (_decay * baseline) + ((1 - _decay) * reward);
        }

        _baseline = baseline;
        _diagnostics["baseline"] = baseline;
        _diagnostics["entropy"] = entropy / _batch;
    }
}
