using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.InteropServices;
using NasPlatform.Search.Spaces;

namespace NasPlatform.Search.Strategies.Controllers;

/// <summary>
/// A recurrent policy over a space's decisions: draws architectures, scores recorded ones by teacher forcing, and goes back from the gradients of the scores to those of its parameters. What it is fed at
/// which step, and what gives a decision's logits, is the wiring that each policy has of its own.
/// </summary>
/// <remarks>
/// Numbers are <c>float</c>, or <c>double</c> where gradients are checked. What was computed last is kept for the way back, in memory that is used again: for one thread. A row is a step of a sequence,
/// <c>step · batch + sequence</c>.
/// </remarks>
/// <param name="shaping">What is done to logits.</param>
internal abstract class Policy<T>(Shaping shaping)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    // What was walked last: what was decided, and the log probabilities of all that could have been.
    private readonly List<Made> _made = [];
    private readonly List<T> _logProbabilities = [];
    private readonly List<T> _shaped = []; // the logits that those came from, where they were shaped
    private int[] _decisions = [];
    private int[] _connectedPlaces = [];

    /// <summary>All that training changes.</summary>
    public abstract IReadOnlyList<Parameter<T>> Parameters { get; }

    /// <summary>Sequences that are walked side by side.</summary>
    protected int Batch { get; private set; }

    /// <summary>Steps that have been made.</summary>
    protected int Steps { get; private set; }

    /// <summary>Draws an architecture from the policy.</summary>
    public Genotype Sample(SearchSpace space, RandomSource random)
    {
        Start(batch: 1);
        var walk = Begin(0, (_, asked) =>
        {
            Reach(asked.Row + 1);
            return Draw(Decide(asked), random);
        });
        space.Decide(walk);
        return walk.Genotype;
    }

    /// <summary>What the policy thinks of each decision, as a mean over architectures that it draws, in the order in which they are asked.</summary>
    public IReadOnlyList<DecisionBelief> Beliefs(SearchSpace space, RandomSource random, int draws)
    {
        var places = new Dictionary<string, int>();
        var beliefs = new List<(Choice Choice, double[] Probabilities, double Entropy, int Asked)>();
        for (var draw = 0; draw < draws; draw++)
        {
            // The only sequence: what was made is in the order of its decisions.
            var genotype = Sample(space, random.Split("draw", draw));
            foreach (var (decision, made) in genotype.Decisions.Zip(_made))
            {
                if (places.TryAdd(decision.Name, beliefs.Count))
                {
                    beliefs.Add((decision.Choice, new double[decision.Choice.Options.Length], 0, 0));
                }

                var logProbabilities = LogProbabilities(made);
                var (choice, probabilities, entropy, asked) = beliefs[places[decision.Name]];
                for (var option = 0; option < probabilities.Length; option++)
                {
                    probabilities[option] += Math.Exp(Number(logProbabilities[option]));
                }

                beliefs[places[decision.Name]] = (choice, probabilities, entropy + Number(Softmax.Entropy<T>(logProbabilities)), asked + 1);
            }
        }

        return
        [
            .. from place in places
               orderby place.Value
               let belief = beliefs[place.Value]
               select new DecisionBelief(
                   place.Key, belief.Choice.Options, [.. belief.Probabilities.Select(sum => sum / belief.Asked)], belief.Entropy / belief.Asked, belief.Asked / (double)draws),
        ];
    }

    /// <summary>Scores an architecture's recorded decisions by teacher forcing: they are not drawn again.</summary>
    /// <exception cref="InvalidOperationException">The space asks for other decisions than were recorded.</exception>
    public Score Score(SearchSpace space, Genotype genotype) => Score([(space, genotype)])[0];

    /// <summary>Scores several architectures at once, each as its space asks.</summary>
    /// <exception cref="InvalidOperationException">A space asks for other decisions than were recorded.</exception>
    public Score[] Score(IReadOnlyList<(SearchSpace Space, Genotype Genotype)> recorded)
    {
        Start(recorded.Count);
        var lengths = new int[Batch];
        foreach (var (sequence, (space, genotype)) in recorded.Index())
        {
            var next = 0;
            var walk = Begin(sequence, (name, _) =>
            {
                var decision = genotype.Decisions[next++];
                return decision.Name == name
                    ? decision.Value
                    : throw new InvalidOperationException($"The space asks for '{name}' where '{decision.Name}' was recorded.");
            });
            space.Decide(walk);
            lengths[sequence] = walk.Steps;
            _decisions[sequence] = next;
            _connectedPlaces[sequence] = walk.ConnectedPlaces;
        }

        var steps = lengths.Max();
        Pad(lengths, steps);
        Reach(steps);
        var scores = new Score[Batch];
        foreach (var made in _made)
        {
            var logProbabilities = Decide(made);
            var entropy = Number(Softmax.Entropy<T>(logProbabilities));
            var (logProbability, mean, divergence) = scores[made.Sequence];
            scores[made.Sequence] = new(
                logProbability + Number(logProbabilities[made.Value]),
                mean + (entropy / _decisions[made.Sequence]),
                divergence + (made.IsConnection ? shaping.Divergence(Number(logProbabilities[0]), Number(logProbabilities[1])) / _connectedPlaces[made.Sequence] : 0));
        }

        return scores;
    }

    /// <summary>Goes back, once, through the architectures that were scored last, and adds to the gradients of all parameters.</summary>
    /// <param name="ofScores">The gradient with respect to each score.</param>
    public void Backward(ReadOnlySpan<Score> ofScores)
    {
        StartBackward();
        foreach (var made in _made)
        {
            var (ofLogProbability, ofEntropy, ofDivergence) = ofScores[made.Sequence];
            var ofLogits = LogProbabilities(made);
            var pull = made.IsConnection
                ? T.CreateTruncating(ofDivergence / _connectedPlaces[made.Sequence] * shaping.SlopeOfDivergence(Number(ofLogits[0]), Number(ofLogits[1])))
                : T.Zero;
            Softmax.Backward(ofLogits, made.Value, T.CreateTruncating(ofLogProbability), T.CreateTruncating(ofEntropy / _decisions[made.Sequence]));
            if (made.IsConnection)
            {
                (ofLogits[0], ofLogits[1]) = (ofLogits[0] - pull, ofLogits[1] + pull);
            }

            if (!shaping.IsNone)
            {
                ThroughShaping(made, ofLogits);
            }

            if (made.IsConnection)
            {
                ofLogits[0] = ofLogits[1] - (shaping.IsMirrored ? ofLogits[0] : T.Zero);
                ofLogits = ofLogits[..1];
            }

            LogitsBackward(made, ofLogits);
        }

        FinishBackward();
    }

    /// <summary>Begins a walk along a space's questions.</summary>
    /// <param name="sequence">Which of the batch.</param>
    /// <param name="pick">Says what to answer, of a name and what was asked there.</param>
    protected abstract Walk Begin(int sequence, Func<string, Made, int> pick);

    /// <summary>Forgets what was walked.</summary>
    protected abstract void Clear(int batch);

    /// <summary>Says that a row is fed whatever there is: its sequence has ended, and nobody reads what comes of it.</summary>
    protected abstract void FeedNothing(int row);

    /// <summary>Makes <paramref name="count"/> steps from <paramref name="first"/> on, whose rows have been fed.</summary>
    protected abstract void Forward(int first, int count);

    /// <summary>The logits of a decision, before they are shaped; of a connection the one of its being made.</summary>
    protected abstract void Logits(Made made, Span<T> logits);

    /// <summary>Begins the way back with gradients of zero.</summary>
    protected abstract void StartBackward();

    /// <summary>The way back of <see cref="Logits"/>.</summary>
    protected abstract void LogitsBackward(Made made, ReadOnlySpan<T> ofLogits);

    /// <summary>Goes back through all steps, when all decisions have.</summary>
    protected abstract void FinishBackward();

    /// <summary>What is done to a decision's logits.</summary>
    protected virtual Shaping ShapingOf(Made made) => shaping;

    /// <summary>Adds to logits, when they are shaped, what nobody learns.</summary>
    protected virtual void AddOffsets(Made made, Span<T> logits)
    {
    }

    private static int Draw(ReadOnlySpan<T> logProbabilities, RandomSource random)
    {
        var rest = random.NextDouble();
        for (var index = 0; index < logProbabilities.Length - 1; index++)
        {
            rest -= Number(T.Exp(logProbabilities[index]));
            if (rest < 0)
            {
                return index;
            }
        }

        return logProbabilities.Length - 1;
    }

    private static double Number(T number) => double.CreateTruncating(number);

    private void Start(int batch)
    {
        (Batch, Steps, _decisions, _connectedPlaces) = (batch, 0, new int[batch], new int[batch]);
        _made.Clear();
        _logProbabilities.Clear();
        _shaped.Clear();
        Clear(batch);
    }

    // Sequences that end before the longest go on.
    private void Pad(int[] lengths, int steps)
    {
        for (var sequence = 0; sequence < Batch; sequence++)
        {
            for (var step = lengths[sequence]; step < steps; step++)
            {
                FeedNothing((step * Batch) + sequence);
            }
        }
    }

    // Makes the steps before this one that have not been made.
    private void Reach(int steps)
    {
        Forward(Steps, steps - Steps);
        Steps = steps;
    }

    private Span<T> LogProbabilities(Made made) => CollectionsMarshal.AsSpan(_logProbabilities).Slice(made.First, made.Options);

    private Span<T> Shaped(Made made) => CollectionsMarshal.AsSpan(_shaped).Slice(made.First, made.Options);

    private void Shape(Made made, Span<T> logits)
    {
        CollectionsMarshal.SetCount(_shaped, _logProbabilities.Count);
        var shaped = Shaped(made);
        for (var option = 0; option < logits.Length; option++)
        {
            shaped[option] = logits[option] = T.CreateTruncating(ShapingOf(made).Of(Number(logits[option])));
        }
    }

    private void ThroughShaping(Made made, Span<T> ofLogits)
    {
        var shaped = Shaped(made);
        for (var option = 0; option < ofLogits.Length; option++)
        {
            ofLogits[option] *= T.CreateTruncating(ShapingOf(made).SlopeAt(Number(shaped[option])));
        }
    }

    private Span<T> Decide(Made made)
    {
        var logits = LogProbabilities(made);
        if (made.IsConnection)
        {
            Logits(made, logits[1..]);
            logits[0] = shaping.IsMirrored ? -logits[1] : T.Zero; // the softmax of 0 and a logit is its σ
        }
        else
        {
            Logits(made, logits);
        }

        if (!shaping.IsNone)
        {
            Shape(made, logits);
        }

        AddOffsets(made, logits);
        Softmax.ToLogProbabilities(logits);
        return logits;
    }

    /// <summary>A decision.</summary>
    /// <param name="Row">The step after which it is made.</param>
    /// <param name="Head">What gives its logits; null where anchors do.</param>
    /// <param name="Place">Of a connection: the earlier place, by the policy's own count.</param>
    /// <param name="Current">Of a connection: the place that it leads to. For others, whatever the policy needs to know.</param>
    /// <param name="First">Where its log probabilities begin.</param>
    protected readonly record struct Made(int Sequence, int Row, bool IsConnection, SoftmaxHead<T>? Head, int Place, int Current, int First, int Options, int Value);

    /// <summary>One walk along a space's questions, which says what the LSTM is fed and what is decided at which step. What to answer is the pick's.</summary>
    protected abstract class Walk(Policy<T> policy, int sequence, Func<string, Made, int> pick) : IChoices
    {
        private readonly ImmutableArray<Decision>.Builder _decisions = ImmutableArray.CreateBuilder<Decision>();

        public int Steps { get; private set; }

        /// <summary>Places that were asked about earlier ones.</summary>
        public int ConnectedPlaces { get; private set; }

        public Genotype Genotype => new(_decisions.ToImmutable());

        public abstract int Choose(string name, Choice choice);

        public abstract bool[] Connect(string name, int earlierPlaces);

        /// <summary>The row of the next step.</summary>
        protected int NextRow() => (Steps++ * policy.Batch) + sequence;

        /// <summary>Decides for one of several options.</summary>
        protected int Answer(string name, Choice choice, int row, SoftmaxHead<T>? head, int place = 0, int current = 0) =>
            Answer(name, choice, new(sequence, row, false, head, place, current, 0, choice.Options.Length, -1));

        /// <summary>Decides about each of the connections to earlier places.</summary>
        /// <param name="first">The first earlier place, by the policy's own count.</param>
        protected bool[] AnswerConnections(string name, int row, SoftmaxHead<T>? head, int first, int current, int count)
        {
            ConnectedPlaces += count > 0 ? 1 : 0;
            var connected = new bool[count];
            for (var place = 0; place < count; place++)
            {
                connected[place] = Answer($"{name}/{place}", Choice.Connection, new(sequence, row, true, head, first + place, current, 0, 2, -1)) == 1;
            }

            return connected;
        }

        private int Answer(string name, Choice choice, Made made)
        {
            made = made with { First = policy._logProbabilities.Count };
            CollectionsMarshal.SetCount(policy._logProbabilities, made.First + made.Options);
            made = made with { Value = pick(name, made) };
            policy._made.Add(made);
            _decisions.Add(new(name, choice, made.Value));
            return made.Value;
        }
    }
}
