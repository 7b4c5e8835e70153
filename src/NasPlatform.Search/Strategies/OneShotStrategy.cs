using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Training.Supernets;

namespace NasPlatform.Search.Strategies;

/// <summary>
/// A strategy that trains one network of all choices before the first trial, its supernet, and then proposes what that found, the most promising first. The training is <see cref="SupernetTraining"/>'s; the
/// strategy says what is trained, and is told what was derived.
/// </summary>
public abstract class OneShotStrategy : Strategy
{
    private IReadOnlyList<Genotype>? _derived;

    /// <summary>Epochs of the supernet's training.</summary>
    public abstract int Epochs { get; }

    public override int? MostProposals => 1;

    /// <summary>Makes the supernet, as it is before its first epoch.</summary>
    public abstract Supernet Begin(SupernetContext context);

    /// <summary>Takes over what the supernet's training derived; before the first proposal.</summary>
    public void Take(IReadOnlyList<Genotype> derived) => _derived = derived;

    /// <exception cref="InvalidOperationException">Nothing was derived yet.</exception>
    public sealed override Genotype Propose(int number) =>
        _derived is null ? throw new InvalidOperationException($"Strategy '{Name}' proposes what its supernet found, and that has not been trained.") : _derived[number - 1];

    /// <summary>Nothing more is learned.</summary>
    public sealed override void Observe(Proposal proposal, Evaluation.Evaluation evaluation)
    {
    }
}
