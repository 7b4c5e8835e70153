namespace NasPlatform.Search.Strategies.Reinforce;

/// <summary>The moving average of rewards that is subtracted from them, which sources move in different ways: see <see cref="BaselineRule"/>.</summary>
/// <param name="rule">When it is moved, and where it starts.</param>
/// <param name="decay">Weight of the old value, 0 to 1.</param>
/// <param name="start">Where it starts; null for where the rule has it.</param>
internal sealed class Baseline(BaselineRule rule, double decay, double? start = null)
{
    /// <summary>Null before the first batch.</summary>
    public double? Value { get; private set; }

    /// <summary>A batch's rewards, less what is subtracted from each; moves the baseline.</summary>
    public double[] Advantages(IReadOnlyList<double> rewards)
    {
        var advantages = new double[rewards.Count];
        var value = Value ?? start ?? rule switch
        {
            BaselineRule.After => rewards[0],
            BaselineRule.Before => rewards.Average(),
            BaselineRule.Each => 0,
        };
        if (rule == BaselineRule.Before)
        {
            value = (decay * value) + ((1 - decay) * rewards.Average());
        }

        var subtracted = value;
        foreach (var (place, reward) in rewards.Index())
        {
            value = rule == BaselineRule.Before ? value : (decay * value) + ((1 - decay) * reward);
            advantages[place] = reward - (rule == BaselineRule.Each ? value : subtracted);
        }

        Value = value;
        return advantages;
    }
}

/// <summary>When a baseline is moved.</summary>
internal enum BaselineRule
{
    /// <summary>After it was subtracted from a batch, by each of its rewards. Starts at the first reward.</summary>
    After,

    /// <summary>Before it is subtracted, by the batch's mean. Starts at the first batch's mean (AutoDL Design's released code).</summary>
    Before,

    /// <summary>By each reward, just before it is subtracted from that. Starts at 0 (ENAS's released code).</summary>
    Each,
}
