using System.Reflection;
using NasPlatform.Search.Datasets;
using NasPlatform.Search.Export;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Strategies;
using NasPlatform.Search.Training;

namespace NasPlatform.Search.Experiments;

/// <summary>Writes down a trained winner: weights, description, and every export format.</summary>
internal static class ModelWriter
{
    /// <summary>The program's version.</summary>
    public static string ProgramVersion { get; } =
        typeof(ModelWriter).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    public static void Write(
        string folder,
        ExperimentSpec spec,
        Dataset dataset,
        SearchSpace space,
        Trial winner,
        int trials,
        Network network,
        TrainingResult training,
        Measurement test,
        DateTimeOffset now)
    {
        var strategy = StrategyCatalog.Create(spec.Strategy, space, spec.StrategySettings, new RandomSource(spec.Seed));
        using var owned = strategy as IDisposable;
        var augmentation = spec.Training.Augmentation ?? Augmentation.Standard(dataset.Height, dataset.Width);
        var counts = (Train: dataset.Indices(Split.Train).Length, Validation: dataset.Indices(Split.Validation).Length, Test: dataset.Indices(Split.Test).Length);
        var description = new ModelDescription
        {
            Name = $"{dataset.Name}-{spec.Space}",
            Classes = dataset.Classes,
            Input = new(dataset.Channels, dataset.Height, dataset.Width, dataset.Report.Fit.ToString().ToLowerInvariant(), dataset.Mean, dataset.Std),
            Architecture = new(space.Name, space.Settings, winner.Genotype, winner.Decisions, winner.Key),
            Dataset = new(dataset.Name, counts.Train, counts.Validation, counts.Test),
            Search = new(strategy.Name, strategy.Settings, trials),
            Training = new(
                training.Curve.Count,
                spec.Training.BatchSize,
                $"SGD with Nesterov momentum {spec.Training.Momentum}, learning rate on one cosine to 0",
                spec.Training.LearningRate,
                spec.Training.WeightDecay,
                augmentation.ToText(),
                spec.Seed,
                counts.Train + counts.Validation,
                training.Curve[^1].Seconds,
                training.ImagesPerSecond,
                spec.Device),
            Metrics = new(
                winner.Evaluation?.Accuracy,
                test.Accuracy,
                test.Loss,
                [.. test.Right.Zip(test.Total, (right, total) => total == 0 ? (double?)null : (double)right / total)],
                counts.Test),
            ProgramVersion = ProgramVersion,
            CreatedAt = now,
            Graph = network.Graph.WithoutAuxiliary().WithoutZeros(),
        };

        ModelPackage.Write(folder, description, weight => WeightFile.Entry(weight.Name, network.Weights[weight.Name]));
        using var package = ModelPackage.Open(folder);
        ExportFormat.WriteAll(package, folder);
    }
}
