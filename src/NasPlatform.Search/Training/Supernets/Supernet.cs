using NasPlatform.Search.Spaces;
using static TorchSharp.torch;

namespace NasPlatform.Search.Training.Supernets;

/// <summary>
/// One network, or one store of weights, that holds every choice of a space, and what chooses among them: what a one-shot strategy trains before the first trial. Synchronous code on the caller's thread, which
/// opens a dispose scope for each step. Between epochs its state is what <see cref="Save"/> gives; everything random is drawn anew in each epoch from the stream that it is begun with.
/// </summary>
public abstract class Supernet : IDisposable
{
    /// <summary>Steps of an epoch.</summary>
    public abstract int Steps { get; }

    /// <summary>How many of them, the first, move the shared weights; those after move only what chooses.</summary>
    public virtual int WeightSteps => Steps;

    /// <summary>Examples that the shared weights' step is trained on.</summary>
    public abstract int Batch { get; }

    /// <summary>Named numbers of the epoch so far for people to watch.</summary>
    public abstract IReadOnlyDictionary<string, double> Diagnostics { get; }

    /// <summary>Begins an epoch.</summary>
    /// <param name="epoch">1-based.</param>
    /// <param name="epochs">The whole training's length as it is planned now.</param>
    /// <param name="random">The epoch's stream.</param>
    public abstract void Begin(int epoch, int epochs, RandomSource random);

    /// <summary>Makes a step.</summary>
    /// <param name="step">0-based, within the epoch.</param>
    /// <param name="lossSum"><c>float32 [1]</c> on the device: the mean training loss of a step of the shared weights is added.</param>
    public abstract void Step(int step, Tensor lossSum);

    /// <summary>The supernet's own score on the validation split.</summary>
    public abstract Measurement Measure(CancellationToken cancellation);

    /// <summary>What would be derived now.</summary>
    public abstract Genotype Current(CancellationToken cancellation);

    /// <summary>What is thought of each choice.</summary>
    public abstract IReadOnlyList<Belief> Beliefs();

    /// <summary>What is to be tried, the most promising first; as many as the strategy proposes.</summary>
    /// <param name="random">What is drawn for it.</param>
    public abstract IReadOnlyList<Genotype> Derive(RandomSource random, CancellationToken cancellation);

    /// <summary>All that the next epoch begins with.</summary>
    public abstract IEnumerable<TensorEntry> Save();

    /// <summary>Goes back to what was saved.</summary>
    public abstract void Load(SafetensorsFile file);

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}
