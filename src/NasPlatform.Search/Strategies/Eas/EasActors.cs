using System.Numerics;
using NasPlatform.Search.Strategies.Controllers;

namespace NasPlatform.Search.Strategies.Eas;

/// <summary>
/// EAS's policy (Cai et al. 2018, arXiv 1707.04873; released code, <c>base_controller.py</c>): a bidirectional LSTM reads a network's layers; of what it gives for each layer, one classifier that all share says
/// whether to widen it; and from its final states a second LSTM decides where to put a layer in: the block, the layer within it that it follows, the kernel.
/// </summary>
/// <remarks>What was scored last is kept for the way back: for one thread.</remarks>
internal sealed class EasActors<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly NetworkEncoder<T> _encoder;
    private readonly SoftmaxHead<T> _wider;
    private readonly EditDecoder<T> _deeper;
    private readonly int[] _options;
    private readonly List<(int Token, bool IsWider, T[] LogProbabilities)> _widened = [];

    /// <param name="tokens">Words of the layers' vocabulary.</param>
    /// <param name="units">Of the encoder's LSTM in each direction.</param>
    /// <param name="embedding">Numbers that stand for a layer, and for a decision.</param>
    /// <param name="options">Of the deeper actor's decisions: blocks, layers in a block, and kernels, if those are to be chosen.</param>
    /// <param name="init">The stream of the initial weights.</param>
    public EasActors(int tokens, int units, int embedding, IReadOnlyList<int> options, RandomSource init)
    {
        _options = [.. options];
        _encoder = new(tokens, units, embedding, init);
        _wider = new("wider", 2 * units, 1);
        EasInit.Draw(_wider, init);
        _deeper = new(_encoder, embedding, options, init);
        Parameters = [.. _encoder.Parameters, .. _wider.Parameters, .. _deeper.Parameters];
    }

    public IReadOnlyList<Parameter<T>> Parameters { get; }

    /// <summary>Reads a network.</summary>
    /// <param name="tokens">Its layers, by the places of their words in the vocabulary.</param>
    public void Read(IReadOnlyList<int> tokens)
    {
        _encoder.Read(tokens);
        _deeper.Start();
        _widened.Clear();
    }

    /// <summary>Decides, of the network that was read, whether to widen a layer.</summary>
    /// <param name="token">Its place.</param>
    /// <param name="pick">Says, of the log probabilities of no and yes.</param>
    public bool Widen(int token, Func<ReadOnlySpan<T>, int> pick)
    {
        T[] logProbabilities = [T.Zero, _wider.Logit(0, _encoder.Features(token))];
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
        var block = _deeper.Decide([.. Enumerable.Range(0, _options[0])], pick);
        var layer = _deeper.Decide([.. Enumerable.Range(0, Math.Min(layers[block], _options[1]))], pick); // of those that there are
        return _options.Length > 2 && hasKernel(block) ? [block, layer, _deeper.Decide([.. Enumerable.Range(0, _options[2])], pick)] : [block, layer];
    }

    /// <summary>What was decided of the network that was read: its log probability, and the mean entropy of a decision, in nats.</summary>
    public Score Score() => Controllers.Score.Of([.. Decisions]);

    /// <summary>Goes back, once, through what was decided of the network that was read, and adds to the gradients of all parameters.</summary>
    public void Backward(Score ofScore)
    {
        var (ofLogProbability, ofEntropy) = (T.CreateTruncating(ofScore.LogProbability), T.CreateTruncating(ofScore.Entropy / Decisions.Count()));
        foreach (var (token, isWider, logProbabilities) in _widened)
        {
            Softmax.Backward<T>(logProbabilities, isWider ? 1 : 0, ofLogProbability, ofEntropy);
            _wider.Backward(_encoder.Features(token), logProbabilities.AsSpan(1), _encoder.OfFeatures(token));
        }

        _deeper.Backward(ofLogProbability, ofEntropy);
        _encoder.Backward();
    }

    private IEnumerable<(int Place, T[] LogProbabilities)> Decisions => _widened.Select(wide => (wide.IsWider ? 1 : 0, wide.LogProbabilities)).Concat(_deeper.Decisions);
}
