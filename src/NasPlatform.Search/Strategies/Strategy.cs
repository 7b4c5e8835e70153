using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Spaces;

namespace NasPlatform.Search.Strategies;

/// <summary>
/// How the next genotype is chosen. A single-threaded object that owns no thread, clock, store or training. Its state is what it
/// gets by observing the evaluated trials in the order in which they were told: after a restart they are told again, in that order.
/// What it proposes depends on that state, its seed and the trial's number, on nothing else.
/// </summary>
public abstract class Strategy
{
    private static readonly Dictionary<string, double> Nothing = [];

    /// <summary>The name in <see cref="StrategyCatalog"/>.</summary>
    public abstract string Name { get; }

    /// <summary>Settings as <c>name=value</c>, all of them.</summary>
    public abstract IReadOnlyDictionary<string, string> Settings { get; }

    /// <summary>What is being learned, as named numbers for people to watch, such as a controller's baseline and entropy.</summary>
    public virtual IReadOnlyDictionary<string, double> Diagnostics => Nothing;

    /// <summary>How many proposals it has to make; null for as many as are asked for.</summary>
    public virtual int? MostProposals => null;

    /// <summary>Refuses a space that it cannot search; most search every one.</summary>
    /// <exception cref="UserErrorException">Why not, and which it can.</exception>
    public virtual void Demand(SearchSpace space)
    {
    }

    /// <summary>Whether it can propose that trial now. If not, it is told of more trials first; once it was told of all before, it can.</summary>
    /// <param name="number">The trial's number, 1-based.</param>
    public virtual bool IsReadyFor(int number) => true;

    /// <summary>The genotype to try next.</summary>
    /// <param name="number">The trial's number, 1-based, at most <see cref="MostProposals"/>.</param>
    public abstract Genotype Propose(int number);

    /// <summary>For how many epochs that proposal is to be trained; null for as many as the experiment says.</summary>
    /// <param name="number">Of the proposal that <see cref="Propose"/> has just made.</param>
    public virtual int? EpochsOf(int number) => null;

    /// <summary>Whether proposals are made from trials that were told, as <see cref="ParentOf"/> says.</summary>
    public virtual bool HasParents => false;

    /// <summary>The number of the trial that this proposal was made from; null for none.</summary>
    /// <param name="number">Of the proposal that <see cref="Propose"/> has just made.</param>
    public virtual int? ParentOf(int number) => null;

    /// <summary>What <see cref="Propose"/> has just chosen its proposal from, by training-free scores; empty where it made that one alone.</summary>
    public virtual IReadOnlyList<Genotype> ChosenFrom => [];

    /// <summary>What it makes of what it was told, for people; null for one that has nothing to show (<see cref="StrategyCatalog.IsExplained"/>).</summary>
    public virtual Explanation? Explain() => null;

    /// <summary>Learns from a trial that has ended, well or badly.</summary>
    public abstract void Observe(Proposal proposal, Evaluation.Evaluation evaluation);
}
