using NasPlatform.Search.Training.Bilevel;

namespace NasPlatform.Search.Strategies.Darts;

/// <summary>How a supernet is trained by <see cref="DartsStrategy"/>.</summary>
/// <param name="Epochs">Passes over the weights' part of the examples.</param>
/// <param name="Batch">Examples a step of either part.</param>
/// <param name="WeightShare">The share of the training split that trains the weights; the rest trains the architecture parameters.</param>
/// <param name="LastLearningRate">To which the weights' learning rate falls on a cosine, epoch by epoch.</param>
/// <param name="Bilevel">The rest.</param>
internal sealed record DartsOptions(int Epochs, int Batch, double WeightShare, double LastLearningRate, BilevelOptions Bilevel);
