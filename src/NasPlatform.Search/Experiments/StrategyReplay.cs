using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Strategies;

namespace NasPlatform.Search.Experiments;

/// <summary>
/// A strategy as an experiment has it, made by telling a new one the trials again: what it knows is a function of these (docs/decisions/0002), so nothing of it need be stored to look at it. Not for
/// several threads at once.
/// </summary>
public sealed class StrategyReplay : IDisposable
{
    private readonly SearchSpace _space;
    private readonly Strategy _strategy;
    private readonly Fidelity _fidelity;
    private readonly Objective? _objective;
    private readonly int _window;
    private readonly Dictionary<int, int?> _origins = [];
    private readonly Dictionary<int, (IReadOnlyList<Genotype> Candidates, int? Parent)> _proposed = [];

    /// <exception cref="UserErrorException">The spec does not do.</exception>
    public StrategyReplay(ExperimentSpec spec)
    {
        _space = spec.CreateSpace();
        _strategy = StrategyCatalog.Create(spec.Strategy, _space, spec.StrategySettings, new RandomSource(spec.Seed).Split("strategy"), spec.Fidelity.Epochs);
        _fidelity = spec.Fidelity;
        _objective = spec.Objective;
        _window = TrialSearch.WindowOf(spec);
        Propose();
    }

    /// <summary>How many trials it was told.</summary>
    public int Told { get; private set; }

    /// <summary>
    /// Of each told trial the number of the one that it was made from, or null where it was drawn at random; of strategies that make proposals from trials. A trial is left out where the strategy of this
    /// program would have proposed another.
    /// </summary>
    public IReadOnlyDictionary<int, int?> Origins => _origins;

    /// <summary>Tells the next trial.</summary>
    /// <param name="trial">With the number after the last; it has ended.</param>
    public void Tell(Trial trial)
    {
        if (trial.Number != Told + 1 || trial.Evaluation is not { } evaluation)
        {
            throw new ArgumentException($"Trial {trial.Number} cannot be told after {Told}.", nameof(trial));
        }

        var proposal = trial.Proposal(_space, _fidelity);

        if (_proposed.Remove(trial.Number, out var proposed) && proposed.Candidates.Contains(proposal.Genotype))
        {
            _origins[trial.Number] = proposed.Parent;
        }

        _strategy.Observe(proposal, _objective?.Told(evaluation) ?? evaluation);
        Told++;
        Propose();
    }

    /// <summary>What the strategy makes of what it was told; null for one that has nothing to show.</summary>
    public Explanation? Explain() => _strategy.Explain();

    public void Dispose() => (_strategy as IDisposable)?.Dispose();

    /// <summary>Makes the proposals again that were made when so many trials had been told, of strategies that make them from trials.</summary>
    private void Propose()
    {
        if (!_strategy.HasParents)
        {
            return;
        }

        for (var number = Told == 0 ? 1 : Told + _window; number <= Told + _window; number++)
        {
            // Which of several candidates scored best is not known here; that it was one of them is enough.
            var genotype = _strategy.Propose(number);
            _proposed[number] = (_strategy.ChosenFrom is { Count: > 0 } candidates ? candidates : [genotype], _strategy.ParentOf(number));
        }
    }
}
