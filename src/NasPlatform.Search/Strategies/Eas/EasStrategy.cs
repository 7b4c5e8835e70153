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
/// Numbers are the released code's: a reward is tan(accuracy·π/2), less a baseline that starts at 0 and is moved by the batch's mean before it is subtracted, and keeps little of itself. A layer at the widest
/// level, and a block that is full, are not decided about.
/// </remarks>
public sealed class EasStrategy : EditingStrategy
{
    private readonly int _batch;
    private readonly int _widerSteps;
    private readonly int _deeperSteps;
    private readonly double _entropyWeight;
    private readonly EasActors<float>? _actors;
    private readonly Baseline _baseline;

    /// <param name="space">One of EAS's; of another one only the settings can be told.</param>
    /// <param name="settings">
    /// <c>start</c> (the start network, a text of the space or a published name: <c>start</c>), <c>batch</c> (10, networks an update), <c>wider</c> (4, steps that widen; 10 for dense networks), <c>deeper</c> (5,
    /// steps that each put a layer in), <c>units</c> (50, of the encoder in each direction), <c>embedding</c> (16), <c>learning_rate</c> (0.002), <c>entropy</c> (0.00001, weight of an entropy bonus),
    /// <c>decay</c> (0.05, what the baseline keeps of itself).
    /// </param>
    /// <param name="random">The strategy's stream.</param>
    public EasStrategy(SearchSpace space, Settings settings, RandomSource random)
        : base(space, random)
    {
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
        if (!HasSpace)
        {
            return;
        }

        Prepare(start);
        var kernels = Space.Blocks.Max(block => block.Kernels);
        int[] options = [Space.Blocks.Length, Space.Blocks.Max(block => block.MostLayers), .. kernels > 1 ? [kernels] : Array.Empty<int>()];
        _actors = new(Words, units, embedding, options, random.Split("init"));
        Train(_actors.Parameters, learningRate);
    }

    public override string Name => "eas";

    public override IReadOnlyDictionary<string, string> Settings { get; }

    private protected override int Batch => _batch;

    private protected override string Deed => "widens and deepens";

    private EasActors<float> Actors => _actors ?? throw new InvalidOperationException("The space was not demanded.");

    /// <summary>What an accuracy is worth: tan(accuracy·π/2), so that the last steps to 1 count most. 0 to 1,000, where the released code is infinite at 1.</summary>
    public static double Reward(double accuracy) => Math.Min(1000, Math.Tan(Math.Clamp(accuracy, 0, 1) * Math.PI / 2));

    /// <summary>The start, of every other trial.</summary>
    public override int? ParentOf(int number) => number == StartTrial ? null : StartTrial;

    private protected override void Take(Proposal proposal, Evaluation.Evaluation evaluation) => Show("reward", Reward(evaluation.Score));

    private protected override void Learn(IReadOnlyList<(Proposal Proposal, Evaluation.Evaluation Evaluation)> batch)
    {
        var advantages = _baseline.Advantages([.. batch.Select(trial => Reward(trial.Evaluation.Score))]);
        Show("entropy", Reinforce(batch, advantages, -_entropyWeight / (_batch * (_widerSteps + _deeperSteps))));
        Show("baseline", _baseline.Value!.Value); // not null: a batch has moved it
        Adam.Step();
    }

    /// <summary>Lets the actors grow the start network.</summary>
    private protected override Genotype Made(int number, Func<Score, Score>? ofScore)
    {
        var random = Random.Split("proposal", number);
        var grown = Start;
        for (var step = 0; step < _widerSteps + _deeperSteps; step++)
        {
            Actors.Read(Tokens(grown));
            var after = step < _widerSteps ? Widened(grown, random) : Deepened(grown, random);
            if (after is not null)
            {
                if (ofScore is not null)
                {
                    Actors.Backward(ofScore(Actors.Score()));
                }

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
}
