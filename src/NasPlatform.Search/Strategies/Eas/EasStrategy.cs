using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Spaces.Eas;
using NasPlatform.Search.Strategies.Controllers;
using NasPlatform.Search.Strategies.Reinforce;

namespace NasPlatform.Search.Strategies.Eas;

/// <summary>
/// Efficient architecture search by network transformation (Cai et al. 2018, arXiv 1707.04873): the first trial is the start network, trained from scratch; every other one is made of it by some steps in which
/// layers are widened and some in which a layer is put in, as the actors say (<see cref="EasActors{T}"/>), and begins with its weights, transformed so that it computes the same
/// (<see cref="EasSpace.Transform"/>). The actors learn by REINFORCE from batches of networks.
/// </summary>
/// <remarks>
/// Numbers are the released code's: a reward is tan(accuracy·π/2), less a baseline that starts at 0 and is moved by the batch's mean before it is subtracted, and keeps little of itself; log probabilities
/// are summed over steps and averaged over the batch. A layer at the widest level, and a block that is full, are not decided about. What was decided on the way to a network is drawn again from the same
/// policy when its batch is learnt from, so that trials told again are enough to go on.
/// </remarks>
public sealed class EasStrategy : Strategy
{
    /// <summary>The trial from which the others inherit their weights.</summary>
    public const int StartTrial = 1;

    private readonly EasSpace? _space;
    private readonly RandomSource _random;
    private readonly int _batch;
    private readonly int _widerSteps;
    private readonly int _deeperSteps;
    private readonly double _entropyWeight;
    private readonly Genotype? _start;
    private readonly EasActors<float>? _actors;
    private readonly Dictionary<string, int> _vocabulary = [];
    private readonly Adam<float>? _adam;
    private readonly Baseline _baseline;
    private readonly SortedDictionary<int, RewardedGenotype> _pending = [];
    private readonly Dictionary<string, double> _diagnostics = [];
    private bool _isStarted;
    private int _updates;

    /// <param name="space">One of EAS's; of another one only the settings can be told.</param>
    /// <param name="settings">
    /// <c>start</c> (the start network, a text of the space or a published name: <c>start</c>), <c>batch</c> (10, networks an update), <c>wider</c> (4, steps that widen; 10 for dense networks), <c>deeper</c> (5,
    /// steps that each put a layer in), <c>units</c> (50, of the encoder in each direction), <c>embedding</c> (16), <c>learning_rate</c> (0.002), <c>entropy</c> (0.00001, weight of an entropy bonus),
    /// <c>decay</c> (0.05, what the baseline keeps of itself).
    /// </param>
    /// <param name="random">The strategy's stream.</param>
    public EasStrategy(SearchSpace space, Settings settings, RandomSource random)
    {
        _space = space as EasSpace;
        _random = random;
        var start = settings.Text("start", "start");
        _batch = settings.Whole("batch", 10, 1, 10_000);
        _widerSteps = settings.Whole("wider", 4, 0, 100);
        _deeperSteps = settings.Whole("deeper", 5, 0, 100);
        var units = settings.Whole("units", 50, 1, 1024);
        var embedding = settings.Whole("embedding", 16, 1, 1024);
        var learningRate = settings.Real("learning_rate", 0.002, 0, 1);
        _entropyWeight = settings.Real("entropy", 0.00001, 0, 100);
        _baseline = new(BaselineRule.Before, settings.Real("decay", 0.05, 0, 1), start: 0);
        settings.RefuseUnknown();
        Settings = settings.Effective;
        if (_space is null)
        {
            return;
        }

        _start = _space.Find(start);
        foreach (var block in _space.Blocks)
        {
            foreach (var word in from width in Enumerable.Range(0, block.Width.Options.Length) from kernel in Enumerable.Range(0, block.Kernels) select Word(block, new(width, kernel)))
            {
                _vocabulary.TryAdd(word, _vocabulary.Count);
            }
        }

        _vocabulary.Add("pool", _vocabulary.Count);
        var kernels = _space.Blocks.Max(block => block.Kernels);
        int[] options = [_space.Blocks.Length, _space.Blocks.Max(block => block.MostLayers), .. kernels > 1 ? [kernels] : Array.Empty<int>()];
        _actors = new(_vocabulary.Count, units, embedding, options, random.Split("init"));
        _adam = new(_actors.Parameters, learningRate);
    }

    public override string Name => "eas";

    public override IReadOnlyDictionary<string, string> Settings { get; }

    public override IReadOnlyDictionary<string, double> Diagnostics => _diagnostics;

    private EasSpace Space => _space ?? throw new InvalidOperationException("The space was not demanded.");

    private EasActors<float> Actors => _actors ?? throw new InvalidOperationException("The space was not demanded.");

    /// <summary>What an accuracy is worth: tan(accuracy·π/2), so that the last steps to 1 count most. 0 to 1,000, where the released code is infinite at 1.</summary>
    public static double Reward(double accuracy) => Math.Min(1000, Math.Tan(Math.Clamp(accuracy, 0, 1) * Math.PI / 2));

