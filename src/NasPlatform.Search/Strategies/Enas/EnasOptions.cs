using NasPlatform.Search.Strategies.Controllers;

namespace NasPlatform.Search.Strategies.Enas;

/// <summary>How <see cref="EnasStrategy"/> trains; one setting each.</summary>
internal sealed record EnasOptions
{
    /// <summary>Passes over the training examples.</summary>
    public required int Epochs { get; init; }

    /// <summary>Examples of a step, and of the minibatch that a reward is measured on.</summary>
    public required int Batch { get; init; }

    /// <summary>Of the shared weights, at the beginning of a cosine.</summary>
    public required double LearningRate { get; init; }

    /// <summary>At its end.</summary>
    public required double LastLearningRate { get; init; }

    /// <summary>Epochs of the first cosine; each later one is twice as long. 0 for one cosine over all epochs.</summary>
    public required int Period { get; init; }

    /// <summary>Of Nesterov's SGD.</summary>
    public required double Momentum { get; init; }

    /// <summary>The penalty on the sum of squared weights, without a half.</summary>
    public required double WeightDecay { get; init; }

    /// <summary>Whether weights that the sampled network does not have decay, too, as in the released code.</summary>
    public required bool DecaysAll { get; init; }

    /// <summary>The most that the norm of the gradients may be; 0 for no limit.</summary>
    public required double GradientClip { get; init; }

    /// <summary>Whether rewards are measured in training mode: by the batch's statistics, and with dropout.</summary>
    public required bool ByBatchStatistics { get; init; }

    /// <summary>Updates of the controller after each epoch.</summary>
    public required int Updates { get; init; }

    /// <summary>Architectures that an update averages over.</summary>
    public required int Samples { get; init; }

    /// <summary>By its name in <see cref="PolicyCatalog"/>.</summary>
    public required string Policy { get; init; }

    /// <summary>Where the biases of convolutions start in the micro controller.</summary>
    public double ConvolutionBias { get; init; } = 1;

    public required int Units { get; init; }

    public required int Layers { get; init; }

    /// <summary>The controller's weights are uniform in ± this at first.</summary>
    public required double Range { get; init; }

    public required double ControllerLearningRate { get; init; }

    /// <summary>What an architecture's entropy is worth in its reward.</summary>
    public required double Entropy { get; init; }

    /// <summary>What the baseline keeps of itself at each reward.</summary>
    public required double Decay { get; init; }

    public required double SkipWeight { get; init; }

    public required Shaping Shaping { get; init; }

    /// <summary>Architectures that are drawn and scored at the end.</summary>
    public required int Candidates { get; init; }

    /// <summary>How many of them are tried.</summary>
    public required int Tried { get; init; }

    /// <summary>The weights' learning rate in an epoch.</summary>
    /// <param name="epoch">1-based.</param>
    /// <param name="epochs">All.</param>
    public double LearningRateIn(int epoch, int epochs)
    {
        var (since, period) = (epoch - 1, Period == 0 ? epochs : Period);
        while (since >= period)
        {
            (since, period) = (since - period, 2 * period);
        }

        return LastLearningRate + ((LearningRate - LastLearningRate) * (1 + Math.Cos(Math.PI * since / period)) / 2);
    }
}
