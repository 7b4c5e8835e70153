using System.Numerics;
using NasPlatform.Search.Spaces.Eas;
using NasPlatform.Search.Strategies.Controllers;
using NasPlatform.Search.Strategies.Eas;

namespace NasPlatform.Search.Strategies.Rena;

/// <summary>
/// RENA's networks (Zhou et al. 2018, arXiv 1806.07912): an LSTM embeds a network's layers in one vector; on that a policy decides to scale a layer, to insert one or to remove one, and predictors say how
/// accurate the network will be and what it will take.
/// </summary>
/// <remarks>
/// The paper's internals are unverified. Encoder and decoder are EAS's; the decoder decides the kind of edit, the block, the layer within it, and to what it is scaled or which kernel a new layer has, each among
/// the options that there are. The predictors are one full layer on the vector.
/// </remarks>
internal sealed class RenaPolicy<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly NetworkEncoder<T> _encoder;
    private readonly EditDecoder<T> _decoder;
    private readonly SoftmaxHead<T> _predictor;

    /// <param name="tokens">Words of the layers' vocabulary.</param>
    /// <param name="units">Of the encoder's LSTM in each direction; the vector has twice as many numbers.</param>
    /// <param name="embedding">Numbers that stand for a layer, and for a decision.</param>
    /// <param name="blocks">Blocks of a network.</param>
    /// <param name="layers">Most layers of a block.</param>
    /// <param name="kernels">Kernel sides.</param>
    /// <param name="predictions">Numbers that are predicted.</param>
    /// <param name="init">The stream of the initial weights.</param>
    public RenaPolicy(int tokens, int units, int embedding, int blocks, int layers, int kernels, int predictions, RandomSource init)
    {
        _encoder = new(tokens, units, embedding, init);
        _decoder = new(_encoder, embedding, [3, blocks, layers, 2 + kernels], init);
        _predictor = new("predictor", _encoder.Width, predictions);
        EasInit.Draw(_predictor, init);
        OfPolicy = [.. _encoder.Parameters, .. _decoder.Parameters];
        OfPredictor = [.. _encoder.Parameters, .. _predictor.Parameters];
    }

    /// <summary>What the policy learns by: the embedding and the decoder.</summary>
    public IReadOnlyList<Parameter<T>> OfPolicy { get; }

    /// <summary>What the predictors learn by: the embedding and theirs.</summary>
    public IReadOnlyList<Parameter<T>> OfPredictor { get; }

    /// <summary>Reads a network.</summary>
    /// <param name="tokens">Its layers, by the places of their words in the vocabulary.</param>
    public void Read(IReadOnlyList<int> tokens)
    {
        _encoder.Read(tokens);
        _decoder.Start();
    }

    /// <summary>What is predicted of the network that was read.</summary>
    public T[] Predict()
    {
        var predictions = new T[_predictor.Weight.Rows];
        _predictor.Forward(_encoder.Hidden, predictions);
        return predictions;
    }

    /// <summary>Decides how the network that was read is edited.</summary>
    /// <param name="edits">Among which, at least one.</param>
    /// <param name="pick">Says, of the log probabilities of a decision's options, the place of one.</param>
    public EasEdit Decide(IEnumerable<EasEdit> edits, Func<ReadOnlySpan<T>, int> pick)
    {
        var left = edits.Select(edit => (Edit: edit, Way: Way(edit))).ToList();
        for (var step = 0; step < 4; step++)
        {
            int[] options = [.. left.Select(edit => edit.Way[step]).Distinct().Order()];
            var option = _decoder.Decide(options, pick);
            left.RemoveAll(edit => edit.Way[step] != option);
        }

        return left.Single().Edit;
    }

    /// <summary>What was decided of the network that was read: its log probability, and the mean entropy of a decision, in nats.</summary>
    public Score Score() => Controllers.Score.Of([.. _decoder.Decisions]);

    /// <summary>Goes back, once, through what was decided of the network that was read, and adds to the gradients of <see cref="OfPolicy"/>.</summary>
    public void Backward(Score ofScore)
    {
        _decoder.Backward(T.CreateTruncating(ofScore.LogProbability), T.CreateTruncating(ofScore.Entropy / _decoder.Decisions.Count()));
        _encoder.Backward();
    }

    /// <summary>Goes back, once, from the gradients of <see cref="Predict"/>, and adds to those of <see cref="OfPredictor"/>.</summary>
    public void BackwardOfPredictions(ReadOnlySpan<T> ofPredictions)
    {
        _predictor.Backward(_encoder.Hidden, ofPredictions, _encoder.OfHidden);
        _encoder.Backward();
    }

    /// <summary>The decisions that make an edit: its kind, the block, the layer, and to what: narrower, wider, or a kernel.</summary>
    private static int[] Way(EasEdit edit) => edit switch
    {
        EasEdit.Narrower => [0, edit.Block, edit.Layer, 0],
        EasEdit.Wider => [0, edit.Block, edit.Layer, 1],
        EasEdit.Reshaped reshaped => [0, edit.Block, edit.Layer, 2 + reshaped.Kernel],
        EasEdit.Deeper deeper => [1, edit.Block, edit.Layer, 2 + deeper.Kernel],
        EasEdit.Shallower => [2, edit.Block, edit.Layer, 0],
        _ => throw new ArgumentException($"Edit {edit} is not known.", nameof(edit)),
    };
}
