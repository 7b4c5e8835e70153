using NasPlatform.Search.Datasets;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Experiments;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Training.Examples;
using static TorchSharp.torch;

namespace NasPlatform.Search.Training.Supernets;

/// <summary>What a supernet is trained on and with.</summary>
/// <param name="Spec">The experiment's: device, threads, augmentation, precision and the share of the training split that a trial sees.</param>
/// <param name="Space">Whose choices are made.</param>
/// <param name="Dataset">Open; not needed once the examples are on the device.</param>
/// <param name="Random">The training's stream.</param>
/// <param name="Time">For what is measured in time.</param>
public sealed record SupernetContext(ExperimentSpec Spec, SearchSpace Space, Dataset Dataset, RandomSource Random, TimeProvider Time)
{
    public TaskShape Task => Dataset.Report.TaskShape;

    public Device Device => Devices.Parse(Spec.Device);

    /// <summary>How images are varied; nothing for what is none.</summary>
    public Augmentation Augmentation => Task.Kind != TaskKind.ImageClassification ? Augmentation.None : Spec.Training.Augmentation ?? Augmentation.Standard(Task.Height, Task.Width);

    /// <summary>The examples that a trial would be trained on.</summary>
    public DeviceDataset Train() => DeviceDataset.Of(Dataset, TrainingEvaluator.TrainIndices(Spec, Dataset), Device);

    public DeviceDataset Validation() => DeviceDataset.Of(Dataset, Dataset.Indices(Split.Validation), Device);

    /// <summary>The examples that a trial would be trained on, cut in two by the seed: of images and the like at random, of a text its beginning and its end.</summary>
    /// <param name="share">Of the first part, above 0 and below 1.</param>
    public (DeviceDataset First, DeviceDataset Second) Cut(double share)
    {
        var indices = TrainingEvaluator.TrainIndices(Spec, Dataset);
        if (Task.Kind != TaskKind.LanguageModelling)
        {
            Random.Split("cut").Shuffle<int>(indices);
        }

        var first = Math.Clamp((int)Math.Round(indices.Length * share), 1, indices.Length - 1);
        return (Part(indices[..first]), Part(indices[first..]));

        DeviceDataset Part(int[] part)
        {
            Array.Sort(part);
            return DeviceDataset.Of(Dataset, part, Device);
        }
    }
}
