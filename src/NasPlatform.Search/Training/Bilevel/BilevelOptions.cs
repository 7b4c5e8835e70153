namespace NasPlatform.Search.Training.Bilevel;

/// <summary>How <see cref="BilevelTraining"/> trains a relaxed network; the defaults are those of DARTS for images (Liu et al. 2019, appendix A.1.1; released code).</summary>
public sealed record BilevelOptions
{
    public GradientOrder Order { get; init; } = GradientOrder.Second;

    /// <summary>Of the weights at first, above 0; the length of the unrolled step, too. <see cref="BilevelTraining.LearningRate"/> changes it.</summary>
    public double LearningRate { get; init; } = 0.025;

    /// <summary>Of the weights' SGD, which is not Nesterov's; 0 up to 1, exclusive.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>L2 penalty on the weights, not negative.</summary>
    public double WeightDecay { get; init; } = 3e-4;

    /// <summary>The gradients of the weights are scaled so that their common norm is at most this at each weight step, above 0.</summary>
    public double GradientClip { get; init; } = 5;

    /// <summary>Whether the second order clips the gradients at w and at w', too, as the released code does for recurrent cells, whose steps are large. Else they are as they are.</summary>
    public bool ClipsUnrolled { get; init; }

    /// <summary>Of the architecture parameters' Adam, above 0.</summary>
    public double AlphaLearningRate { get; init; } = 3e-4;

    /// <summary>Adam's decay rates of the averages of gradients and of their squares; 0 up to 1, exclusive.</summary>
    public (double First, double Second) AlphaBetas { get; init; } = (0.5, 0.999);

    /// <summary>L2 penalty on the architecture parameters, not negative.</summary>
    public double AlphaWeightDecay { get; init; } = 1e-3;

    /// <summary>Of the forward and backward passes. The second order needs 32 bits: the two gradients that it subtracts differ by less than the last bit of bfloat16.</summary>
    public Precision Precision { get; init; } = Precision.Float32;

    /// <exception cref="UserErrorException">A value is out of its range.</exception>
    public void Validate()
    {
        Check(LearningRate is > 0 and <= 100, "learning rate", LearningRate, "above 0, at most 100");
        Check(Momentum is >= 0 and < 1, "momentum", Momentum, "from 0 up to, not including, 1");
        Check(WeightDecay is >= 0 and <= 1, "weight decay", WeightDecay, "from 0 to 1");
        Check(GradientClip is > 0 and <= 1e6, "gradient clip", GradientClip, "above 0");
        Check(AlphaLearningRate is > 0 and <= 100, "learning rate of the architecture parameters", AlphaLearningRate, "above 0, at most 100");
        Check(AlphaBetas is { First: >= 0 and < 1, Second: >= 0 and < 1 }, "pair of decay rates of the architecture parameters", AlphaBetas, "from 0 up to, not including, 1, each");
        Check(AlphaWeightDecay is >= 0 and <= 1, "weight decay of the architecture parameters", AlphaWeightDecay, "from 0 to 1");
        Check(Order == GradientOrder.First || Precision == Precision.Float32, "precision of a second-order gradient", Precision, nameof(Precision.Float32));

        static void Check(bool holds, string name, object value, string rule)
        {
            if (!holds)
            {
                throw new UserErrorException($"The {name} is {value}; it must be {rule}.");
            }
        }
    }
}
