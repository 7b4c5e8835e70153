using System.Numerics;

namespace NasPlatform.Search.Strategies.Controllers;

/// <summary>
/// A layer of long short-term memory (Hochreiter &amp; Schmidhuber 1997, with the forget gate of Gers et al. 2000), as libtorch's: <c>i, f, o = σ(…)</c>, <c>g = tanh(…)</c>, <c>c = f ⊙ c + i ⊙ g</c>,
/// <c>h = o ⊙ tanh(c)</c>. What the gates are given of the inputs is one product over all steps, and so is each matrix's gradient; the states alone go step by step.
/// </summary>
/// <remarks>Rows lie step by step, in each step one for each sequence, each filled up with zeros to whole vectors. The memory is kept for the next sequences.</remarks>
internal sealed class LstmLayer<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int GateCount = 4;

    private readonly int _width;
    private readonly int _inputWidth;
    private readonly Parameter<T> _inputWeight;
    private readonly Parameter<T> _stateWeight;
    private readonly Parameter<T> _inputBias;
    private readonly Parameter<T> _stateBias;
    private readonly T[] _inputWeightTurned;
    private readonly T[] _stateWeightTurned;

    // Of each row the gates i, f, g, o: at first what they are functions of, and on the way back its gradient.
    private readonly Rows<T> _gates;

    // The states c and h, with those before the first step in front; tanh(c) of each row; and on the way back the gradients of c.
    private readonly Rows<T> _cells;
    private readonly Rows<T> _hidden;
    private readonly Rows<T> _squashed;
    private readonly Rows<T> _ofCells;
    private int _batch;

    /// <param name="name">Prefix of its parameters' names.</param>
    /// <param name="inputs">Numbers that a step is given.</param>
    /// <param name="units">Numbers in each state.</param>
    /// <param name="biases">How many biases the gates have: 2 as libtorch's, 1, or 0.</param>
    public LstmLayer(string name, int inputs, int units, int biases = 2)
    {
        _width = Vectors.Padded<T>(units);
        _inputWidth = Vectors.Padded<T>(inputs);
        _inputWeight = new($"{name}.weight_ih", inputs, units, GateCount, isTurned: true);
        _stateWeight = new($"{name}.weight_hh", units, units, GateCount, isTurned: true);
        _inputBias = new($"{name}.bias_ih", 1, units, GateCount);
        _stateBias = new($"{name}.bias_hh", 1, units, GateCount);
        _inputWeightTurned = new T[GateCount * _width * _inputWidth];
        _stateWeightTurned = new T[GateCount * _width * _width];
        _gates = new(GateCount * _width);
        (_cells, _hidden, _squashed, _ofCells) = (new(units), new(units), new(units), new(units));
        Parameters = [_inputWeight, _stateWeight, .. new[] { _inputBias, _stateBias }.Take(biases)];
    }

    /// <summary>The matrices are <c>[inputs, 4 · units]</c>: libtorch's, turned. Biases that are not among them stay zero.</summary>
    public IReadOnlyList<Parameter<T>> Parameters { get; }

    /// <summary>From one row of <see cref="Gates"/> to the next.</summary>
    public int GatesWidth => _gates.Width;

    /// <summary>Begins sequences anew, with states of zeros.</summary>
    public void Start(int batch)
    {
        _batch = batch;
        _cells.From(0, batch).Clear();
        _hidden.From(0, batch).Clear();
    }

    /// <summary>Begins one sequence with given states.</summary>
    public void Start(ReadOnlySpan<T> hidden, ReadOnlySpan<T> cell)
    {
        _batch = 1;
        hidden.CopyTo(_hidden[0]);
        cell.CopyTo(_cells[0]);
    }

    /// <summary>What the gates are given of inputs: to be put into <see cref="Gates"/>.</summary>
    public void Project(ReadOnlySpan<T> inputs, Span<T> gates)
    {
        for (var at = 0; at < gates.Length; at += _gates.Width)
        {
            _inputBias.Values.CopyTo(gates[at..]);
            Vectors.AddScaled(gates.Slice(at, _gates.Width), T.One, _stateBias.Values);
        }

        MatrixProduct.Add(inputs, _inputWidth, 1, _inputWeight.Values, gates, _gates.Width);
    }

    /// <summary>The gates of rows: what they are given, and after <see cref="Backward"/> its gradient.</summary>
    public Span<T> Gates(int first, int count) => _gates.From(first, count);

    /// <summary>The states h after the steps of rows.</summary>
    public ReadOnlySpan<T> Hidden(int first, int count) => _hidden.From(first + _batch, count);

    /// <summary>The states c after the step of a row.</summary>
    public ReadOnlySpan<T> Cell(int row) => _cells[row + _batch];

    /// <summary>Makes <paramref name="count"/> steps from <paramref name="first"/> on, whose gates have been given the inputs; the steps before have been made.</summary>
    public void Forward(int first, int count)
    {
        for (var row = first * _batch; row < (first + count) * _batch; row += _batch)
        {
            MatrixProduct.Add(_hidden.From(row, _batch), _width, 1, _stateWeight.Values, _gates.From(row, _batch), _gates.Width);
            for (var sequence = 0; sequence < _batch; sequence++)
            {
                Pass(row + sequence);
            }
        }
    }

    /// <summary>Begins the way back, from the last step on.</summary>
    public void StartBackward()
    {
        Turn(_stateWeight, _stateWeightTurned, _width);
        Turn(_inputWeight, _inputWeightTurned, _inputWidth);
        _ofCells.From(0, _batch).Clear();
    }

    /// <summary>Goes back through <paramref name="count"/> steps, of which <paramref name="first"/> is the last to be gone through; those after have been.</summary>
    /// <param name="first">The first step.</param>
    /// <param name="count">Steps.</param>
    /// <param name="ofHidden">The gradients of <see cref="Hidden"/>, of all rows; what later steps make of them is added.</param>
    public void Backward(int first, int count, Span<T> ofHidden)
    {
        for (var row = (first + count - 1) * _batch; row >= first * _batch; row -= _batch)
        {
            for (var sequence = 0; sequence < _batch; sequence++)
            {
                PassBack(row + sequence, ofHidden.Slice((row + sequence) * _width, _width), _ofCells[sequence]);
            }

            if (row > 0)
            {
                MatrixProduct.Add(_gates.From(row, _batch), _gates.Width, 1, _stateWeightTurned, ofHidden.Slice((row - _batch) * _width, _batch * _width), _width);
            }
        }
    }

    /// <summary>The gradient of the states c after the last step when the way back has begun, and of those before the first when it has ended; of one sequence.</summary>
    public Span<T> OfCell => _ofCells[0];

    /// <summary>Adds the gradient of the states h before the first step of one sequence, when all steps have been gone through.</summary>
    public void ToStart(Span<T> ofHidden) => MatrixProduct.Add(_gates.From(0, 1), _gates.Width, 1, _stateWeightTurned, ofHidden, _width);

    /// <summary>Adds to the gradients of what the states are multiplied with, when all <paramref name="steps"/> have been gone through.</summary>
    public void FinishBackward(int steps) =>
        MatrixProduct.Add(_hidden.From(0, steps * _batch), 1, _width, _gates.From(0, steps * _batch), _stateWeight.Gradient, _gates.Width);

    /// <summary>Goes back from the gradients of what the gates are given to those of the inputs, to which it is added.</summary>
    public void ToInputs(ReadOnlySpan<T> ofGates, Span<T> ofInputs) => MatrixProduct.Add(ofGates, _gates.Width, 1, _inputWeightTurned, ofInputs, _inputWidth);

    /// <summary>Adds to the gradients of what the inputs are multiplied with and of what is added to that.</summary>
    public void ToProjection(ReadOnlySpan<T> inputs, ReadOnlySpan<T> ofGates)
    {
        MatrixProduct.Add(inputs, 1, _inputWidth, ofGates, _inputWeight.Gradient, _gates.Width);
        for (var at = 0; at < ofGates.Length; at += _gates.Width)
        {
            Vectors.AddScaled(_inputBias.Gradient, T.One, ofGates[at..]);
        }

        _inputBias.Gradient.CopyTo(_stateBias.Gradient.AsSpan()); // they act as a sum, always
    }

    // From what the gates of a row are functions of, and the cell before, to the states after. One function at a time: so many at once do not fit the registers.
    private void Pass(int row)
    {
        var after = _cells[row + _batch];
        var before = _cells[row];
        var gates = _gates[row];
        var (input, forget, value, output) = (0, _width, 2 * _width, 3 * _width);
        Vectors.Sigmoid(gates[..value]);
        Vectors.Tanh(gates[value..output]);
        Vectors.Sigmoid(gates[output..]);
        for (var unit = 0; unit < _width; unit += Vector<T>.Count)
        {
            var kept = new Vector<T>(gates[(forget + unit)..]) * new Vector<T>(before[unit..]);
            Vectors.MultiplyAdd(new(gates[(input + unit)..]), new(gates[(value + unit)..]), kept).CopyTo(after[unit..]);
        }

        var squashed = _squashed[row];
        after.CopyTo(squashed);
        Vectors.Tanh(squashed);
        var hidden = _hidden[row + _batch];
        for (var unit = 0; unit < _width; unit += Vector<T>.Count)
        {
            (new Vector<T>(gates[(output + unit)..]) * new Vector<T>(squashed[unit..])).CopyTo(hidden[unit..]);
        }
    }

    // The other way, with σ' = σ(1 − σ) and tanh' = 1 − tanh².
    private void PassBack(int row, Span<T> ofHidden, Span<T> ofCells)
    {
        ref var gates = ref _gates[row][0];
        ref var before = ref _cells[row][0];
        ref var squashed = ref _squashed[row][0];
        ref var ofState = ref ofHidden[0];
        ref var ofCell = ref ofCells[0];
        for (nuint unit = 0, width = (nuint)_width; unit < width; unit += (nuint)Vector<T>.Count)
        {
            var input = Vector.LoadUnsafe(ref gates, unit);
            var forget = Vector.LoadUnsafe(ref gates, unit + width);
            var value = Vector.LoadUnsafe(ref gates, unit + (2 * width));
            var output = Vector.LoadUnsafe(ref gates, unit + (3 * width));
            var bounded = Vector.LoadUnsafe(ref squashed, unit);
            var hidden = Vector.LoadUnsafe(ref ofState, unit);
            var cell = Vectors.MultiplyAdd(hidden * output, Vector<T>.One - (bounded * bounded), Vector.LoadUnsafe(ref ofCell, unit));
            (cell * value * input * (Vector<T>.One - input)).StoreUnsafe(ref gates, unit);
            (cell * Vector.LoadUnsafe(ref before, unit) * forget * (Vector<T>.One - forget)).StoreUnsafe(ref gates, unit + width);
            (cell * input * (Vector<T>.One - (value * value))).StoreUnsafe(ref gates, unit + (2 * width));
            (hidden * bounded * output * (Vector<T>.One - output)).StoreUnsafe(ref gates, unit + (3 * width));
            (cell * forget).StoreUnsafe(ref ofCell, unit);
        }
    }

    // [4 · units, inputs] of [inputs, 4 · units], for the way back.
    private static void Turn(Parameter<T> parameter, T[] turned, int width)
    {
        for (var column = 0; column < parameter.Stride; column++)
        {
            for (var row = 0; row < parameter.Rows; row++)
            {
                turned[(column * width) + row] = parameter.Values[(row * parameter.Stride) + column];
            }
        }
    }
}