    public override void Demand(SearchSpace space)
    {
        if (space is not EasSpace)
        {
            var known = SearchSpaceCatalog.Names.Where(name => SearchSpaceCatalog.Create(name) is EasSpace);
            throw new UserErrorException($"Strategy 'eas' widens and deepens networks, which those of space '{space.Name}' cannot be; take one of {string.Join(", ", known)}.");
        }
    }

    public override bool HasParents => true;

    /// <summary>The start, of every other trial.</summary>
    public override int? ParentOf(int number) => number == StartTrial ? null : StartTrial;

    public override bool IsReadyFor(int number) => number == StartTrial || (_isStarted && BatchOf(number) == _updates);

    public override Genotype Propose(int number) => number == StartTrial ? _start! : Grown(number, (_, _) => { }); // not null: the space was demanded

    public override void Observe(Proposal proposal, Evaluation.Evaluation evaluation)
    {
        var reward = Reward(evaluation.Score);
        _diagnostics["reward"] = reward;
        if (proposal.Number == StartTrial)
        {
            _isStarted = true;
            return;
        }

        _pending.Add(proposal.Number, new(proposal.Genotype, reward));
        if (_pending.Count == _batch)
        {
            Learn();
            _pending.Clear();
            _updates++;
        }
    }

    private static string Word(EasBlock block, EasLayer layer) => $"{block.Word}{block.Width.Options[layer.Width]}{(block.Kernel is { } sides ? $"-{sides.Options[layer.Kernel]}" : "")}";

    private static int Draw(ReadOnlySpan<float> logProbabilities, RandomSource random)
    {
        var rest = random.NextDouble();
        for (var option = 0; option < logProbabilities.Length - 1; option++)
        {
            rest -= Math.Exp(logProbabilities[option]);
            if (rest < 0)
            {
                return option;
            }
        }

        return logProbabilities.Length - 1;
    }

    private int BatchOf(int number) => (number - StartTrial - 1) / _batch;

    private void Learn()
    {
        var advantages = _baseline.Advantages([.. _pending.Values.Select(trial => trial.Reward)]);
        var steps = _widerSteps + _deeperSteps;
        var (entropy, scored) = (0.0, 0);
        foreach (var ((number, trial), advantage) in _pending.Zip(advantages))
        {
            var grown = Grown(number, (score, actors) =>
            {
                entropy += score.Entropy;
                scored++;
                actors.Backward(new(-advantage / _batch, -_entropyWeight / (_batch * steps)));
            });
            if (!grown.Equals(trial.Genotype))
            {
                throw new InvalidOperationException($"Trial {number} was told as '{Space.Format(trial.Genotype)}', and '{Space.Format(grown)}' was proposed.");
            }
        }

        _adam!.Step(); // not null: the space was demanded
        _diagnostics["entropy"] = entropy / Math.Max(1, scored);
        _diagnostics["baseline"] = _baseline.Value!.Value; // not null: a batch has moved it
    }

    /// <summary>Lets the actors grow the start network; the same for a number as long as they have not learnt.</summary>
    /// <param name="decided">Told what each step decided.</param>
    private Genotype Grown(int number, Action<Score, EasActors<float>> decided)
    {
        var random = _random.Split("proposal", number);
        var grown = _start!; // not null: the space was demanded
        for (var step = 0; step < _widerSteps + _deeperSteps; step++)
        {
            Actors.Read(Tokens(grown));
            var after = step < _widerSteps ? Widened(grown, random) : Deepened(grown, random);
            if (after is not null)
            {
                decided(Actors.Score(), Actors);
                grown = after;
            }
        }

        return grown;
    }

    private Genotype? Widened(Genotype genotype, RandomSource random)
    {
        var edits = new List<EasEdit>();
        var (token, isDecided) = (0, false);
        foreach (var (number, layers) in Space.Layers(genotype).Index())
        {
            foreach (var (place, layer) in layers.Index())
            {
                if (layer.Width < Space.Blocks[number].Widest)
                {
                    isDecided = true;
                    edits.AddRange(Actors.Widen(token, options => Draw(options, random)) ? [new EasEdit.Wider(number, place)] : []);
                }

                token++;
            }

            token++; // what stands between blocks
        }

        return isDecided ? edits.Aggregate(genotype, Space.Apply) : null;
    }

    private Genotype? Deepened(Genotype genotype, RandomSource random)
    {
        var layers = Space.Layers(genotype);
        var decided = Actors.Deepen([.. layers.Select(block => block.Length)], block => Space.Blocks[block].Kernels > 1, options => Draw(options, random));
        var edit = new EasEdit.Deeper(decided[0], decided[1], decided.ElementAtOrDefault(2));
        return Space.Edits(genotype).Contains(edit) ? Space.Apply(genotype, edit) : null;
    }

    private List<int> Tokens(Genotype genotype)
    {
        var tokens = new List<int>();
        foreach (var (number, layers) in Space.Layers(genotype).Index())
        {
            tokens.AddRange(number == 0 ? [] : [_vocabulary["pool"]]);
            tokens.AddRange(layers.Select(layer => _vocabulary[Word(Space.Blocks[number], layer)]));
        }

        return tokens;
    }
}
