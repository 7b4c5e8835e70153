using System.Numerics;
using NasPlatform.Search.Strategies.Controllers;

namespace NasPlatform.Search.Strategies.Eas;

/// <summary>
/// An LSTM that begins with the final states of a <see cref="NetworkEncoder{T}"/> and decides about the network in some steps, each of which is fed what the one before has decided; EAS's deeper actor decides
/// so of block, layer and kernel.
/// </summary>
/// <remarks>What was decided last is kept for the way back: for one thread.</remarks>
internal sealed class EditDecoder<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly NetworkEncoder<T> _encoder;
    private readonly LstmLayer<T> _layer;
    private readonly Parameter<T>[] _fed; // one vector, then those of the decision before
    private readonly SoftmaxHead<T>[] _heads;
    private readonly List<Decided> _decided = [];

    /// <param name="encoder">Whose states it begins with.</param>
    /// <param name="embedding">Numbers that stand for a decision.</param>
    /// <param name="options">Of each step.</param>
    /// <param name="init">The stream of the initial weights.</param>
    public EditDecoder(NetworkEncoder<T> encoder, int embedding, IReadOnlyList<int> options, RandomSource init)
    {
        _encoder = encoder;
        _layer = new("decoder", embedding, encoder.Width, 1);
        _fed = [.. Enumerable.Range(0, options.Count).Select(step => new Parameter<T>($"decoder_input{step}", step == 0 ? 1 : options[step - 1], embedding))];
        _heads = [.. options.Select((count, step) => new SoftmaxHead<T>($"deeper{step}", encoder.Width, count))];
        EasInit.Draw(_layer, init);
        foreach (var fed in _fed)
        {
            EasInit.DrawEmbedding(fed, init);
        }

        foreach (var head in _heads)
        {
            EasInit.Draw(head, init);
        }
    }

    public IReadOnlyList<Parameter<T>> Parameters => [.. _layer.Parameters, .. _fed, .. _heads.SelectMany(head => head.Parameters)];

    /// <summary>What was decided: the log probabilities of the options that there were, and the place of the chosen one among them.</summary>
    public IEnumerable<(int Place, T[] LogProbabilities)> Decisions => _decided.Select(made => (made.Place, made.LogProbabilities));

    /// <summary>Begins with the states of the network that was read.</summary>
    public void Start()
    {
        _decided.Clear();
        _layer.Start(_encoder.Hidden, _encoder.Cell);
    }

    /// <summary>Makes the next step.</summary>
    /// <param name="among">The options that there are, at least one.</param>
    /// <param name="pick">Says which, by its place among them, of their log probabilities.</param>
    /// <returns>The option.</returns>
    public int Decide(IReadOnlyList<int> among, Func<ReadOnlySpan<T>, int> pick)
    {
        var step = _decided.Count;
        _layer.Project(_fed[step].Row(Fed(step)), _layer.Gates(step, 1));
        _layer.Forward(step, 1);
        var hidden = _layer.Hidden(step, 1);
        var logProbabilities = new T[among.Count];
        for (var place = 0; place < among.Count; place++)
        {
            logProbabilities[place] = _heads[step].Logit(among[place], hidden);
        }

        Softmax.ToLogProbabilities<T>(logProbabilities);
        _decided.Add(new(among, pick(logProbabilities), logProbabilities));
        return _decided[step].Option;
    }

    /// <summary>Goes back, once, through what was decided, adds to the gradients of its parameters and to those of the encoder's final states.</summary>
    /// <param name="ofLogProbability">The gradient of each decision's log probability.</param>
    /// <param name="ofEntropy">Of each decision's entropy.</param>
    public void Backward(T ofLogProbability, T ofEntropy)
    {
        if (_decided.Count == 0)
        {
            return;
        }

        var ofHidden = new Rows<T>(_encoder.Width);
        ofHidden.From(0, _decided.Count).Clear();
        foreach (var (step, (among, place, logProbabilities)) in _decided.Index())
        {
            Softmax.Backward<T>(logProbabilities, place, ofLogProbability, ofEntropy);
            for (var option = 0; option < among.Count; option++)
            {
                _heads[step].Backward(_layer.Hidden(step, 1), logProbabilities.AsSpan(option, 1), ofHidden[step], among[option]);
            }
        }

        _layer.StartBackward();
        _layer.Backward(0, _decided.Count, ofHidden.From(0, _decided.Count));
        _layer.FinishBackward(_decided.Count);
        for (var step = 0; step < _decided.Count; step++)
        {
            _layer.ToProjection(_fed[step].Row(Fed(step)), _layer.Gates(step, 1));
            _layer.ToInputs(_layer.Gates(step, 1), _fed[step].GradientOfRow(Fed(step)));
        }

        _layer.ToStart(_encoder.OfHidden);
        Vectors.AddScaled(_encoder.OfCell, T.One, _layer.OfCell);
    }

    private int Fed(int step) => step == 0 ? 0 : _decided[step - 1].Option;

    private sealed record Decided(IReadOnlyList<int> Among, int Place, T[] LogProbabilities)
    {
        public int Option => Among[Place];
    }
}
