using System.Numerics;
using NasPlatform.Search.Spaces;

namespace NasPlatform.Search.Strategies.Controllers;

/// <summary>
/// The controller of ENAS (Pham et al. 2018) as its released code wires it (melodyguan/enas, <c>general_controller.py</c> and <c>micro_controller.py</c>; google-research/google-research, enas_lm,
/// <c>controller.py</c>): an LSTM without biases whose states at anchor steps are what decisions about earlier places point at, and what is fed when they were chosen.
/// </summary>
/// <remarks>
/// See <see cref="EnasWiring"/> for the three. The recurrent code of the paper's own repository forgets its state at each step, as its authors say of it that it is wrong; here the node that it has before the
/// corrected code's first is an anchor step and a decision, both fed the start's embedding, as there.
/// </remarks>
internal sealed class EnasController<T> : Policy<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Added to a convolution's logit in the first cell of the micro wiring, and subtracted from others'.</summary>
    private const double FirstCellOffset = 0.25;

    /// <summary>What the cap is divided by for operations of the micro wiring.</summary>
    private const double OperationCapDivisor = 2.5;

    /// <summary>What the squared distance of a place is divided by in the recurrent wiring.</summary>
    private const double DistanceDivisor = 6;

    private const int NoRow = -1;
    private const int First = 0; // the row of the start's embedding in the table

    private readonly EnasWiring _wiring;
    private readonly Shaping _operationShaping;
    private readonly Parameter<T> _table;
    private readonly SteppedLstm<T> _lstm;
    private readonly AnchorPoints<T> _anchors;

    // Of each kind of decision its softmax, null where that is the embedding's; and where in the table its options' embeddings begin.
    private readonly Dictionary<string, (SoftmaxHead<T>? Head, int FirstInput)> _kinds = [];

    // The rows whose states are anchors or ask about some, in the order of the anchor points; and of each decision about places, which anchor points those are.
    private readonly List<int> _points = [];
    private readonly List<int> _places = [];

    /// <param name="space">Walked once, to make a softmax and embeddings for each kind of decision that it asks for.</param>
    /// <param name="init">The stream of the initial weights; each parameter draws from a child stream of its own name.</param>
    /// <param name="units">LSTM units a layer.</param>
    /// <param name="layers">LSTM layers.</param>
    /// <param name="range">Initial weights are uniform in ± this.</param>
    /// <param name="shaping">What is done to logits.</param>
    /// <param name="wiring">Which of the three.</param>
    /// <param name="convolutionBias">Where the micro wiring's learned biases of convolutions start; those of other options start at 0.</param>
    public EnasController(SearchSpace space, RandomSource init, int units, int layers, double range, Shaping shaping, EnasWiring wiring, double convolutionBias)
        : base(shaping with { PenalisesOneLogit = !shaping.IsNone })
    {
        _wiring = wiring;
        _operationShaping = wiring == EnasWiring.Micro && shaping.Cap is { } cap ? shaping with { Cap = cap / OperationCapDivisor } : shaping;
        var kinds = new KindCollector(choice => !IsPointed(choice));
        space.Decide(kinds);
        _table = new("inputs", 1 + kinds.Kinds.Sum(choice => choice.Options.Length), units);
        var next = First + 1;
        foreach (var choice in kinds.Kinds)
        {
            var isTied = wiring == EnasWiring.Recurrent;
            var head = isTied ? null : new SoftmaxHead<T>($"{choice.Kind}_softmax", units, choice.Options.Length, hasBias: wiring == EnasWiring.Micro);
            _kinds[choice.Kind] = (head, next);
            next += choice.Options.Length;
        }

        _lstm = new(_table, units, layers, biases: 0);
        _anchors = new(units);
        var heads = _kinds.Values.Where(kind => kind.Head is not null).SelectMany(kind => kind.Head!.Parameters); // not null: see before
        Parameters = [_table, .. _lstm.Parameters, .. _anchors.Parameters, .. heads];
        foreach (var parameter in Parameters)
        {
            parameter.Draw(init.Split(parameter.Name), range);
        }

        foreach (var choice in kinds.Kinds)
        {
            for (var option = 0; _kinds[choice.Kind].Head is { } head && option < choice.Options.Length; option++)
            {
                head.Bias.Values[option] = wiring == EnasWiring.Micro && IsConvolution(choice, option) ? T.CreateTruncating(convolutionBias) : T.Zero;
            }
        }
    }

    public override IReadOnlyList<Parameter<T>> Parameters { get; }

    protected override Walk Begin(int sequence, Func<string, Made, int> pick) => new EnasWalk(this, sequence, pick);

    protected override void Clear(int batch)
    {
        _lstm.Start(batch);
        _anchors.Clear();
        _points.Clear();
        _places.Clear();
    }

    protected override void FeedNothing(int row) => _lstm.Feed(row);

    protected override void Forward(int first, int count)
    {
        _lstm.Forward(first, count);
        while (_anchors.Count < _points.Count)
        {
            var row = _points[_anchors.Count];
            _anchors.Set(row == NoRow ? new T[_table.Stride] : _lstm.Output(row));
        }
    }

    protected override void Logits(Made made, Span<T> logits)
    {
        var hidden = _lstm.Output(made.Row);
        if (made.Head is { } head)
        {
            head.Forward(hidden, logits);
            return;
        }

        for (var option = 0; option < logits.Length; option++)
        {
            logits[option] = IsTied(made) ? Vectors.Dot(hidden, _table.Row(made.Place + option)) : _anchors.Logit(_places[made.Place + option], made.Current);
        }
    }

    protected override Shaping ShapingOf(Made made) => made.Head is null ? base.ShapingOf(made) : _operationShaping;

    protected override void AddOffsets(Made made, Span<T> logits)
    {
        if (_wiring == EnasWiring.Recurrent && !made.IsConnection && !IsTied(made))
        {
            for (var place = 0; place < logits.Length; place++)
            {
                logits[place] -= T.CreateTruncating((logits.Length - place) * (logits.Length - place) / DistanceDivisor);
            }
        }
        else if (made is { Head: not null, Place: > 0 })
        {
            for (var option = 0; option < logits.Length; option++)
            {
                logits[option] += T.CreateTruncating((made.Place >> option & 1) == 1 ? FirstCellOffset : -FirstCellOffset);
            }
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
            return;
        }

        for (var option = 0; option < ofLogits.Length; option++)
        {
            if (IsTied(made))
            {
                Vectors.AddScaled(_table.GradientOfRow(made.Place + option), ofLogits[option], _lstm.Output(made.Row));
                Vectors.AddScaled(_lstm.OfOutput(made.Row), ofLogits[option], _table.Row(made.Place + option));
            }
            else
            {
                _anchors.Backward(_places[made.Place + option], made.Current, ofLogits[option]);
            }
        }
    }

    protected override void FinishBackward()
    {
        _anchors.FinishBackward();
        foreach (var (point, row) in _points.Index())
        {
            if (row != NoRow)
            {
                _anchors.AddGradient(point, _lstm.OfOutput(row));
            }
        }

        _lstm.Backward(Steps);
    }

    private static bool IsConvolution(Choice choice, int option) => choice.Options[option].Contains("conv", StringComparison.Ordinal);

    // A softmax whose weights are the embeddings: its Place is the first of them, which has no anchor point.
    private static bool IsTied(Made made) => made is { Head: null, Current: NoRow };

    private bool IsPointed(Choice choice) => _wiring != EnasWiring.Macro && choice.IsOfPlaces;

    /// <summary>Follows the space's questions. What the released code does between them follows from how many places a question has.</summary>
    private sealed class EnasWalk(EnasController<T> controller, int sequence, Func<string, Made, int> pick) : Walk(controller, sequence, pick)
    {
        private static readonly Fed<T> StartEmbedding = Fed<T>.FromTable(First);

        // The anchors of the cell: the point that is asked about, and the row whose state is fed when it was chosen.
        private readonly List<(int Point, int Row)> _anchors = [];
        private Fed<T>[] _fed = [StartEmbedding];
        private int _cell = -1; // counted by the micro wiring
        private bool _hasOperations; // since a place was pointed at

        public override int Choose(string name, Choice choice)
        {
            if (controller.IsPointed(choice))
            {
                return controller._wiring == EnasWiring.Micro ? PointInCell(name, choice) : PointInOrder(name, choice);
            }

            if (controller._wiring == EnasWiring.Recurrent && _anchors.Count == 0)
            {
                var row = Step();
                _anchors.Add((Point(row), row));
                _fed = [StartEmbedding];
            }

            var (head, firstInput) = controller._kinds[choice.Kind];
            var value = head is null
                ? Answer(name, choice, Step(), null, firstInput, NoRow)
                : Answer(name, choice, Step(), head, place: _cell == 0 ? Convolutions(choice) : 0);
            _fed = [Fed<T>.FromTable(firstInput + value)];
            _hasOperations = true;
            return value;
        }

        public override bool[] Connect(string name, int earlierPlaces)
        {
            if (earlierPlaces == 0)
            {
                _anchors.Clear();
            }

            var row = Step();
            var point = Point(row);
            var connected = AnswerConnections(name, row, null, Places(earlierPlaces), point, earlierPlaces);
            _fed = earlierPlaces == 0
                ? [StartEmbedding]
                : [.. _anchors.Where((_, place) => connected[place]).Select(anchor => new Fed<T>(FedFrom.Output, anchor.Row, T.One / T.CreateTruncating(1 + connected.Count(isMade => isMade))))];
            _anchors.Add((point, row));
            return connected;
        }

        // Each place has an anchor step of its own, when it is first asked about; the inputs of a cell have no state to be fed.
        private int PointInCell(string name, Choice choice)
        {
            var places = choice.Options.Length;
            if (_anchors.Count == 0 || (_hasOperations && places <= _anchors.Count))
            {
                if (_anchors.Count > 0)
                {
                    Step(); // the anchor of the cell's last node, which nobody asks about
                }

                _anchors.Clear();
                _fed = [StartEmbedding];
                _cell++;
                for (var input = 0; input < places; input++)
                {
                    _anchors.Add((Point(Step()), NoRow));
                }
            }

            while (_anchors.Count < places)
            {
                var anchor = Step();
                _anchors.Add((Point(anchor), anchor));
                _fed = [StartEmbedding];
            }

            var row = Step();
            var value = Answer(name, choice, row, null, Places(places), Point(row));
            _fed = _anchors[value].Row == NoRow ? [] : [new Fed<T>(FedFrom.Output, _anchors[value].Row, T.One)];
            _hasOperations = false;
            return value;
        }

        // The state that asks about earlier places is the anchor of the next one; the nearer a place, the likelier.
        private int PointInOrder(string name, Choice choice)
        {
            var places = choice.Options.Length;
            if (_anchors.Count == 0)
            {
                _anchors.Add((Point(NoRow), NoRow));
            }

            var row = Step();
            var point = Point(row);
            var value = Answer(name, choice, row, null, Places(places), point);
            var nearness = T.One / T.CreateTruncating(0.1 + places - value);
            _fed = _anchors[value].Row == NoRow ? [] : [new Fed<T>(FedFrom.Output, _anchors[value].Row, nearness)];
            _anchors.Add((point, row));
            return value;
        }

        private int Step()
        {
            var row = NextRow();
            controller._lstm.Feed(row, _fed);
            return row;
        }

        private int Point(int row)
        {
            controller._points.Add(row);
            return controller._points.Count - 1;
        }

        // Where the points of the first places are listed.
        private int Places(int count)
        {
            var first = controller._places.Count;
            if (count > _anchors.Count)
            {
                throw new InvalidOperationException($"The space asks about {count} earlier places, {_anchors.Count} were walked.");
            }

            controller._places.AddRange(_anchors.Take(count).Select(anchor => anchor.Point));
            return first;
        }

        // A bit for each convolution, where there are some.
        private static int Convolutions(Choice choice) => Enumerable.Range(0, Math.Min(choice.Options.Length, 31)).Where(option => IsConvolution(choice, option)).Sum(option => 1 << option);
    }
}

/// <summary>How ENAS's controllers differ.</summary>
internal enum EnasWiring
{
    /// <summary>After each operation an anchor step, which is asked about each earlier one; the mean of those chosen is fed next, with one more in the count. The first layer's is followed by the start's embedding.</summary>
    Macro,

    /// <summary>
    /// Two anchor steps for a cell's inputs, then for each node two steps that point at places and two for operations, with learned biases, and an anchor step. In the first cell convolutions have
    /// +0.25 and others −0.25 beside.
    /// </summary>
    Micro,

    /// <summary>For each node a step that points at places, whose state is the node's anchor, and one for the function, whose logits are products with the functions' embeddings.</summary>
    Recurrent,
}
