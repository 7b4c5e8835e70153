using System.Numerics;
using NasPlatform.Search.Strategies.Controllers;

namespace NasPlatform.Search.Strategies.Eas;

/// <summary>
/// Reads a network's layers with a bidirectional LSTM, as EAS does (Cai et al. 2018; released code, <c>base_controller.py</c>): what it gives of each layer, and its final states, which are one vector for the whole
/// network.
/// </summary>
/// <remarks>What was read last is kept for the way back: for one thread.</remarks>
internal sealed class NetworkEncoder<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly int _units;
    private readonly Parameter<T> _tokens;
    private readonly LstmLayer<T> _onward;
    private readonly LstmLayer<T> _backward;

    // Of what was read last.
    private readonly Rows<T> _inputs;
    private readonly Rows<T> _turned;
    private readonly Rows<T> _features;
    private readonly Rows<T> _ofFeatures;
    private readonly T[] _hidden;
    private readonly T[] _cell;
    private int[] _read = [];

    /// <param name="tokens">Words of the layers' vocabulary.</param>
    /// <param name="units">Of the LSTM in each direction.</param>
    /// <param name="embedding">Numbers that stand for a layer.</param>
    /// <param name="init">The stream of the initial weights.</param>
    public NetworkEncoder(int tokens, int units, int embedding, RandomSource init)
    {
        _units = units;
        _tokens = new("tokens", tokens, embedding);
        (_onward, _backward) = (new("encoder_onward", embedding, units, 1), new("encoder_backward", embedding, units, 1));
        (_inputs, _turned, _features, _ofFeatures) = (new(embedding), new(embedding), new(2 * units), new(2 * units));
        (_hidden, _cell) = (Vector(), Vector());
        (OfHidden, OfCell) = (Vector(), Vector());
        EasInit.DrawEmbedding(_tokens, init);
        EasInit.Draw(_onward, init);
        EasInit.Draw(_backward, init);

        T[] Vector() => new T[Vectors.Padded<T>(Width)];
    }

    public IReadOnlyList<Parameter<T>> Parameters => [_tokens, .. _onward.Parameters, .. _backward.Parameters];

    /// <summary>Numbers of what it gives of a layer, and of each final state: those of both directions.</summary>
    public int Width => 2 * _units;

    /// <summary>The final states h, of the network that was read.</summary>
    public ReadOnlySpan<T> Hidden => _hidden;

    /// <summary>The final states c.</summary>
    public ReadOnlySpan<T> Cell => _cell;

    /// <summary>To which the gradient of <see cref="Hidden"/> is added before <see cref="Backward"/>.</summary>
    public T[] OfHidden { get; }

    /// <summary>To which the gradient of <see cref="Cell"/> is added before <see cref="Backward"/>.</summary>
    public T[] OfCell { get; }

    /// <summary>What it gives of a layer.</summary>
    public Span<T> Features(int place) => _features[place];

    /// <summary>To which the gradient of that is added before <see cref="Backward"/>.</summary>
    public Span<T> OfFeatures(int place) => _ofFeatures[place];

    /// <summary>Reads a network.</summary>
    /// <param name="tokens">Its layers, by the places of their words in the vocabulary.</param>
    public void Read(IReadOnlyList<int> tokens)
    {
        _read = [.. tokens];
        var count = _read.Length;
        for (var place = 0; place < count; place++)
        {
            _tokens.Row(_read[place]).CopyTo(_inputs[place]);
            _tokens.Row(_read[place]).CopyTo(_turned[count - 1 - place]);
        }

        Run(_onward, _inputs);
        Run(_backward, _turned);
        for (var place = 0; place < count; place++)
        {
            Join(_onward.Hidden(place, 1), _backward.Hidden(count - 1 - place, 1), _features[place]);
        }

        Join(_onward.Hidden(count - 1, 1), _backward.Hidden(count - 1, 1), _hidden);
        Join(_onward.Cell(count - 1), _backward.Cell(count - 1), _cell);
        _ofFeatures.From(0, count).Clear();
        Array.Clear(OfHidden);
        Array.Clear(OfCell);

        void Run(LstmLayer<T> layer, Rows<T> inputs)
        {
            layer.Start(1);
            layer.Project(inputs.From(0, count), layer.Gates(0, count));
            layer.Forward(0, count);
        }
    }

    /// <summary>Goes back, once, from the gradients of what it gave of the network that was read, and adds to those of its parameters.</summary>
    public void Backward()
    {
        var count = _read.Length;
        _onward.StartBackward();
        _backward.StartBackward();
        var (ofOnward, ofBackward) = (new Rows<T>(_units), new Rows<T>(_units));
        ofOnward.From(0, count).Clear();
        ofBackward.From(0, count).Clear();
        for (var place = 0; place < count; place++)
        {
            Part(_ofFeatures[place], ofOnward[place], ofBackward[count - 1 - place]);
        }

        Part(OfHidden, ofOnward[count - 1], ofBackward[count - 1]);
        Part(OfCell, _onward.OfCell, _backward.OfCell);
        Through(_onward, _inputs, ofOnward, place => place);
        Through(_backward, _turned, ofBackward, place => count - 1 - place);

        void Through(LstmLayer<T> layer, Rows<T> inputs, Rows<T> ofHidden, Func<int, int> token)
        {
            layer.Backward(0, count, ofHidden.From(0, count));
            layer.FinishBackward(count);
            layer.ToProjection(inputs.From(0, count), layer.Gates(0, count));
            for (var place = 0; place < count; place++)
            {
                layer.ToInputs(layer.Gates(place, 1), _tokens.GradientOfRow(_read[token(place)]));
            }
        }
    }

    private void Join(ReadOnlySpan<T> onward, ReadOnlySpan<T> backward, Span<T> joined)
    {
        onward[.._units].CopyTo(joined);
        backward[.._units].CopyTo(joined[_units..]);
    }

    // The way back of joining: adds.
    private void Part(ReadOnlySpan<T> ofJoined, Span<T> ofOnward, Span<T> ofBackward)
    {
        for (var unit = 0; unit < _units; unit++)
        {
            ofOnward[unit] += ofJoined[unit];
            ofBackward[unit] += ofJoined[_units + unit];
        }
    }
}
