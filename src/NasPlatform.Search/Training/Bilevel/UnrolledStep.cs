using static TorchSharp.torch;

namespace NasPlatform.Search.Training.Bilevel;

/// <summary>The step of SGD that the second-order gradient looks ahead: <c>w' = w − ξ · (momentum · buffer + gradient + decay · w)</c>.</summary>
/// <param name="LearningRate">ξ.</param>
/// <param name="Momentum">What the buffers are multiplied by.</param>
/// <param name="WeightDecay">L2 penalty.</param>
/// <param name="Buffers">The momentum buffer of each weight, in their order; null before its first step.</param>
/// <param name="GradientClip">The most that the norm of the gradient may be, and that of the validation loss at w'; null for no limit.</param>
internal sealed record UnrolledStep(double LearningRate, double Momentum, double WeightDecay, IReadOnlyList<Tensor?> Buffers, double? GradientClip = null);
