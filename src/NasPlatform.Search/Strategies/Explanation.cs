namespace NasPlatform.Search.Strategies;

/// <summary>What a strategy makes of what it was told, for people. Of the parts it has those that are its own.</summary>
public sealed record Explanation
{
    /// <summary>What a policy would decide next, in the order in which it is asked; null for a strategy without one.</summary>
    public IReadOnlyList<DecisionBelief>? Policy { get; init; }

    /// <summary>The trials that parents are chosen from, the oldest first; null for a strategy without a population.</summary>
    public IReadOnlyList<PopulationMember>? Population { get; init; }

    /// <summary>What a predictor said of trials before they were told, in their order; null for a strategy without one.</summary>
    public IReadOnlyList<Prediction>? Predictions { get; init; }
}

/// <summary>What a policy thinks of one decision. A decision depends on those before it, so this is a mean over architectures that the policy draws now.</summary>
/// <param name="Name">The decision.</param>
/// <param name="Options">What can be chosen.</param>
/// <param name="Probabilities">Of each option, 0 to 1.</param>
/// <param name="Entropy">How undecided the policy is when it decides, in nats: the mean of the entropies, each after what was decided before; 0 where it is certain.</param>
/// <param name="Share">Of the drawn architectures, those that are asked for this decision.</param>
public sealed record DecisionBelief(string Name, IReadOnlyList<string> Options, IReadOnlyList<double> Probabilities, double Entropy, double Share);

/// <summary>A trial that can become a parent.</summary>
/// <param name="Number">Of the trial.</param>
/// <param name="Score">By which it is chosen.</param>
public readonly record struct PopulationMember(int Number, double Score);

/// <summary>A predictor's word and what came of it.</summary>
/// <param name="Number">Of the trial.</param>
/// <param name="Mean">Of the ensemble.</param>
/// <param name="Deviation">How far its members disagree.</param>
/// <param name="Score">What the trial had.</param>
public readonly record struct Prediction(int Number, double Mean, double Deviation, double Score);
