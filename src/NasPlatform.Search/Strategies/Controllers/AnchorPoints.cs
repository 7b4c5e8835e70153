using System.Numerics;

namespace NasPlatform.Search.Strategies.Controllers;

/// <summary>
/// Decides about connections by the states that a controller had where anchors were set (Zoph &amp; Le 2017, §3.3): <c>P(j feeds i) = σ(vᵀ tanh(W_prev h_j + W_curr h_i))</c>. Anchors have numbers, from 0
/// in the order in which they are set.
/// </summary>
internal sealed class AnchorPoints<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly Parameter<T> _earlier;
    private readonly Parameter<T> _current;
    private readonly Parameter<T> _vector;

    // Of each anchor h, W_prev h and W_curr h, and the gradients of the last two.
    private readonly Rows<T> _states;
    private readonly Rows<T> _asEarlier;
    private readonly Rows<T> _asCurrent;
    private readonly Rows<T> _ofEarlier;
    private readonly Rows<T> _ofCurrent;

    /// <param name="units">Numbers in a state.</param>
    public AnchorPoints(int units)
    {
        _earlier = new("anchor_earlier", units, units);
        _current = new("anchor_current", units, units);
        _vector = new("anchor_vector", 1, units);
        (_states, _asEarlier, _asCurrent, _ofEarlier, _ofCurrent) = (new(units), new(units), new(units), new(units), new(units));
    }

    /// <summary>The two matrices are <c>[state, what it gives]</c>.</summary>
    public IReadOnlyList<Parameter<T>> Parameters => [_earlier, _current, _vector];

    /// <summary>How many anchors are set.</summary>
    public int Count { get; private set; }

    /// <summary>Forgets all anchors.</summary>
    public void Clear() => Count = 0;

    /// <summary>Sets the next anchor.</summary>
    public void Set(ReadOnlySpan<T> state)
    {
        var width = _states.Width;
        state.CopyTo(_states[Count]);
        Project(_earlier, _asEarlier[Count]);
        Project(_current, _asCurrent[Count]);
        Count++;

        void Project(Parameter<T> matrix, Span<T> to)
        {
            to.Clear();
            MatrixProduct.Add(_states[Count], width, 1, matrix.Values, to, width);
        }
    }

    /// <summary>The logit of a connection from one anchor to another.</summary>
    public T Logit(int earlier, int current)
    {
        var from = _asEarlier[earlier];
        var to = _asCurrent[current];
        var sum = Vector<T>.Zero;
        for (var at = 0; at < from.Length; at += Vector<T>.Count)
        {
            sum = Vectors.MultiplyAdd(Vectors.Tanh(new Vector<T>(from[at..]) + new Vector<T>(to[at..])), new(_vector.Values.AsSpan(at)), sum);
        }

        return Vector.Sum(sum);
    }

    /// <summary>Begins the way back with gradients of zero.</summary>
    public void StartBackward()
    {
        _ofEarlier.From(0, Count).Clear();
        _ofCurrent.From(0, Count).Clear();
    }

    /// <summary>Adds what a connection's logit makes of the gradients.</summary>
    public void Backward(int earlier, int current, T ofLogit)
    {
        var from = _asEarlier[earlier];
        var to = _asCurrent[current];
        var ofFrom = _ofEarlier[earlier];
        var ofTo = _ofCurrent[current];
        for (var at = 0; at < from.Length; at += Vector<T>.Count)
        {
            var joined = Vectors.Tanh(new Vector<T>(from[at..]) + new Vector<T>(to[at..]));
            Vectors.MultiplyAdd(joined, new Vector<T>(ofLogit), new(_vector.Gradient.AsSpan(at))).CopyTo(_vector.Gradient.AsSpan(at));
            var ofSum = new Vector<T>(_vector.Values.AsSpan(at)) * ofLogit * (Vector<T>.One - (joined * joined));
            (new Vector<T>(ofFrom[at..]) + ofSum).CopyTo(ofFrom[at..]);
            (new Vector<T>(ofTo[at..]) + ofSum).CopyTo(ofTo[at..]);
        }
    }

    /// <summary>Adds the gradients of the two matrices to what is there, when all connections have gone back.</summary>
    public void FinishBackward()
    {
        var width = _states.Width;
        MatrixProduct.Add(_states.From(0, Count), 1, width, _ofEarlier.From(0, Count), _earlier.Gradient, width);
        MatrixProduct.Add(_states.From(0, Count), 1, width, _ofCurrent.From(0, Count), _current.Gradient, width);
    }

    /// <summary>Adds the gradient of an anchor's state, when all connections have gone back.</summary>
    public void AddGradient(int anchor, Span<T> ofState)
    {
        for (var unit = 0; unit < _earlier.Rows; unit++)
        {
            ofState[unit] += Vectors.Dot<T>(_ofEarlier[anchor], _earlier.Row(unit)) + Vectors.Dot<T>(_ofCurrent[anchor], _current.Row(unit));
        }
    }
}
