using System.Collections.Immutable;
using NasPlatform.Search.Training.Supernets;

namespace NasPlatform.Web.Experiments.Charts;

/// <summary>Lines over a supernet's epochs.</summary>
/// <param name="Name">What they are of, in words.</param>
/// <param name="Points">By epoch.</param>
public sealed record SupernetTrace(string Name, ImmutableArray<(int Epoch, double Value)> Points)
{
    /// <summary>How the probabilities of a choice's options moved.</summary>
    public static ImmutableArray<SupernetTrace> OfChoice(IReadOnlyList<SupernetEpoch> epochs, string choice)
    {
        var beliefs = epochs.Select(epoch => (epoch.Epoch, Belief: epoch.Beliefs.FirstOrDefault(belief => belief.Name == choice))).Where(epoch => epoch.Belief is not null).ToList();
        return beliefs is []
            ? []
            : [.. beliefs[^1].Belief!.Options.Index().Select(option => new SupernetTrace(option.Item, [.. beliefs.Select(epoch => (epoch.Epoch, epoch.Belief!.Probabilities[option.Index]))]))]; // not null: asked for
    }

    /// <summary>Training and validation loss; what is not finite has no point.</summary>
    public static ImmutableArray<SupernetTrace> Losses(IReadOnlyList<SupernetEpoch> epochs) =>
        [Of("training loss", epochs, epoch => epoch.TrainLoss), Of("validation loss, shared weights", epochs, epoch => epoch.Loss)];

    /// <summary>The mean entropy of the choices, in nats.</summary>
    public static ImmutableArray<SupernetTrace> Entropy(IReadOnlyList<SupernetEpoch> epochs) => [Of("mean entropy of a choice", epochs, epoch => epoch.Beliefs.Average(belief => belief.Entropy))];

    private static SupernetTrace Of(string name, IReadOnlyList<SupernetEpoch> epochs, Func<SupernetEpoch, double> value) =>
        new(name, [.. epochs.Select(epoch => (epoch.Epoch, value(epoch))).Where(point => double.IsFinite(point.Item2))]);
}
