using System.Reflection;
using NasPlatform.Search.Datasets;
using NasPlatform.Search.Export;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Spaces.Tuned;
using NasPlatform.Search.Strategies;
using NasPlatform.Search.Training;
using NasPlatform.Search.Training.Examples;

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
        TrainingOptions options,
        Trial winner,
        int trials,
        Network network,
        TrainingResult training,
        Measurement test,
        DateTimeOffset now)
    {
        var strategy = StrategyCatalog.Create(spec.Strategy, space, spec.StrategySettings, new RandomSource(spec.Seed), spec.Fidelity.Epochs);
        using var owned = strategy as IDisposable;
        var augmentation = dataset.Task == TaskKind.ImageClassification ? options.Augmentation ?? Augmentation.Standard(dataset.Height, dataset.Width) : Augmentation.None;
        var counts = (Train: dataset.Indices(Split.Train).Length, Validation: dataset.Indices(Split.Validation).Length, Test: dataset.Indices(Split.Test).Length);
        var description = new ModelDescription
        {
            Name = $"{dataset.Name}-{spec.Space}",
            Classes = dataset.Classes,
            Input = Input(dataset),
            Output = dataset.Task.IsRegression
                ? new(dataset.Report.TargetNames, dataset.Report.Horizon, dataset.Report.TargetMean, [.. dataset.Report.TargetStd.Select(Normalisation.Deviation)])
                : null,
            Architecture = ArchitectureOf(space, winner),
            Dataset = new(dataset.Name, counts.Train, counts.Validation, counts.Test),
            Search = new(strategy.Name, strategy.Settings, trials),
            Training = new(
                training.Curve.Count,
                options.BatchSize,
                Optimiser(options),
                options.LearningRate,
                options.WeightDecay,
                augmentation.ToText(),
                spec.Seed,
                counts.Train + counts.Validation,
                training.Curve[^1].Seconds,
                training.ImagesPerSecond,
                spec.Device),
            Metrics = new(
                winner.Evaluation?.Score,
                test.Score,
                test.Loss,
                dataset.Task.IsClassification ? [.. test.Right.Zip(test.Total, (right, total) => total == 0 ? (double?)null : (double)right / total)] : [],
                counts.Test),
            ProgramVersion = ProgramVersion,
            CreatedAt = now,
            Graph = network.Graph.WithoutAuxiliary().WithoutZeros(),
        };

        ModelPackage.Write(folder, description, weight => WeightFile.Entry(weight.Name, network.Weights[weight.Name]));
        using var package = ModelPackage.Open(folder);
        ExportFormat.WriteAll(package, folder);
    }

    /// <summary>Of the network alone, where its training was searched, too.</summary>
    private static ArchitectureFacts ArchitectureOf(SearchSpace space, Trial winner)
    {
        if (space is not TunedSpace { Networks: var networks } tuned)
        {
            return new(space.Name, space.Settings, winner.Genotype, winner.Decisions, winner.Key);
        }

        var architecture = tuned.ArchitectureOf(tuned.FromValues(winner.Decisions));
        return new(networks.Name, networks.Settings, networks.Format(architecture), architecture.ToDictionary(), networks.Key(architecture).Value);
    }

    private static ModelInput Input(Dataset dataset)
    {
        var isImage = dataset.Task == TaskKind.ImageClassification;
        var std = isImage ? dataset.Std : [.. dataset.Std.Select(Normalisation.Deviation)];
        return new(dataset.Channels, dataset.Height, dataset.Width, isImage ? dataset.Report.Fit.ToString().ToLowerInvariant() : null, dataset.Mean, std)
        {
            Columns = dataset.Report.Columns,
            IsCharacters = dataset.Report.IsCharacters,
        };
    }

    private static string Optimiser(TrainingOptions options)
    {
        var momentum = options is { Momentum: > 0, Optimizer.HasMomentum: true } ? $" with{(options.Optimizer == OptimizerKind.Sgd ? " Nesterov" : "")} momentum {options.Momentum}" : "";
        var clip = options.GradientClip is { } most ? $", gradients clipped to a norm of {most}" : "";
        return $"{options.Optimizer.Title}{momentum}{clip}; the learning rate {options.Schedule.Summary}";
    }
}
