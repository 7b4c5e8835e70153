using System.Numerics;
using NasPlatform.Search.Strategies.Controllers;

namespace NasPlatform.Search.Strategies.Eas;

/// <summary>
/// EAS's policy (Cai et al. 2018, arXiv 1707.04873; released code, <c>base_controller.py</c>): a bidirectional LSTM reads a network's layers; of what it gives for each layer, one classifier that all share says
/// whether to widen it; and from its final states a second LSTM decides where to put a layer in: the block, the layer within it that it follows, the kernel.
/// </summary>
/// <remarks>
/// Embeddings begin uniform in ±√3, forget gates with a bias of 1, as TensorFlow's; other weights uniform in ±√(6 / (rows + columns)), of which the papers say nothing. What was scored last is kept for the way
/// back: for one thread.
/// </remarks>
internal sealed class EasActors<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly int _units;
    private readonly Parameter<T> _tokens;
    private readonly LstmLayer<T> _onward;
    private readonly LstmLayer<T> _backward;
    private readonly SoftmaxHead<T> _wider;
    private readonly LstmLayer<T> _decoder;
    private readonly Parameter<T>[] _fed; // to the decoder's steps: one vector, then those of the decision before
    private readonly SoftmaxHead<T>[] _deeper;

    // Of what was read last.
    private readonly Rows<T> _inputs;
    private readonly Rows<T> _turned;
    private readonly Rows<T> _features;
    private readonly Rows<T> _ofFeatures;
    private int[] _read = [];

    // Of what was scored last: decisions with their log probabilities.
    private readonly List<(int Token, bool IsWider, T[] LogProbabilities)> _widened = [];
    private readonly List<(int Value, T[] LogProbabilities)> _put = [];

    /// <param name="tokens">Words of the layers' vocabulary.</param>
    /// <param name="units">Of the encoder's LSTM in each direction.</param>
    /// <param name="embedding">Numbers that stand for a layer, and for a decision.</param>
    /// <param name="options">Of the deeper actor's decisions: blocks, layers in a block, and kernels, if those are to be chosen.</param>
    /// <param name="init">The stream of the initial weights.</param>
    public EasActors(int tokens, int units, int embedding, IReadOnlyList<int> options, RandomSource init)
    {
        _units = units;
        _tokens = new("tokens", tokens, embedding);
        (_onward, _backward) = (new("encoder_onward", embedding, units, 1), new("encoder_backward", embedding, units, 1));
        _wider = new("wider", 2 * units, 1);
        _decoder = new("decoder", embedding, 2 * units, 1);
        _fed = [.. Enumerable.Range(0, options.Count).Select(step => new Parameter<T>($"decoder_input{step}", step == 0 ? 1 : options[step - 1], embedding))];
        _deeper = [.. options.Select((count, step) => new SoftmaxHead<T>($"deeper{step}", 2 * units, count))];
        (_inputs, _turned, _features, _ofFeatures) = (new(embedding), new(embedding), new(2 * units), new(2 * units));
        Parameters = [_tokens, .. _onward.Parameters, .. _backward.Parameters, .. _wider.Parameters, .. _decoder.Parameters, .. _fed, .. _deeper.SelectMany(head => head.Parameters)];
        foreach (var parameter in Parameters.Where(parameter => parameter.Rows > 1 || !parameter.Name.Contains("bias", StringComparison.Ordinal)))
        {
            var isEmbedding = parameter == _tokens || _fed.Contains(parameter);
            parameter.Draw(init.Split(parameter.Name), Math.Sqrt(isEmbedding ? 3 : 6.0 / (parameter.Rows + parameter.Columns)));
        }

        foreach (var layer in new[] { _onward, _backward, _decoder })
        {
            var bias = layer.Parameters[2];
            for (var unit = 0; unit < bias.Columns / 4; unit++)
            {
                bias.Values[bias.Place(0, (bias.Columns / 4) + unit)] = T.One; // gates are input, forget, value, output
            }
        }
    }

    public IReadOnlyList<Parameter<T>> Parameters { get; }

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

        _ofFeatures.From(0, count).Clear();
        _widened.Clear();
        _put.Clear();

        void Run(LstmLayer<T> layer, Rows<T> inputs)
        {
            layer.Start(1);
            layer.Project(inputs.From(0, count), layer.Gates(0, count));
            layer.Forward(0, count);
        }
    }

    /// <summary>Decides, of the network that was read, whether to widen a layer.</summary>
    /// <param name="token">Its place.</param>
    /// <param name="pick">Says, of the log probabilities of no and yes.</param>
    public bool Widen(int token, Func<ReadOnlySpan<T>, int> pick)
    {
        T[] logProbabilities = [T.Zero, _wider.Logit(0, _features[token])];
        Softmax.ToLogProbabilities<T>(logProbabilities);
        var isWider = pick(logProbabilities) == 1;
        _widened.Add((token, isWider, logProbabilities));
        return isWider;
    }

    /// <summary>Decides, of the network that was read, where to put a layer in.</summary>
    /// <param name="layers">How many layers each block has.</param>
    /// <param name="hasKernel">Whether a block's layers have a kernel to be chosen.</param>
    /// <param name="pick">Says, of the log probabilities of the options.</param>
    /// <returns>The block, the layer, and the kernel, if that is chosen.</returns>
    public int[] Deepen(IReadOnlyList<int> layers, Predicate<int> hasKernel, Func<ReadOnlySpan<T>, int> pick)
    {
        var last = _read.Length - 1;
        var (hidden, cell) = (new T[Vectors.Padded<T>(2 * _units)], new T[Vectors.Padded<T>(2 * _units)]);
        Join(_onward.Hidden(last, 1), _backward.Hidden(last, 1), hidden);
        Join(_onward.Cell(last), _backward.Cell(last), cell);
        _decoder.Start(hidden, cell);
        for (var step = 0; step < _deeper.Length && (step < 2 || hasKernel(_put[0].Value)); step++)
        {
            _decoder.Project(_fed[step].Row(step == 0 ? 0 : _put[step - 1].Value), _decoder.Gates(step, 1));
            _decoder.Forward(step, 1);
            var logProbabilities = new T[step == 1 ? Math.Min(layers[_put[0].Value], _deeper[1].Weight.Rows) : _deeper[step].Weight.Rows]; // of those that there are
            _deeper[step].Forward(_decoder.Hidden(step, 1), logProbabilities);
            Softmax.ToLogProbabilities<T>(logProbabilities);
            _put.Add((pick(logProbabilities), logProbabilities));
        }

        return [.. _put.Select(put => put.Value)];
    }

    /// <summary>What was decided of the network that was read: its log probability, and the mean entropy of a decision, in nats.</summary>
    public Score Score()
    {
        var decided = _widened.Select(wide => (Value: wide.IsWider ? 1 : 0, wide.LogProbabilities)).Concat(_put).ToList();
        return decided.Count == 0
            ? default
            : new(
                decided.Sum(made => double.CreateTruncating(made.LogProbabilities[made.Value])),
                decided.Average(made => double.CreateTruncating(Softmax.Entropy<T>(made.LogProbabilities))));
    }

    /// <summary>Goes back, once, through what was decided of the network that was read, and adds to the gradients of all parameters.</summary>
    public void Backward(Score ofScore)
    {
        var count = _read.Length;
        var decided = _widened.Count + _put.Count;
        foreach (var (token, isWider, logProbabilities) in _widened)
        {
            Softmax.Backward<T>(logProbabilities, isWider ? 1 : 0, T.CreateTruncating(ofScore.LogProbability), T.CreateTruncating(ofScore.Entropy / decided));
            _wider.Backward(_features[token], logProbabilities.AsSpan(1), _ofFeatures[token]);
        }

        _onward.StartBackward();
        _backward.StartBackward();
        var (ofOnward, ofBackward) = (new Rows<T>(_units), new Rows<T>(_units));
        for (var place = 0; place < count; place++)
        {
            ofOnward[place].Clear();
            ofBackward[place].Clear();
        }

        for (var place = 0; place < count; place++)
        {
            Part(_ofFeatures[place], ofOnward[place], ofBackward[count - 1 - place]);
        }

        if (_put.Count > 0)
        {
            ThroughDecoder(ofScore, decided, ofOnward[count - 1], ofBackward[count - 1]);
        }

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

    private void ThroughDecoder(Score ofScore, int decided, Span<T> ofOnward, Span<T> ofBackward)
    {
        var ofHidden = new Rows<T>(2 * _units);
        ofHidden.From(0, _put.Count).Clear();
        for (var step = 0; step < _put.Count; step++)
        {
            var (value, logProbabilities) = _put[step];
            Softmax.Backward<T>(logProbabilities, value, T.CreateTruncating(ofScore.LogProbability), T.CreateTruncating(ofScore.Entropy / decided));
            _deeper[step].Backward(_decoder.Hidden(step, 1), logProbabilities, ofHidden[step]);
        }

        _decoder.StartBackward();
        _decoder.Backward(0, _put.Count, ofHidden.From(0, _put.Count));
        _decoder.FinishBackward(_put.Count);
        for (var step = 0; step < _put.Count; step++)
        {
            var fed = step == 0 ? 0 : _put[step - 1].Value;
            _decoder.ToProjection(_fed[step].Row(fed), _decoder.Gates(step, 1));
            _decoder.ToInputs(_decoder.Gates(step, 1), _fed[step].GradientOfRow(fed));
        }

        var ofStart = new T[Vectors.Padded<T>(2 * _units)];
        _decoder.ToStart(ofStart);
        Part(ofStart, ofOnward, ofBackward);
        Part(_decoder.OfCell, _onward.OfCell, _backward.OfCell);
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
