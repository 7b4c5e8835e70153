using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Spaces.Eas;
using NasPlatform.Search.Strategies.Controllers;
using NasPlatform.Search.Strategies.Reinforce;

namespace NasPlatform.Search.Strategies.Eas;

/// <summary>
/// What EAS and RENA share: the first trial is a start network; every other one is made of an earlier one by a policy that reads a network's layers and edits them, and learns by REINFORCE from batches.
/// </summary>
/// <remarks>
/// Log probabilities are summed over the steps to a network and averaged over the batch, as in EAS's released code. What was decided on the way to a network is drawn again from the same policy when its
/// batch is learnt from, so that trials told again are enough to go on.
/// </remarks>
public abstract class EditingStrategy : Strategy
{
    /// <summary>The start network's.</summary>
    public const int StartTrial = 1;

    private readonly EasSpace? _space;
    private readonly RandomSource _random;
    private readonly Dictionary<string, int> _vocabulary = [];
    private readonly SortedDictionary<int, (Proposal Proposal, Evaluation.Evaluation Evaluation)> _pending = [];
    private readonly Dictionary<string, double> _diagnostics = [];
    private Genotype? _start;
    private Adam<float>? _adam;
    private bool _isStarted;

    private protected EditingStrategy(SearchSpace space, RandomSource random)
    {
        _space = space as EasSpace;
        _random = random;
    }

    public sealed override IReadOnlyDictionary<string, double> Diagnostics => _diagnostics;

    public sealed override bool HasParents => true;

    private protected bool HasSpace => _space is not null;

    private protected EasSpace Space => _space ?? throw new InvalidOperationException("The space was not demanded.");

    private protected Genotype Start => _start ?? throw new InvalidOperationException("The space was not demanded.");

    private protected Adam<float> Adam => _adam ?? throw new InvalidOperationException("The space was not demanded.");

    /// <summary>Words of the layers' vocabulary.</summary>
    private protected int Words => _vocabulary.Count;

    /// <summary>Networks an update.</summary>
    private protected abstract int Batch { get; }

    /// <summary>How many batches were learnt from.</summary>
    private protected int Updates { get; private set; }

    /// <summary>What it does to networks, for people: <c>widens and deepens</c>.</summary>
    private protected abstract string Deed { get; }

    private protected RandomSource Random => _random;

    public override void Demand(SearchSpace space)
    {
        if (space is not EasSpace)
        {
            var known = SearchSpaceCatalog.Names.Where(name => SearchSpaceCatalog.Create(name) is EasSpace);
            throw new UserErrorException($"Strategy '{Name}' {Deed} networks, which those of space '{space.Name}' cannot be; take one of {string.Join(", ", known)}.");
        }
    }

    public sealed override bool IsReadyFor(int number) => number == StartTrial || (_isStarted && BatchOf(number) == Updates);

    public sealed override Genotype Propose(int number) => number == StartTrial ? Start : Made(number, null);

    public sealed override void Observe(Proposal proposal, Evaluation.Evaluation evaluation)
    {
        Take(proposal, evaluation);
        if (proposal.Number == StartTrial)
        {
            _isStarted = true;
            return;
        }

        _pending.Add(proposal.Number, (proposal, evaluation));
        if (_pending.Count == Batch)
        {
            Learn([.. _pending.Values]);
            _pending.Clear();
            Updates++;
        }
    }

    /// <summary>Of the vocabulary's words there is one for every layer that a block can have, and one for what stands between blocks.</summary>
    /// <param name="start">The start network, a text of the space or a published name.</param>
    private protected void Prepare(string start)
    {
        _start = Space.Find(start);
        foreach (var block in Space.Blocks)
        {
            foreach (var word in from width in Enumerable.Range(0, block.Width.Options.Length) from kernel in Enumerable.Range(0, block.Kernels) select Word(block, new(width, kernel)))
            {
                _vocabulary.TryAdd(word, _vocabulary.Count);
            }
        }

        _vocabulary.Add("pool", _vocabulary.Count);
    }

    private protected void Train(IEnumerable<Parameter<float>> parameters, double learningRate) => _adam = new(parameters, learningRate);

    /// <summary>Takes in how a trial ended, before its batch is learnt from.</summary>
    private protected abstract void Take(Proposal proposal, Evaluation.Evaluation evaluation);

    /// <summary>Learns from a batch, in the order of the trials' numbers.</summary>
    private protected abstract void Learn(IReadOnlyList<(Proposal Proposal, Evaluation.Evaluation Evaluation)> batch);

    /// <summary>Makes a trial's network; the same for a number as long as the policy has not learnt.</summary>
    /// <param name="ofScore">Given what the decisions of each step scored, says the gradient to go back with; null for none.</param>
    private protected abstract Genotype Made(int number, Func<Score, Score>? ofScore);

    private protected void Show(string name, double value) => _diagnostics[name] = value;

    private protected int BatchOf(int number) => (number - StartTrial - 1) / Batch;

    /// <summary>Goes back through what was decided on the way to each network of a batch.</summary>
    /// <param name="batch">As told.</param>
    /// <param name="advantages">One each.</param>
    /// <param name="ofEntropy">The gradient of a step's mean entropy.</param>
    /// <returns>The mean entropy of a decision, in nats.</returns>
    /// <exception cref="InvalidOperationException">What was told is not what was proposed.</exception>
    private protected double Reinforce(IReadOnlyList<(Proposal Proposal, Evaluation.Evaluation Evaluation)> batch, double[] advantages, double ofEntropy)
    {
        var (entropy, scored) = (0.0, 0);
        foreach (var (place, (proposal, _)) in batch.Index())
        {
            var made = Made(proposal.Number, score =>
            {
                entropy += score.Entropy;
                scored++;
                return new(-advantages[place] / batch.Count, ofEntropy);
            });
            if (!made.Equals(proposal.Genotype))
            {
                throw new InvalidOperationException($"Trial {proposal.Number} was told as '{Space.Format(proposal.Genotype)}', and '{Space.Format(made)}' was proposed.");
            }
        }

        return entropy / Math.Max(1, scored);
    }

    /// <summary>A network's layers, by the places of their words in the vocabulary.</summary>
    private protected List<int> Tokens(Genotype genotype)
    {
        var tokens = new List<int>();
        foreach (var (number, layers) in Space.Layers(genotype).Index())
        {
            tokens.AddRange(number == 0 ? [] : [_vocabulary["pool"]]);
            tokens.AddRange(layers.Select(layer => _vocabulary[Word(Space.Blocks[number], layer)]));
        }

        return tokens;
    }

    private protected static int Draw(ReadOnlySpan<float> logProbabilities, RandomSource random)
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

    private static string Word(EasBlock block, EasLayer layer) => $"{block.Word}{block.Width.Options[layer.Width]}{(block.Kernel is { } sides ? $"-{sides.Options[layer.Kernel]}" : "")}";
}
