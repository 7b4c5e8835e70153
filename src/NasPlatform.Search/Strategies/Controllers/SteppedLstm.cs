using System.Numerics;
using System.Runtime.InteropServices;

namespace NasPlatform.Search.Strategies.Controllers;

/// <summary>
/// Layers of long short-term memory that can be fed what came out of earlier steps: sums of vectors of a table and of outputs. So it goes step by step, forth and back, where <see cref="Lstm{T}"/>
/// makes one product of all steps. A row is a step of a sequence, <c>step · batch + sequence</c>.
/// </summary>
/// <remarks>What was computed stays until the next sequences are begun.</remarks>
internal sealed class SteppedLstm<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly LstmLayer<T>[] _layers;
    private readonly Parameter<T> _table;

    // What each row is fed; where that begins for a row, and how much it is.
    private readonly List<Fed<T>> _fed = [];
    private readonly Rows<T> _inputs;
    private readonly Rows<T> _ofInputs;

    // Of each layer's states.
    private readonly Rows<T>[] _ofHidden;
    private (int First, int Count)[] _parts = [];
    private int _batch;

    /// <param name="table">Vectors that can be fed, one a row.</param>
    /// <param name="units">Numbers in each state; as many as in a vector, where outputs are fed.</param>
    /// <param name="layers">Layers.</param>
    /// <param name="biases">Biases of the gates: 2 as libtorch's, 1, or 0.</param>
    public SteppedLstm(Parameter<T> table, int units, int layers, int biases)
    {
        _table = table;
        _layers = [.. Enumerable.Range(0, layers).Select(layer => new LstmLayer<T>($"lstm{layer}", layer == 0 ? table.Columns : units, units, biases))];
        (_inputs, _ofInputs) = (new(table.Columns), new(table.Columns));
        _ofHidden = [.. _layers.Select(_ => new Rows<T>(units))];
    }

    public IEnumerable<Parameter<T>> Parameters => _layers.SelectMany(layer => layer.Parameters);

    /// <summary>Begins sequences anew, with states of zeros.</summary>
    public void Start(int batch)
    {
        _batch = batch;
        _fed.Clear();
        foreach (var layer in _layers)
        {
            layer.Start(batch);
        }
    }

    /// <summary>Says what a row is fed, the sum of the parts, before its step is made; of nothing, zeros.</summary>
    public void Feed(int row, params ReadOnlySpan<Fed<T>> parts)
    {
        if (_parts.Length <= row)
        {
            Array.Resize(ref _parts, Math.Max(row + 1, 2 * _parts.Length));
        }

        _parts[row] = (_fed.Count, parts.Length);
        _fed.AddRange(parts);
    }

    /// <summary>Makes <paramref name="count"/> steps from <paramref name="first"/> on; those before have been made.</summary>
    public void Forward(int first, int count)
    {
        for (var step = first; step < first + count; step++)
        {
            var inputs = _inputs.From(step * _batch, _batch);
            inputs.Clear();
            for (var sequence = 0; sequence < _batch; sequence++)
            {
                foreach (var (source, index, weight) in PartsOf((step * _batch) + sequence))
                {
                    Vectors.AddScaled(inputs.Slice(sequence * _inputs.Width, _inputs.Width), weight, source == FedFrom.Table ? _table.Row(index) : Output(index));
                }
            }

            for (var layer = 0; layer < _layers.Length; layer++)
            {
                _layers[layer].Project(layer == 0 ? inputs : _layers[layer - 1].Hidden(step * _batch, _batch), _layers[layer].Gates(step * _batch, _batch));
                _layers[layer].Forward(step, 1);
            }
        }
    }

    /// <summary>The uppermost layer's state after a row's step.</summary>
    public ReadOnlySpan<T> Output(int row) => _layers[^1].Hidden(row, 1);

    /// <summary>Begins the way back through the first <paramref name="steps"/> steps, with gradients of zero.</summary>
    public void StartBackward(int steps)
    {
        foreach (var ofHidden in _ofHidden)
        {
            ofHidden.From(0, steps * _batch).Clear();
        }
    }

    /// <summary>To which the gradient of a row's <see cref="Output"/> is added before <see cref="Backward"/>.</summary>
    public Span<T> OfOutput(int row) => _ofHidden[^1][row];

    /// <summary>Adds the gradients of the parameters and of the table to what is there.</summary>
    /// <param name="steps">As many as it was begun with.</param>
    public void Backward(int steps)
    {
        var rows = steps * _batch;
        foreach (var layer in _layers)
        {
            layer.StartBackward();
        }

        for (var step = steps - 1; step >= 0; step--)
        {
            for (var layer = _layers.Length - 1; layer > 0; layer--)
            {
                _layers[layer].Backward(step, 1, _ofHidden[layer].From(0, rows));
                _layers[layer].ToInputs(_layers[layer].Gates(step * _batch, _batch), _ofHidden[layer - 1].From(step * _batch, _batch));
            }

            _layers[0].Backward(step, 1, _ofHidden[0].From(0, rows));
            ToWhatWasFed(step);
        }

        for (var layer = 0; layer < _layers.Length; layer++)
        {
            _layers[layer].FinishBackward(steps);
            _layers[layer].ToProjection(layer == 0 ? _inputs.From(0, rows) : _layers[layer - 1].Hidden(0, rows), _layers[layer].Gates(0, rows));
        }
    }

    private void ToWhatWasFed(int step)
    {
        var ofInputs = _ofInputs.From(0, _batch);
        ofInputs.Clear();
        _layers[0].ToInputs(_layers[0].Gates(step * _batch, _batch), ofInputs);
        for (var sequence = 0; sequence < _batch; sequence++)
        {
            foreach (var (source, index, weight) in PartsOf((step * _batch) + sequence))
            {
                Vectors.AddScaled(source == FedFrom.Table ? _table.GradientOfRow(index) : OfOutput(index), weight, _ofInputs[sequence]);
            }
        }
    }

    private ReadOnlySpan<Fed<T>> PartsOf(int row) => CollectionsMarshal.AsSpan(_fed).Slice(_parts[row].First, _parts[row].Count);
}

/// <summary>A part of what a step is fed.</summary>
/// <param name="Source">Where the vector is.</param>
/// <param name="Index">Of the table's row, or of the row that came out.</param>
/// <param name="Weight">What the vector is multiplied by.</param>
internal readonly record struct Fed<T>(FedFrom Source, int Index, T Weight)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>A vector of the table.</summary>
    public static Fed<T> FromTable(int row) => new(FedFrom.Table, row, T.One);
}

/// <summary>Where a vector that is fed comes from.</summary>
internal enum FedFrom
{
    Table,

    /// <summary>An earlier step's output.</summary>
    Output,
}
