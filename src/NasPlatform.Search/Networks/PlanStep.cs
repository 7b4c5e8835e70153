using System.Collections.Immutable;

namespace NasPlatform.Search.Networks;

/// <summary>What is done at once when a network runs: one layer, or several in one pass over memory.</summary>
/// <param name="Layers">The layers that are done, in topological order.</param>
/// <param name="Reads">Whose outputs it works on: the layer's operands, or the terms of the sum, in order.</param>
/// <param name="Sum">How batch norms, additions and the ReLU behind them are done together; null for a layer by itself.</param>
/// <param name="MayOverwrite">Whether the result may take its input's place.</param>
/// <param name="Reduction">The convolutions of a factorised reduction that is done at once; null for another step.</param>
public sealed record PlanStep(
    ImmutableArray<Layer> Layers, ImmutableArray<Layer> Reads, NormSum? Sum = null, bool MayOverwrite = false, (Layer Straight, Layer Shifted)? Reduction = null)
{
    /// <summary>The layer whose output the step gives.</summary>
    public Layer Result => Layers[^1];

    /// <summary>A layer by itself, as it stands in its graph.</summary>
    public static PlanStep Of(Layer layer) => new([layer], layer.Operands);
}

/// <summary>The sum of what a step reads, or its positive part: batch norms, the additions and mixtures that join them, the ReLU behind.</summary>
/// <param name="Terms">One for each that is read.</param>
/// <param name="Relu">Whether negative numbers become zero.</param>
public sealed record NormSum(ImmutableArray<NormSum.Term> Terms, bool Relu)
{
    /// <summary>One of them.</summary>
    /// <param name="Input">Whose output it is.</param>
    /// <param name="Norm">The batch norm that it goes through; null for none.</param>
    /// <param name="Share">The architecture parameter that it is a share by: its row, and its place there; null for a term that counts in full.</param>
    public readonly record struct Term(Layer Input, Layer? Norm = null, (string Alphas, int Place)? Share = null);
}
