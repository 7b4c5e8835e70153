using System.Numerics;
using NasPlatform.Search.Spaces;

namespace NasPlatform.Search.Strategies.Controllers;

/// <summary>
/// The recurrent policy of Zoph &amp; Le 2017 (§3.1, §3.3, §4.1): an LSTM that emits a space's decisions one by one, each embedded and fed as the next input, with one softmax for each kind of decision
/// and anchor points for connections. It follows whatever the space asks, so it serves every space.
/// </summary>
/// <remarks>The paper leaves open what is fed at the very first step and after an anchor step: here a learned vector each.</remarks>
internal sealed class Controller<T> : Policy<T>
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

    // At which rows anchors were set.
    private readonly List<int> _anchorRows = [];

    /// <param name="space">Walked once, to make a softmax and embeddings for each kind of decision that it asks for.</param>
    /// <param name="init">The stream of the initial weights; each parameter draws from a child stream of its own name.</param>
    /// <param name="units">LSTM units a layer.</param>
    /// <param name="layers">LSTM layers.</param>
    /// <param name="range">Initial weights are uniform in ± this.</param>
    /// <param name="shaping">What is done to logits; null for nothing.</param>
    public Controller(SearchSpace space, RandomSource init, int units, int layers, double range, Shaping? shaping = null)
        : base(shaping ?? new())
    {
        var kinds = new KindCollector(_ => true);
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

    public override IReadOnlyList<Parameter<T>> Parameters { get; }

    protected override Walk Begin(int sequence, Func<string, Made, int> pick) => new ControllerWalk(this, sequence, pick);

    protected override void Clear(int batch)
    {
        _anchorRows.Clear();
        _lstm.Start(batch);
        _anchors.Clear();
    }

    protected override void FeedNothing(int row) => _lstm.Feed(row, First);

    // Sets the anchors at the steps that are made.
    protected override void Forward(int first, int count)
    {
        _lstm.Forward(first, count);
        while (_anchors.Count < _anchorRows.Count)
        {
            _anchors.Set(_lstm.Output(_anchorRows[_anchors.Count]));
        }
    }

    protected override void Logits(Made made, Span<T> logits)
    {
        if (made.Head is { } head)
        {
            head.Forward(_lstm.Output(made.Row), logits);
        }
        else
        {
            logits[0] = _anchors.Logit(made.Place, made.Current);
        }
    }

    protected override void StartBackward()
    {
        _lstm.StartBackward(Steps);
        _anchors.StartBackward();
    }

    protected override void LogitsBackward(Made made, ReadOnlySpan<T> ofLogits)
    {
        if (made.Head is { } head)
        {
            head.Backward(_lstm.Output(made.Row), ofLogits, _lstm.OfOutput(made.Row));
        }
        else
        {
            _anchors.Backward(made.Place, made.Current, ofLogits[0]);
        }
    }

    protected override void FinishBackward()
    {
        _anchors.FinishBackward();
        foreach (var (anchor, row) in _anchorRows.Index())
        {
            _anchors.AddGradient(anchor, _lstm.OfOutput(row));
        }

        _lstm.Backward(Steps);
    }

    private sealed class ControllerWalk(Controller<T> controller, int sequence, Func<string, Made, int> pick) : Walk(controller, sequence, pick)
    {
        private int _input = First;
        private int _firstAnchor = controller._anchorRows.Count;

        public override int Choose(string name, Choice choice)
        {
            var (head, firstInput) = controller._kinds[choice.Kind];
            var value = Answer(name, choice, Step(), head);
            _input = firstInput + value;
            return value;
        }

        public override bool[] Connect(string name, int earlierPlaces)
        {
            var current = controller._anchorRows.Count;
            _firstAnchor = earlierPlaces == 0 ? current : _firstAnchor;
            if (earlierPlaces != current - _firstAnchor)
            {
                throw new InvalidOperationException($"'{name}' asks about {earlierPlaces} earlier places, {current - _firstAnchor} were walked.");
            }

            var row = Step();
            controller._anchorRows.Add(row);
            var connected = AnswerConnections(name, row, null, _firstAnchor, current, earlierPlaces);
            _input = AfterAnchor;
            return connected;
        }

        private int Step()
        {
            var row = NextRow();
            controller._lstm.Feed(row, _input);
            return row;
        }
    }
}
