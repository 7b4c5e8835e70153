using System.Text.Json.Serialization;
using NasPlatform.Search.Training.Examples;
using NasPlatform.Torch;
using static TorchSharp.torch;

namespace NasPlatform.Search.Training;

/// <summary>How a network is trained: unless said otherwise by SGD with Nesterov momentum, the learning rate on one cosine from its start to zero, by step.</summary>
public sealed record TrainingOptions
{
    /// <summary>The rule by which gradients change weights.</summary>
    public OptimizerKind Optimizer { get; init; } = OptimizerKind.Sgd;

    /// <summary>How the learning rate changes from step to step.</summary>
    public ScheduleKind Schedule { get; init; } = ScheduleKind.Cosine;

    /// <summary>Examples a step, 2 to 8,192; never more than there are.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>The largest learning rate of the <see cref="Schedule"/>, above 0.</summary>
    public double LearningRate { get; init; } = 0.1;

    /// <summary>Nesterov's of SGD, or RMSprop's, 0 up to 1, exclusive; Adam and AdamW have none.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>On all parameters, not negative: an L2 penalty, but of AdamW the share of itself, times the learning rate, that a weight loses at a step.</summary>
    public double WeightDecay { get; init; } = 5e-4;

    /// <summary>Probability taken from the right class and spread over all, 0 up to 1, exclusive.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>All gradients are scaled so that their common norm is at most this at each step, above 0; null: they are taken as they are.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? GradientClip { get; init; }

    /// <summary>Null: <see cref="Augmentation.Standard"/> for the images' size. What is no image is not varied.</summary>
    public Augmentation? Augmentation { get; init; }

    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>Another optimiser; where one of the two is adaptive and the other is not, with the learning rate that is usual for it, since theirs are of different sizes.</summary>
    public TrainingOptions By(OptimizerKind optimizer) => this with
    {
        Optimizer = optimizer,
        LearningRate = optimizer.IsAdaptive == Optimizer.IsAdaptive ? LearningRate : optimizer.UsualLearningRate,
    };

    /// <summary>As a device does it best: in float32 where bfloat16 does not pay.</summary>
    public TrainingOptions On(Device device) => Precision == Precision.BFloat16 && !Autocast.Pays(device.type) ? this with { Precision = Precision.Float32 } : this;

    /// <exception cref="UserErrorException">A value is out of its range.</exception>
    public void Validate()
    {
        Check(Enum.IsDefined(Optimizer), "optimiser", Optimizer, $"one of {string.Join(", ", Optimizers.AllWords)}");
        Check(Enum.IsDefined(Schedule), "schedule", Schedule, $"one of {string.Join(", ", Schedules.AllWords)}");
        Check(BatchSize is >= 2 and <= 8192, "batch size", BatchSize, "from 2 to 8192");
        Check(LearningRate is > 0 and <= 100, "learning rate", LearningRate, "above 0, at most 100");
        Check(Momentum is >= 0 and < 1, "momentum", Momentum, "from 0 up to, not including, 1");
        Check(WeightDecay is >= 0 and <= 1, "weight decay", WeightDecay, "from 0 to 1");
        Check(GradientClip is null or (> 0 and <= 1e6), "gradient clip", GradientClip ?? 0, "above 0");
        Check(LabelSmoothing is >= 0 and < 1, "label smoothing", LabelSmoothing, "from 0 up to, not including, 1");
        Check(Augmentation is not { CropPadding: < 0 } and not { Cutout: < 0 }, "augmentation", Augmentation?.ToString() ?? "", "no negative size");

        static void Check(bool holds, string name, object value, string rule)
        {
            if (!holds)
            {
                throw new UserErrorException($"The {name} is {value}; it must be {rule}.");
            }
        }
    }
}

/// <summary>The number format of the forward and backward pass; weights and statistics are always 32-bit.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Precision>))]
public enum Precision
{
    /// <summary>32-bit floating point.</summary>
    Float32,

    /// <summary>bfloat16 where libtorch's autocast deems it safe.</summary>
    BFloat16,
}
