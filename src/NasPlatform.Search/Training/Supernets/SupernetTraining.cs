using System.Text.Json;
using System.Text.Json.Serialization;
using NasPlatform.Search.Datasets;
using NasPlatform.Search.Experiments;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Strategies;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Search.Training.Supernets;

/// <summary>
/// The phase of a one-shot strategy before its first trial: trains the supernet epoch by epoch, tells what it learns, and derives what is to be tried. After each epoch a checkpoint is written, from which an
/// interrupted training goes on as it would have gone; once it has ended, that says what was derived. Synchronous code on the caller's thread.
/// </summary>
public sealed class SupernetTraining(ExperimentSpec spec, OneShotStrategy strategy, SearchSpace space, Dataset dataset, TimeProvider time)
{
    /// <summary>Share of the search's time that it may take; the rest is for trying what was derived.</summary>
    private const double Share = 0.8;

    private const string Curve = "curve";
    private const string Planned = "epochs";
    private const string Derived = "derived";
    private const string Seconds = "seconds";

    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(1);
    private static readonly JsonSerializerOptions Json = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    private readonly Dictionary<string, string> _identity = new()
    {
        ["space"] = $"{spec.Space} {JsonSerializer.Serialize(space.Settings)}",
        ["strategy"] = $"{spec.Strategy} {JsonSerializer.Serialize(strategy.Settings)}",
        ["seed"] = $"{spec.Seed}",
    };

    private volatile bool _isFinishing;

    /// <summary>Ends it as if its time were up, with what was learnt until then. From any thread.</summary>
    public void Finish() => _isFinishing = true;

    /// <param name="available">The search's whole wall-clock time, asked for at each step; null for the strategy's epochs exactly. With a time, as many of those are trained as fit.</param>
    /// <param name="checkpointPath">Where to write checkpoints, and to look for one to go on from.</param>
    /// <param name="events">Told <see cref="ExperimentEvent.SupernetStarted"/> and what follows it.</param>
    /// <param name="cancellation">Ends it between two steps; the last checkpoint stays.</param>
    /// <exception cref="UserErrorException">The loss is no longer finite, or the supernet needs more memory than there is.</exception>
    public SupernetResult Run(Func<TimeSpan?> available, string checkpointPath, IProgress<ExperimentEvent> events, CancellationToken cancellation)
    {
        set_num_threads(spec.Threads);
        using var checkpoint = Checkpoint(checkpointPath);
        var curve = checkpoint is null ? [] : JsonSerializer.Deserialize<List<SupernetEpoch>>(checkpoint.Metadata[Curve], Json)!; // not null: written so
        var epochs = checkpoint is null ? strategy.Epochs : int.Parse(checkpoint.Metadata[Planned]);
        events.Report(new ExperimentEvent.SupernetStarted(epochs) { Done = [.. curve] });
        if (checkpoint is not null && checkpoint.Metadata.TryGetValue(Derived, out var known))
        {
            return Tell(new(JsonSerializer.Deserialize<string[]>(known)!, double.Parse(checkpoint.Metadata[Seconds]))); // not null: written so
        }

        var random = new RandomSource(spec.Seed).Split("supernet");
        using var supernet = strategy.Begin(new(spec, space, dataset, random, time));
        if (checkpoint is not null)
        {
            supernet.Load(checkpoint);
            checkpoint.Dispose(); // it is written anew
        }

        var (started, before) = (time.GetTimestamp(), curve.Count == 0 ? 0 : curve[^1].Seconds);
        while (curve.Count < epochs && !IsOver(curve.Count > 0))
        {
            var began = Elapsed();
            curve.Add(Epoch(supernet, curve.Count + 1, epochs, random.Split("epoch", curve.Count + 1), Elapsed, () => IsOver(true), events, cancellation));
            if (available() is { } all)
            {
                var fitting = ((all.TotalSeconds * Share) - Elapsed()) / (Elapsed() - began);
                epochs = (int)Math.Clamp(curve.Count + fitting, curve.Count, strategy.Epochs);
                curve[^1] = curve[^1] with { Epochs = epochs };
            }

            Save(null);
            events.Report(new ExperimentEvent.SupernetEpochEnded(curve[^1]));
        }

        using var scope = NewDisposeScope();
        var derived = supernet.Derive(random.Split("derived"), cancellation).Select(space.Format).ToList();
        Save(derived);
        return Tell(new(derived, Elapsed()));

        double Elapsed() => before + time.GetElapsedTime(started).TotalSeconds;

        bool IsOver(bool hasLearnt) => hasLearnt && (_isFinishing || (available() is { } whole && Elapsed() >= whole.TotalSeconds * Share));

        void Save(List<string>? found)
        {
            var metadata = new Dictionary<string, string>(_identity) { [Curve] = JsonSerializer.Serialize(curve, Json), [Planned] = $"{epochs}" };
            if (found is not null)
            {
                (metadata[Derived], metadata[Seconds]) = (JsonSerializer.Serialize(found), $"{Elapsed():R}");
            }

            using var saving = NewDisposeScope();
            SafetensorsFile.Write(checkpointPath, [.. supernet.Save()], metadata);
        }

        SupernetResult Tell(SupernetResult result)
        {
            events.Report(new ExperimentEvent.SupernetEnded(result));
            return result;
        }
    }

    /// <summary>One epoch, or the part of it until it must end; one step at least.</summary>
    private SupernetEpoch Epoch(
        Supernet supernet, int epoch, int epochs, RandomSource random, Func<double> elapsed, Func<bool> mustEnd, IProgress<ExperimentEvent> events, CancellationToken cancellation)
    {
        var device = Devices.Parse(spec.Device);
        using var lossSum = zeros(1, device: device);
        using var parts = new EpochParts(supernet.WeightSteps, device);
        var (began, lastTold) = (time.GetTimestamp(), time.GetTimestamp());
        supernet.Begin(epoch, epochs, random);
        var step = 0;
        while (step < supernet.Steps && (step == 0 || !mustEnd()))
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            supernet.Step(step++, lossSum);
            if (step <= supernet.WeightSteps)
            {
                parts.Note(step, lossSum);
            }

            if (time.GetElapsedTime(lastTold) >= ProgressInterval)
            {
                lastTold = time.GetTimestamp();
                var trained = (double)Math.Min(step, supernet.WeightSteps) * supernet.Batch;
                events.Report(new ExperimentEvent.SupernetProgressed(
                    new(epoch, epochs, step, supernet.Steps, MeanLoss(), trained / time.GetElapsedTime(began).TotalSeconds, null, parts.Means(), supernet.Batch)));
            }
        }

        var trainLoss = MeanLoss();
        using var measuring = NewDisposeScope();
        var measured = supernet.Measure(cancellation);
        return new(epoch, epochs, trainLoss, measured.Score, measured.Loss, elapsed(), space.Format(supernet.Current(cancellation)), supernet.Diagnostics, supernet.Beliefs());

        double MeanLoss()
        {
            var mean = lossSum.item<float>() / Math.Min(step, supernet.WeightSteps);
            return float.IsFinite(mean) ? mean : throw new UserErrorException($"The training of the supernet failed. {new DivergedException(epoch).Message}");
        }
    }

    private SafetensorsFile? Checkpoint(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        var file = SafetensorsFile.Open(path);
        if (_identity.All(pair => file.Metadata.GetValueOrDefault(pair.Key) == pair.Value))
        {
            return file;
        }

        file.Dispose();
        return null;
    }
}
