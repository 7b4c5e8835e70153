using System.Numerics;

namespace NasPlatform.Search.Strategies.Controllers;

/// <summary>
/// Layers of long short-term memory, one on the other, run along several sequences at once. A row is a step of a sequence, <c>step · batch + sequence</c>. What rows are fed are vectors of a table,
/// each of which is multiplied once, however often it is fed.
/// </summary>
/// <remarks>What was computed stays until the next sequences are begun.</remarks>
internal sealed class Lstm<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly LstmLayer<T>[] _layers;
    private readonly Parameter<T> _inputs;

    // What the lowest layer's gates are given of each input, and the gradients of that.
    private readonly Rows<T> _projected;
    private readonly Rows<T> _ofProjected;

    // Of what comes out; then, from the upper layer to the lower, of what each was given.
    private Rows<T> _ofHidden;
    private Rows<T> _ofHiddenBelow;
    private int[] _fed = [];
    private int _batch;

    /// <param name="inputs">The vectors that can be fed, one a row.</param>
    /// <param name="units">Numbers in each state.</param>
    /// <param name="layers">Layers.</param>
    public Lstm(Parameter<T> inputs, int units, int layers)
    {
        _inputs = inputs;
        _layers = [.. Enumerable.Range(0, layers).Select(layer => new LstmLayer<T>($"lstm{layer}", layer == 0 ? inputs.Columns : units, units))];
        (_projected, _ofProjected) = (new(_layers[0].GatesWidth), new(_layers[0].GatesWidth));
        (_ofHidden, _ofHiddenBelow) = (new(units), new(units));
    }

    public IEnumerable<Parameter<T>> Parameters => _layers.SelectMany(layer => layer.Parameters);

    /// <summary>Begins sequences anew, with states of zeros.</summary>
    public void Start(int batch)
    {
        _batch = batch;
        _layers[0].Project(_inputs.Values, _projected.From(0, _inputs.Rows));
        foreach (var layer in _layers)
        {
            layer.Start(batch);
        }
    }

    /// <summary>Says which input a row is fed, before its step is made.</summary>
    public void Feed(int row, int input)
    {
        if (_fed.Length <= row)
        {
            Array.Resize(ref _fed, Math.Max(row + 1, 2 * _fed.Length));
        }

        _fed[row] = input;
    }

    /// <summary>Makes <paramref name="count"/> steps from <paramref name="first"/> on; those before have been made.</summary>
    public void Forward(int first, int count)
    {
        var (row, rows) = (first * _batch, count * _batch);
        var gates = _layers[0].Gates(row, rows);
        for (var place = 0; place < rows; place++)
        {
            _projected[_fed[row + place]].CopyTo(gates[(place * _projected.Width)..]);
        }

        _layers[0].Forward(first, count);
        for (var layer = 1; layer < _layers.Length; layer++)
        {
            _layers[layer].Project(_layers[layer - 1].Hidden(row, rows), _layers[layer].Gates(row, rows));
            _layers[layer].Forward(first, count);
        }
    }

    /// <summary>The uppermost layer's state after a row's step.</summary>
    public ReadOnlySpan<T> Output(int row) => _layers[^1].Hidden(row, 1);

    /// <summary>Begins the way back through the first <paramref name="steps"/> steps, with gradients of zero.</summary>
    public void StartBackward(int steps) => _ofHidden.From(0, steps * _batch).Clear();

    /// <summary>To which the gradient of a row's <see cref="Output"/> is added before <see cref="Backward"/>.</summary>
    public Span<T> OfOutput(int row) => _ofHidden[row];

    /// <summary>Adds the gradients of the parameters and of the inputs to what is there.</summary>
    /// <param name="steps">As many as it was begun with.</param>
    public void Backward(int steps)
    {
        var rows = steps * _batch;
        for (var layer = _layers.Length - 1; layer > 0; layer--)
        {
            var ofHiddenBelow = _ofHiddenBelow.From(0, rows);
            ofHiddenBelow.Clear();
            Through(_layers[layer]);
            ProjectBack(_layers[layer], _layers[layer - 1].Hidden(0, rows), _layers[layer].Gates(0, rows), ofHiddenBelow);
            (_ofHidden, _ofHiddenBelow) = (_ofHiddenBelow, _ofHidden);
        }

        Through(_layers[0]);
        var ofProjected = _ofProjected.From(0, _inputs.Rows);
        ofProjected.Clear();
        for (var row = 0; row < rows; row++)
        {
            Vectors.AddScaled(_ofProjected[_fed[row]], T.One, _layers[0].Gates(row, 1));
        }

        ProjectBack(_layers[0], _inputs.Values, ofProjected, _inputs.Gradient);

        void Through(LstmLayer<T> layer)
        {
            layer.StartBackward();
            layer.Backward(0, steps, _ofHidden.From(0, rows));
            layer.FinishBackward(steps);
        }
    }

    private static void ProjectBack(LstmLayer<T> layer, ReadOnlySpan<T> inputs, ReadOnlySpan<T> ofGates, Span<T> ofInputs)
    {
        layer.ToInputs(ofGates, ofInputs);
        layer.ToProjection(inputs, ofGates);
    }
}
