using NasPlatform.Search;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Spaces.Eas;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Spaces.Eas;

/// <summary>What is true of edits in both spaces of EAS.</summary>
internal static class EasEdits
{
    /// <summary>1 where an edit leads from one to the other, else more.</summary>
    public static int Count(EasSpace space, Genotype parent, Genotype child) =>
        parent.Equals(child) ? 0 : space.Edits(parent).Any(edit => space.Apply(parent, edit).Equals(child)) ? 1 : 2;

    /// <summary>Mutation after mutation, each network made of the one before, gives what the first one gives.</summary>
    public static void AssertLineage(EasSpace space, Genotype start, int steps)
    {
        var task = new TaskShape(1, 16, 16, 5);
        var random = new RandomSource(9);
        var first = TrainedNetworks.Draw(space.Build(start, task));
        var (genotype, network) = (start, first);
        for (var step = 0; step < steps; step++)
        {
            var child = space.Mutate(genotype, random);
            network = space.Transform(network, genotype, child, random, exact: true);
            genotype = child;
        }

        TrainedNetworks.AssertSame(first, network);
        Assert.True(network.Graph.Cost.ParameterCount > first.Graph.Cost.ParameterCount);
    }
}
