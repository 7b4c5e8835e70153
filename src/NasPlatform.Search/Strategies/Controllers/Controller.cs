using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.InteropServices;
using NasPlatform.Search.Spaces;

namespace NasPlatform.Search.Strategies.Controllers;

/// <summary>
/// The recurrent policy of Zoph &amp; Le 2017 (§3.1, §3.3, §4.1): an LSTM that emits a space's decisions one by one, each embedded and fed as the next input, with one softmax for each kind of decision
/// and anchor points for connections. It follows whatever the space asks, so it serves every space.
/// </summary>
/// <remarks>
/// The paper leaves open what is fed at the very first step and after an anchor step: here a learned vector each. Numbers are <c>float</c>, or <c>double</c> where gradients are checked. What was
/// computed last is kept for the way back, in memory that is used again: for one thread.
/// </remarks>
internal sealed class Controller<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    // Inputs: what is fed at the first step, what after an anchor step, then the embeddings.
    private const int First = 0;
    private const int AfterAnchor = 1;
    private const int FirstEmbedding = 2;

    private readonly Lstm<T> _lstm;
    private readonly AnchorPoints<T> _anchors;

    // Of each kind of decision its softmax, and where in the inputs its options' embeddings begin.
    private readonly Dictionary<string, (SoftmaxHead<T> Head, int FirstInput)> _kinds = [];

    // What was walked last: at which rows anchors were set, what was decided, and the log probabilities of all that could have been.
    private readonly List<int> _anchorRows = [];
    private readonly List<Made> _made = [];
    private readonly List<T> _logProbabilities = [];
    private readonly List<T> _shaped = []; // the logits that those came from, where they were shaped
    private readonly Shaping _shaping;
    private int[] _decisions = [];
    private int[] _connectedPlaces = [];
    private int _batch;
    private int _steps;

    /// <param name="space">Walked once, to make a softmax and embeddings for each kind of decision that it asks for.</param>
    /// <param name="init">The stream of the initial weights; each parameter draws from a child stream of its own name.</param>
    /// <param name="units">LSTM units a layer.</param>
    /// <param name="layers">LSTM layers.</param>
    /// <param name="range">Initial weights are uniform in ± this.</param>
    /// <param name="shaping">What is done to logits; null for nothing.</param>
    public Controller(SearchSpace space, RandomSource init, int units, int layers, double range, Shaping? shaping = null)
    {
        _shaping = shaping ?? new();
        var kinds = new KindCollector();
        space.Decide(kinds);
        var inputs = new Parameter<T>("inputs", FirstEmbedding + kinds.Kinds.Sum(choice => choice.Options.Length), units);
        inputs.Draw(init.Split("start"), range, First, 1);
        inputs.Draw(init.Split("after_anchor"), range, AfterAnchor, 1);
        var next = FirstEmbedding;
        foreach (var choice in kinds.Kinds)
        {
            inputs.Draw(init.Split($"{choice.Kind}_embedding"), range, next, choice.Options.Length);
            _kinds[choice.Kind] = (new($"{choice.Kind}_softmax", units, choice.Options.Length), next);
            next += choice.Options.Length;
        }

        _lstm = new(inputs, units, layers);
        _anchors = new(units);
        List<Parameter<T>> others = [.. _lstm.Parameters, .. _anchors.Parameters, .. _kinds.Values.SelectMany(kind => kind.Head.Parameters)];
        foreach (var parameter in others)
        {
            parameter.Draw(init.Split(parameter.Name), range);
        }

        Parameters = [inputs, .. others];
    }

    /// <summary>All that training changes.</summary>
    public IReadOnlyList<Parameter<T>> Parameters { get; }

    /// <summary>Draws an architecture from the policy.</summary>
    public Genotype Sample(SearchSpace space, RandomSource random)
    {
        Start(batch: 1);
        var walk = new Walk(this, 0, (_, asked) =>
        {
            Reach(asked.Row + 1);
            return Draw(Decide(asked), random);
        });
        space.Decide(walk);
        return walk.Genotype;
    }

    /// <summary>Scores an architecture's recorded decisions by teacher forcing: they are not drawn again.</summary>
    /// <exception cref="InvalidOperationException">The space asks for other decisions than were recorded.</exception>
    public Score Score(SearchSpace space, Genotype genotype) => Score([(space, genotype)])[0];

    /// <summary>Scores several architectures at once, each as its space asks.</summary>
    /// <exception cref="InvalidOperationException">A space asks for other decisions than were recorded.</exception>
    public Score[] Score(IReadOnlyList<(SearchSpace Space, Genotype Genotype)> recorded)
    {
        Start(recorded.Count);
        var lengths = new int[_batch];
        foreach (var (sequence, (space, genotype)) in recorded.Index())
        {
            var next = 0;
            var walk = new Walk(this, sequence, (name, _) =>
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
        var scores = new Score[_batch];
        foreach (var made in _made)
        {
            var logProbabilities = Decide(made);
            var entropy = Number(Softmax.Entropy<T>(logProbabilities));
            var (logProbability, mean, divergence) = scores[made.Sequence];
            scores[made.Sequence] = new(
                logProbability + Number(logProbabilities[made.Value]),
                mean + (entropy / _decisions[made.Sequence]),
                divergence + (made.Head is null ? _shaping.Divergence(Number(logProbabilities[0]), Number(logProbabilities[1])) / _connectedPlaces[made.Sequence] : 0));
        }

        return scores;
    }

    /// <summary>Goes back, once, through the architectures that were scored last, and adds to the gradients of all parameters.</summary>
    /// <param name="ofScores">The gradient with respect to each score.</param>
    public void Backward(ReadOnlySpan<Score> ofScores)
    {
        _lstm.StartBackward(_steps);
        _anchors.StartBackward();
        foreach (var made in _made)
        {
            var (ofLogProbability, ofEntropy, ofDivergence) = ofScores[made.Sequence];
            var ofLogits = LogProbabilities(made);
            var pull = made.Head is null
                ? T.CreateTruncating(ofDivergence / _connectedPlaces[made.Sequence] * _shaping.SlopeOfDivergence(Number(ofLogits[0]), Number(ofLogits[1])))
                : T.Zero;
            Softmax.Backward(ofLogits, made.Value, T.CreateTruncating(ofLogProbability), T.CreateTruncating(ofEntropy / _decisions[made.Sequence]));
            if (made.Head is null)
            {
                (ofLogits[0], ofLogits[1]) = (ofLogits[0] - pull, ofLogits[1] + pull);
            }

            if (!_shaping.IsNone)
            {
                ThroughShaping(made, ofLogits);
            }

            if (made.Head is { } head)
            {
                head.Backward(_lstm.Output(made.Row), ofLogits, _lstm.OfOutput(made.Row));
            }
            else
            {
                _anchors.Backward(made.Earlier, made.Current, ofLogits[1] - (_shaping.IsNone ? T.Zero : ofLogits[0]));
            }
        }

        _anchors.FinishBackward();
        foreach (var (anchor, row) in _anchorRows.Index())
        {
            _anchors.AddGradient(anchor, _lstm.OfOutput(row));
        }

        _lstm.Backward(_steps);
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

    private void Start(int batch)
    {
        (_batch, _steps, _decisions, _connectedPlaces) = (batch, 0, new int[batch], new int[batch]);
        _anchorRows.Clear();
        _made.Clear();
        _logProbabilities.Clear();
        _shaped.Clear();
        _lstm.Start(batch);
        _anchors.Clear();
    }

    // Sequences that end before the longest go on; nobody reads what comes of it.
    private void Pad(int[] lengths, int steps)
    {
        for (var sequence = 0; sequence < _batch; sequence++)
        {
            for (var step = lengths[sequence]; step < steps; step++)
            {
                _lstm.Feed((step * _batch) + sequence, First);
            }
        }
    }

    // Makes the steps before this one that have not been made, and sets the anchors at them.
    private void Reach(int steps)
    {
        _lstm.Forward(_steps, steps - _steps);
        _steps = steps;
        while (_anchors.Count < _anchorRows.Count)
        {
            _anchors.Set(_lstm.Output(_anchorRows[_anchors.Count]));
        }
    }

    private static double Number(T number) => double.CreateTruncating(number);

    private Span<T> LogProbabilities(Made made) => CollectionsMarshal.AsSpan(_logProbabilities).Slice(made.First, made.Options);

    private Span<T> Shaped(Made made) => CollectionsMarshal.AsSpan(_shaped).Slice(made.First, made.Options);

    private void Shape(Made made, Span<T> logits)
    {
        CollectionsMarshal.SetCount(_shaped, _logProbabilities.Count);
        var shaped = Shaped(made);
        for (var option = 0; option < logits.Length; option++)
        {
            shaped[option] = logits[option] = T.CreateTruncating(_shaping.Of(Number(logits[option])));
        }
    }

    private void ThroughShaping(Made made, Span<T> ofLogits)
    {
        var shaped = Shaped(made);
        for (var option = 0; option < ofLogits.Length; option++)
        {
            ofLogits[option] *= T.CreateTruncating(_shaping.SlopeAt(Number(shaped[option])));
        }
    }

    private Span<T> Decide(Made made)
    {
        var logits = LogProbabilities(made);
        if (made.Head is { } head)
        {
            head.Forward(_lstm.Output(made.Row), logits);
        }
        else
        {
            var logit = _anchors.Logit(made.Earlier, made.Current);
            (logits[0], logits[1]) = (_shaping.IsNone ? T.Zero : -logit, logit); // the softmax of 0 and a logit is its σ
        }

        if (!_shaping.IsNone)
        {
            Shape(made, logits);
        }

        Softmax.ToLogProbabilities(logits);
        return logits;
    }

    /// <summary>A decision: of a head at a row, or about a connection between two anchors.</summary>
    /// <param name="First">Where its log probabilities begin.</param>
    private readonly record struct Made(int Sequence, int Row, SoftmaxHead<T>? Head, int Earlier, int Current, int First, int Options, int Value);

    /// <summary>One walk along a space's questions, which says what the LSTM is fed and what is decided at which step. What to answer is the pick's.</summary>
    private sealed class Walk(Controller<T> controller, int sequence, Func<string, Made, int> pick) : IChoices
    {
        private readonly ImmutableArray<Decision>.Builder _decisions = ImmutableArray.CreateBuilder<Decision>();
        private int _input = First;
        private int _firstAnchor = controller._anchorRows.Count;

        public int Steps { get; private set; }

        /// <summary>Places that were asked about earlier ones.</summary>
        public int ConnectedPlaces { get; private set; }

        public Genotype Genotype => new(_decisions.ToImmutable());

        public int Choose(string name, Choice choice)
        {
            var (head, firstInput) = controller._kinds[choice.Kind];
            var value = Answer(name, choice, Step(), head, 0, 0);
            _input = firstInput + value;
            return value;
        }

        public bool[] Connect(string name, int earlierPlaces)
        {
            var current = controller._anchorRows.Count;
            _firstAnchor = earlierPlaces == 0 ? current : _firstAnchor;
            if (earlierPlaces != current - _firstAnchor)
            {
                throw new InvalidOperationException($"'{name}' asks about {earlierPlaces} earlier places, {current - _firstAnchor} were walked.");
            }

            var row = Step();
            controller._anchorRows.Add(row);
            ConnectedPlaces += earlierPlaces > 0 ? 1 : 0;
            var connected = new bool[earlierPlaces];
            for (var place = 0; place < earlierPlaces; place++)
            {
                connected[place] = Answer($"{name}/{place}", Choice.Connection, row, null, _firstAnchor + place, current) == 1;
            }

            _input = AfterAnchor;
            return connected;
        }

        private int Step()
        {
            var row = (Steps++ * controller._batch) + sequence;
            controller._lstm.Feed(row, _input);
            return row;
        }

        private int Answer(string name, Choice choice, int row, SoftmaxHead<T>? head, int earlier, int current)
        {
            var first = controller._logProbabilities.Count;
            CollectionsMarshal.SetCount(controller._logProbabilities, first + choice.Options.Length);
            var made = new Made(sequence, row, head, earlier, current, first, choice.Options.Length, Value: -1);
            made = made with { Value = pick(name, made) };
            controller._made.Add(made);
            _decisions.Add(new(name, choice, made.Value));
            return made.Value;
        }
    }

    /// <summary>Notes the kinds of decisions that a space asks for.</summary>
    private sealed class KindCollector : IChoices
    {
        public List<Choice> Kinds { get; } = [];

        public int Choose(string name, Choice choice)
        {
            if (!Kinds.Contains(choice))
            {
                Kinds.Add(choice);
            }

            return 0;
        }

        public bool[] Connect(string name, int earlierPlaces) => new bool[earlierPlaces];
    }
}
