using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Spaces.Eas;
using NasPlatform.Search.Strategies.Controllers;
using NasPlatform.Search.Strategies.Eas;
using NasPlatform.Search.Strategies.Reinforce;

namespace NasPlatform.Search.Strategies.Rena;

/// <summary>
/// RENA (Zhou, Ebrahimi, Arık et al., "Resource-Efficient Neural Architect" 2018, arXiv 1806.07912): a policy on a network's embedding scales, inserts and removes layers, and is paid by a reward engine of
/// accuracy, compute and time (<see cref="RewardEngine"/>). Predictors on the same embedding learn accuracy and resources from what was tried, and the policy learns from networks that are only imagined, too.
/// </summary>
/// <remarks>
/// Of the paper its parts and REINFORCE are verified, its internals are not: sizes and rates are EAS's; that a batch begins with the best network so far, that predictors and policy share Adam's settings
/// and how many networks are imagined is ours. Each trial is trained from scratch: what is narrower or shallower cannot compute the same. A prediction is the score less the first network's, and the
/// logarithm of each limited resource as a multiple of the first network's.
/// </remarks>
public sealed class RenaStrategy : EditingStrategy
{
    private readonly int _batch;
    private readonly int _actions;
    private readonly bool _movesOn;
    private readonly double _entropyWeight;
    private readonly int _recordedBatches;
    private readonly int _predictorSteps;
    private readonly int _imagined;
    private readonly RewardEngine _engine;
    private readonly Baseline _baseline;
    private readonly RenaPolicy<float>? _policy;
    private readonly Adam<float>? _predictorAdam;
    private readonly List<(List<int> Tokens, float[] Targets)> _known = [];
    private readonly List<double> _errors = [];
    private (double Score, double?[] Resources)? _reference;
    private (int Number, Genotype Genotype, double Reward)? _best;
    private (int Number, Genotype Genotype)? _parent;

    /// <param name="space">One of EAS's; of another one only the settings can be told.</param>
    /// <param name="settings">
    /// Of networks: <c>start</c> (the start network, a text of the space or a published name: <c>start</c>), <c>from</c> (<c>best</c>: a batch begins with the best network so far; <c>start</c>: with the start),
    /// <c>batch</c> (10, networks an update), <c>actions</c> (3, to each network). Of the policy: <c>units</c> (50), <c>embedding</c> (16), <c>learning_rate</c> (0.002), <c>entropy</c> (0.00001), <c>decay</c>
    /// (0.05, what the baseline keeps of itself). Of the predictors: <c>recorded</c> (0, trials of random edits that they learn from before the policy begins), <c>predictor_steps</c> (20, after each batch; 0
    /// for no predictors), <c>imagined</c> (10, networks of one more update, paid by what is predicted; 0 for none). Of the reward: see <see cref="RewardEngine.Of(Settings)"/>.
    /// </param>
    /// <param name="random">The strategy's stream.</param>
    public RenaStrategy(SearchSpace space, Settings settings, RandomSource random)
        : base(space, random)
    {
        var start = settings.Text("start", "start");
        _movesOn = settings.Word("from", "best", "best", "start") == "best";
        _batch = settings.Whole("batch", 10, 1, 10_000);
        _actions = settings.Whole("actions", 3, 1, 100);
        _engine = RewardEngine.Of(settings);
        var units = settings.Whole("units", 50, 1, 1024);
        var embedding = settings.Whole("embedding", 16, 1, 1024);
        var learningRate = settings.Real("learning_rate", 0.002, 0, 1);
        _entropyWeight = settings.Real("entropy", 0.00001, 0, 100);
        _baseline = new(BaselineRule.Before, settings.Real("decay", 0.05, 0, 1), start: 0);
        _recordedBatches = (settings.Whole("recorded", 0, 0, 1_000_000) + _batch - 1) / _batch;
        _predictorSteps = settings.Whole("predictor_steps", 20, 0, 100_000);
        _imagined = settings.Whole("imagined", _predictorSteps == 0 ? 0 : 10, 0, 10_000);
        settings.RefuseUnknown();
        if (_predictorSteps == 0 && (_imagined > 0 || _recordedBatches > 0))
        {
            throw new UserErrorException("Strategy 'rena': without predictors (predictor_steps=0) nothing can be imagined, and no trials need be recorded for them; set imagined=0 and recorded=0, or give predictor_steps.");
        }

        Settings = settings.Effective;
        if (!HasSpace)
        {
            return;
        }

        Prepare(start);
        var blocks = Space.Blocks;
        _policy = new(Words, units, embedding, blocks.Length, blocks.Max(block => block.MostLayers), blocks.Max(block => block.Kernels), 1 + _engine.Limits.Count, random.Split("init"));
        Train(_policy.OfPolicy, learningRate);
        _predictorAdam = new(_policy.OfPredictor, learningRate);
    }

    public override string Name => "rena";

    public override IReadOnlyDictionary<string, string> Settings { get; }

    private protected override int Batch => _batch;

    private protected override string Deed => "scales the layers of networks, inserts and removes some in";

    private RenaPolicy<float> Policy => _policy ?? throw new InvalidOperationException("The space was not demanded.");

    private (int Number, Genotype Genotype) Parent => _parent ?? (StartTrial, Start);

    public override int? ParentOf(int number) => number == StartTrial ? null : Parent.Number;

