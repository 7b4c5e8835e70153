using NasPlatform.Search.Datasets;
using NasPlatform.Search.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Search.Training.Examples;

/// <summary>
/// Examples resident on a device, in the form in which they are kept; batches are normalised there, and varied where the data have ways to vary. May be read from
/// several threads.
/// </summary>
public abstract class DeviceDataset : IDisposable
{
    /// <param name="task">What is learnt.</param>
    /// <param name="count">See <see cref="Count"/>.</param>
    /// <param name="device">Where they lie.</param>
    private protected DeviceDataset(TaskKind task, int count, Device device) => (Task, Count, Device) = (task, count, device);

    public TaskKind Task { get; }

    public Device Device { get; }

    /// <summary>Number of examples: images, series, rows, windows of a series; tokens of a text that are predicted.</summary>
    public int Count { get; }

    /// <summary>Whether each step goes on where the one before ended, so that a network keeps what it remembers.</summary>
    public virtual bool IsContinuous => false;

    /// <summary>Puts examples on a device.</summary>
    /// <param name="dataset">An open dataset; not needed afterwards.</param>
    /// <param name="indices">Which, in this order, of those that <see cref="Dataset.Indices"/> gives; of a text they follow one another.</param>
    /// <param name="device">Where to.</param>
    public static DeviceDataset Of(Dataset dataset, ReadOnlySpan<int> indices, Device device) => dataset.Task switch
    {
        TaskKind.ImageClassification => new ImageExamples(dataset, indices, device),
        TaskKind.SequenceClassification or TaskKind.TabularClassification or TaskKind.TabularRegression => new ValueExamples(dataset, indices, device),
        TaskKind.Forecasting => new WindowExamples(dataset, indices, device),
        TaskKind.LanguageModelling => new TextExamples(dataset, indices, device),
    };

    /// <summary>How many examples a step reads, of those asked for.</summary>
    public virtual int BatchOf(int asked) => Math.Min(asked, Count);

    /// <summary>Steps of an epoch. A last, smaller batch is left out: another order each epoch gives all a turn.</summary>
    /// <param name="batch">Examples a step, of <see cref="BatchOf"/>.</param>
    public abstract int Steps(int batch);

    /// <summary>Examples that one step is trained on; of a text its tokens.</summary>
    /// <param name="batch">As for <see cref="Steps"/>.</param>
    public virtual int ExamplesOf(int batch) => batch;

    /// <summary>What one step of an epoch is trained on.</summary>
    /// <param name="step">0-based.</param>
    /// <param name="batch">As for <see cref="Steps"/>.</param>
    /// <param name="order">The epoch's order: <c>int64 [Count]</c> on the device.</param>
    /// <param name="augmentation">How images are varied.</param>
    /// <param name="random">The device's generator to draw from.</param>
    /// <returns>What the network reads, and what it should give: see <see cref="Part"/>.</returns>
    public abstract (Tensor Inputs, Tensor Targets) Step(int step, int batch, Tensor order, Augmentation augmentation, Generator random);

    /// <summary>Into how many parts the whole is cut to be measured, each small enough to be run at once.</summary>
    public abstract int Parts { get; }

    /// <summary>One part of the whole, in order and not varied.</summary>
    /// <param name="part">0-based.</param>
    /// <returns>
    /// Inputs <c>float32 [n, ...]</c>, normalised, in the shape of the task's input, and targets: classes <c>int64 [n]</c>, or numbers <c>float32 [n, numbers]</c> in deviations of the
    /// training split; of a text both are tokens <c>int64 [n, steps]</c>.
    /// </returns>
    public abstract (Tensor Inputs, Tensor Targets) Part(int part);

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}
