using NasPlatform.Search.Datasets;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Search.Training.Examples;

/// <summary>
/// A text as tokens <c>int64 [length]</c>, read as several streams side by side, each a stretch of it: a step reads the next tokens of every stream, and what is to be given is the token after each.
/// So gradients reach back over one step's tokens and what a network remembers reaches further (truncated backpropagation through time, as the language models of NAS-RL, ENAS and DARTS are trained).
/// </summary>
public sealed class TextExamples : DeviceDataset
{
    /// <summary>Streams in which a text is measured, as the reference code of ENAS and DARTS does.</summary>
    private const int MeasuredStreams = 10;

    private readonly Tensor _tokens;
    private readonly int _steps;

    internal TextExamples(Dataset dataset, ReadOnlySpan<int> indices, Device device)
        : base(dataset.Task, Math.Max(0, indices.Length - 1), device)
    {
        _steps = dataset.Width;
        if (Count < 1)
        {
            throw new UserErrorException($"The text '{dataset.Name}' has a split of {indices.Length} tokens; to learn from it or to be measured on it, it needs at least 2.");
        }

        if (indices[^1] - indices[0] != Count)
        {
            throw new ArgumentException("The tokens of a text must follow one another.", nameof(indices));
        }

        using var tokens = tensor(dataset.Labels.Slice(indices[0], indices.Length).ToArray());
        _tokens = tokens.to(device).DetachFromDisposeScope();
    }

    public override bool IsContinuous => true;

    public override int Parts => Windows(MeasureIn);

    /// <summary>As many streams as there are that have a whole step.</summary>
    public override int BatchOf(int asked) => Math.Clamp(Count / _steps, 1, asked);

    public override int Steps(int batch) => Math.Max(1, Count / batch / _steps);

    public override int ExamplesOf(int batch) => batch * Math.Min(_steps, Count / batch);

    public override (Tensor Inputs, Tensor Targets) Step(int step, int batch, Tensor order, Augmentation augmentation, Generator random) => Window(step, batch);

    public override (Tensor Inputs, Tensor Targets) Part(int part) => Window(part, MeasureIn);

    protected override void Dispose(bool disposing) => _tokens.Dispose();

    private int MeasureIn => BatchOf(MeasuredStreams);

    private int Windows(int streams) => ((Count / streams) + _steps - 1) / _steps;

    /// <summary>The tokens of one step of all streams; the last may be shorter.</summary>
    private (Tensor Inputs, Tensor Targets) Window(int window, int streams)
    {
        var length = Count / streams;
        var start = window * _steps;
        return (At(start), At(start + 1));

        Tensor At(int first)
        {
            using var view = _tokens.as_strided([streams, Math.Min(_steps, length - start)], [length, 1], first);
            return view.contiguous();
        }
    }
}