    private protected override void Take(Proposal proposal, Evaluation.Evaluation evaluation)
    {
        var reward = _engine.Of(evaluation);
        Show("reward", reward);
        Show("score_factor", _engine.OfScore(evaluation.Score));
        foreach (var limit in _engine.Limits)
        {
            Show($"{limit.Resource.Setting}_factor", _engine.Factor(limit, limit.Resource.Of(evaluation)));
        }

        if (_best is not { } best || (reward, -proposal.Number).CompareTo((best.Reward, -best.Number)) > 0)
        {
            _best = (proposal.Number, proposal.Genotype, reward);
        }

        if (proposal.Number == StartTrial)
        {
            _parent = (StartTrial, proposal.Genotype);
        }

        Record(proposal.Genotype, evaluation);
    }

    private protected override void Learn(IReadOnlyList<(Proposal Proposal, Evaluation.Evaluation Evaluation)> batch)
    {
        var isRecorded = Updates < _recordedBatches;
        if (!isRecorded)
        {
            var advantages = _baseline.Advantages([.. batch.Select(trial => _engine.Of(trial.Evaluation))]);
            Show("entropy", Reinforce(batch, advantages, -_entropyWeight / (batch.Count * _actions)));
            Show("baseline", _baseline.Value!.Value); // not null: a batch has moved it
            Adam.Step();
        }

        if (_movesOn && _best is { } best)
        {
            _parent = (best.Number, best.Genotype);
        }

        LearnToPredict(Random.Split("predictor", Updates));
        if (!isRecorded && _imagined > 0 && _known.Count > 1)
        {
            Imagine(Random.Split("imagined", Updates));
        }
    }

    private protected override Genotype Made(int number, Func<Score, Score>? ofScore)
    {
        var random = Random.Split("proposal", number);
        return BatchOf(number) < _recordedBatches ? AtRandom(random) : Edited(random, ofScore);
    }

    private Genotype AtRandom(RandomSource random)
    {
        var network = Parent.Genotype;
        for (var action = 0; action < _actions; action++)
        {
            EasEdit[] edits = [.. Space.Changes(network)];
            network = edits.Length == 0 ? network : Space.Apply(network, edits[random.Next(edits.Length)]);
        }

        return network;
    }

    private Genotype Edited(RandomSource random, Func<Score, Score>? ofScore)
    {
        var network = Parent.Genotype;
        for (var action = 0; action < _actions; action++)
        {
            var edits = Space.Changes(network).ToList();
            if (edits.Count == 0)
            {
                break;
            }

            Policy.Read(Tokens(network));
            var edit = Policy.Decide(edits, options => Draw(options, random));
            if (ofScore is not null)
            {
                Policy.Backward(ofScore(Policy.Score()));
            }

            network = Space.Apply(network, edit);
        }

        return network;
    }

    /// <summary>Keeps what the predictors can learn from a trial.</summary>
    private void Record(Genotype genotype, Evaluation.Evaluation evaluation)
    {
        var resources = _engine.Limits.Select(limit => limit.Resource.Of(evaluation)).ToArray();
        if (_predictorSteps == 0 || evaluation.Outcome != Outcome.Completed || resources.Any(value => value is null))
        {
            return;
        }

        var (score, first) = _reference ??= (evaluation.Score, resources);
        var tokens = Tokens(genotype);
        float[] targets = [(float)(evaluation.Score - score), .. resources.Zip(first, (value, other) => (float)Math.Log(value!.Value / other!.Value))]; // not null: see above
        Policy.Read(tokens);
        _errors.Add(Math.Abs(Policy.Predict()[0] - targets[0]));
        _known.Add((tokens, targets));
    }

    private void LearnToPredict(RandomSource random)
    {
        if (_known.Count == 0)
        {
            return;
        }

        // Of the trials of this batch, which the predictors had not seen.
        Show("predictor_error", _errors.Count == 0 ? 0 : _errors.Average());
        _errors.Clear();
        for (var step = 0; step < _predictorSteps; step++)
        {
            for (var place = 0; place < _batch; place++)
            {
                var (tokens, targets) = _known[random.Next(_known.Count)];
                Policy.Read(tokens);
                Policy.BackwardOfPredictions([.. Policy.Predict().Zip(targets, (predicted, target) => 2 * (predicted - target) / _batch)]);
            }

            _predictorAdam!.Step(); // not null: the space was demanded
        }
    }

    /// <summary>One more update of the policy, from networks that nobody trains: the predictors say what they would be paid.</summary>
    private void Imagine(RandomSource random)
    {
        var rewards = Enumerable.Range(0, _imagined).Select(place => Predicted(Edited(random.Split("network", place), null))).ToList();
        var mean = rewards.Average();
        Show("imagined_reward", mean);
        foreach (var (place, reward) in rewards.Index())
        {
            Edited(random.Split("network", place), _ => new((mean - reward) / _imagined, -_entropyWeight / (_imagined * _actions)));
        }

        Adam.Step();
    }

    private double Predicted(Genotype genotype)
    {
        var (score, resources) = _reference!.Value; // not null: something is known
        Policy.Read(Tokens(genotype));
        var predictions = Policy.Predict();
        return _engine.Of(
            Math.Clamp(score + predictions[0], 0, 1),
            limit => resources[PlaceOf(limit)] * Math.Exp(Math.Clamp(predictions[1 + PlaceOf(limit)], -20, 20)));

        int PlaceOf(ResourceLimit limit) => _engine.Limits.Index().First(other => other.Item == limit).Index;
    }
}
