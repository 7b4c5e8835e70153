namespace NasPlatform.Torch;

/// <summary>The elementwise functions of <see cref="CellProgram"/>.</summary>
public enum CellCurve
{
    Relu,

    /// <summary>Negative values times 0.1.</summary>
    LeakyRelu,
    Relu6,
    Sigmoid,
    Tanh,
    Silu,
    HardSwish,
}

/// <summary>
/// What a recurrent cell computes at each step, for <see cref="Kernels.recurrent"/>. Its values, vectors, have numbers: what
/// a step is given is 0, then come the states before the step, then the results, in the order in which they are added.
/// </summary>
public sealed class CellProgram
{
    private readonly List<long> _widths;
    private readonly int _states;
    private readonly List<long> _nodes = [];
    private int[] _after = [];

    /// <param name="features">Numbers that a step is given.</param>
    /// <param name="states">Numbers of each state; there is at least one.</param>
    public CellProgram(long features, params ReadOnlySpan<long> states)
    {
        _widths = [features, .. states];
        _states = states.Length;
    }

    /// <summary>A full layer.</summary>
    /// <param name="input">A value's number; so are all inputs.</param>
    /// <param name="outputs">Numbers that it gives.</param>
    /// <param name="weight">Which of the weights: each belongs to one layer. [outputs, inputs].</param>
    /// <param name="bias">Which of the weights, or -1. [outputs].</param>
    public int Linear(int input, long outputs, int weight, int bias) => Node(Op.Linear, outputs, weight, bias, input);

    /// <summary>A function of each number.</summary>
    public int Curve(CellCurve curve, int input) => Node(Op.Curve, _widths[input], (long)curve, -1, input);

    /// <summary>A sum of values of one width; so are the next three.</summary>
    public int Add(params ReadOnlySpan<int> inputs) => Node(Op.Add, _widths[inputs[0]], 0, -1, inputs);

    public int Multiply(int left, int right) => Node(Op.Multiply, _widths[left], 0, -1, left, right);

    /// <summary>from + gate · (to − from).</summary>
    public int Lerp(int gate, int from, int to) => Node(Op.Lerp, _widths[gate], 0, -1, gate, from, to);

    public int Mean(params ReadOnlySpan<int> inputs) => Node(Op.Mean, _widths[inputs[0]], 0, -1, inputs);

    /// <summary>One behind the other.</summary>
    public int Concat(params ReadOnlySpan<int> inputs)
    {
        var width = 0L;
        foreach (var input in inputs)
        {
            width += _widths[input];
        }

        return Node(Op.Concat, width, 0, -1, inputs);
    }

    /// <summary>Neighbours.</summary>
    public int Slice(int input, long first, long count) => Node(Op.Slice, count, first, -1, input);

    /// <summary>The input times one of the masks: the same at each step.</summary>
    public int Mask(int input, int mask) => Node(Op.Mask, _widths[input], mask, -1, input);

    /// <param name="after">The value after the step of each state.</param>
    public void Finish(params int[] after) => _after = [.. after];

    /// <summary>As the native library reads it (cell.h).</summary>
    internal long[] Code => [_states, .. _widths.Take(1 + _states), _widths.Count - 1 - _states, .. _nodes, .. _after.Select(value => (long)value)];

    private int Node(Op op, long width, long parameter, long bias, params ReadOnlySpan<int> inputs)
    {
        _nodes.AddRange((long)op, width, parameter, bias, inputs.Length);
        foreach (var input in inputs)
        {
            _nodes.Add(input);
        }

        _widths.Add(width);
        return _widths.Count - 1;
    }

    // Numbered as nas::CellOp.
    private enum Op : long
    {
        Linear,
        Curve,
        Add,
        Multiply,
        Lerp,
        Mean,
        Concat,
        Slice,
        Mask,
    }
}
