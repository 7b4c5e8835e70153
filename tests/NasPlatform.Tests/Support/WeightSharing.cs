using NasPlatform.Search.Networks;

namespace NasPlatform.Tests.Support;

/// <summary>The weights that candidates share by name, as one-shot searches train them.</summary>
internal static class WeightSharing
{
    /// <summary>Trainable numbers of all candidates together, each name counted once.</summary>
    public static long ParameterCount(IEnumerable<LayerGraph> candidates) =>
        Specs(candidates).DistinctBy(spec => spec.Name).Where(spec => spec.IsTrainable).Sum(spec => spec.Shape.Aggregate(1L, (count, side) => count * side));

    /// <summary>No name stands for two shapes: a layer with weights has one primitive and one shape of input under its name.</summary>
    public static void AssertConsistent(IEnumerable<LayerGraph> candidates)
    {
        foreach (var layers in candidates.SelectMany(graph => graph.Layers).Where(layer => WeightSpec.Of(layer).Count > 0).GroupBy(layer => layer.Name))
        {
            Assert.Single(layers.Select(layer => $"{OpText.Of(layer.Op)} {layer.Inputs[0].Shape}").Distinct());
        }
    }

    /// <summary>Each weight has one shape in all candidates, those in recurrent cells, too.</summary>
    public static void AssertSameShapes(IEnumerable<LayerGraph> candidates) =>
        Assert.All(Specs(candidates).GroupBy(spec => spec.Name), same => Assert.Single(same.Select(spec => string.Join('x', spec.Shape)).Distinct()));

    private static IEnumerable<WeightSpec> Specs(IEnumerable<LayerGraph> candidates) => candidates.SelectMany(graph => graph.Layers).SelectMany(WeightSpec.Of);
}
