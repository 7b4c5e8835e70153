namespace NasPlatform.Search.Strategies.Proxyless;

/// <summary>How <see cref="ProxylessStrategy"/> trains; one setting each.</summary>
/// <param name="WarmUp">Epochs in which only weights are trained, on paths of the untouched parameters.</param>
/// <param name="Epochs">Epochs after those.</param>
/// <param name="Batch">Examples a step of either kind.</param>
/// <param name="WarmUpLearningRate">Of the weights, falling to 0 on a cosine over the warm-up.</param>
/// <param name="LearningRate">Likewise over the epochs after it.</param>
/// <param name="Momentum">Nesterov's.</param>
/// <param name="WeightDecay">L2 penalty on the weights of the sampled path.</param>
/// <param name="LabelSmoothing">Probability spread over all classes, in all losses.</param>
/// <param name="AlphaLearningRate">Of the architecture parameters' Adam.</param>
/// <param name="AlphaBeta1">Its decay of the average of gradients.</param>
/// <param name="Every">Weight steps from one step of the architecture parameters to the next.</param>
/// <param name="TakesAllPaths">Whether all paths' gates have their gradient, and not two.</param>
/// <param name="IsReinforced">Whether the parameters learn by REINFORCE in place of the gates' gradient.</param>
/// <param name="Samples">Networks that an update by REINFORCE averages over.</param>
/// <param name="Latency">How the latency counts.</param>
/// <param name="TargetMs">What is aimed at, in milliseconds; 0 for what is expected before anything is learnt.</param>
internal sealed record ProxylessOptions(
    int WarmUp, int Epochs, int Batch, double WarmUpLearningRate, double LearningRate, double Momentum, double WeightDecay, double LabelSmoothing, double AlphaLearningRate, double AlphaBeta1, int Every,
    bool TakesAllPaths, bool IsReinforced, int Samples, LatencyForm Latency, double TargetMs)
{
    /// <summary>Epochs of the warm-up, where all together are so many as planned now: it keeps its share.</summary>
    public int WarmUpOf(int epochs) => (int)Math.Round((double)WarmUp * epochs / (WarmUp + Epochs));

    /// <summary>The weights' learning rate at the beginning of an epoch.</summary>
    /// <param name="epoch">1-based, warm-up included.</param>
    /// <param name="epochs">All.</param>
    public double LearningRateIn(int epoch, int epochs)
    {
        var warmUp = WarmUpOf(epochs);
        return epoch <= warmUp ? Cosine(WarmUpLearningRate, epoch - 1, warmUp) : Cosine(LearningRate, epoch - 1 - warmUp, epochs - warmUp);

        static double Cosine(double first, int done, int all) => first * (1 + Math.Cos(Math.PI * done / all)) / 2;
    }
}
