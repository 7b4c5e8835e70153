namespace NasPlatform.Search.Strategies.Controllers;

/// <summary>What is done to logits before the softmax, so that a policy stays open to what it does not like yet (Bello et al. 2017; Pham et al. 2018): ℓ → c·tanh(ℓ / T).</summary>
/// <param name="Temperature">T, above 0; null for 1.</param>
/// <param name="Cap">c, above 0; null for no tanh at all.</param>
/// <param name="ConnectionTarget">The probability that connections are held to, 0 to 1, exclusive; null for none.</param>
/// <param name="OneSided">Whether a connection has the logits (0, q) where they are shaped, too, as in AutoDL Design: with c its probability stays within σ(±c).</param>
/// <param name="PenalisesOneLogit">Whether the divergence is that of σ(q) where a connection is made with probability σ(2q), as in ENAS's released code.</param>
/// <remarks>A connection has the logits (−q, q) where they are shaped, as ENAS has it, and (0, q) else, as NAS with RL has it: with c its probability stays within σ(±2c).</remarks>
internal sealed record Shaping(double? Temperature = null, double? Cap = null, double? ConnectionTarget = null, bool OneSided = false, bool PenalisesOneLogit = false)
{
    public bool IsNone => Temperature is null && Cap is null;

    /// <summary>Whether a connection has the logits (−q, q).</summary>
    public bool IsMirrored => !IsNone && !OneSided;

    public double Of(double logit)
    {
        var scaled = logit / (Temperature ?? 1);
        return Cap is { } cap ? cap * Math.Tanh(scaled) : scaled;
    }

    /// <summary>The slope of <see cref="Of"/> where it gave a number.</summary>
    public double SlopeAt(double shaped) => (Cap is { } cap ? cap - (shaped * shaped / cap) : 1) / (Temperature ?? 1);

    /// <summary>The divergence of a connection that is made with a probability of which this is the logarithm, and of its contrary.</summary>
    public double Divergence(double logNo, double logYes)
    {
        (logNo, logYes) = Penalised(logNo, logYes);
        return ConnectionTarget is { } target
            ? (Math.Exp(logYes) * (logYes - Math.Log(target))) + (Math.Exp(logNo) * (logNo - Math.Log(1 - target)))
            : 0;
    }

    /// <summary>The slope of <see cref="Divergence"/> along the logit of the connection; along its contrary's it is the opposite.</summary>
    public double SlopeOfDivergence(double logNo, double logYes)
    {
        (logNo, logYes) = Penalised(logNo, logYes);
        return ConnectionTarget is { } target
            ? Math.Exp(logYes + logNo) * (logYes - Math.Log(target) - logNo + Math.Log(1 - target)) * (PenalisesOneLogit ? 0.5 : 1)
            : 0;
    }

    // The logarithms of 1 − σ and of σ, of half the logit where it is that.
    private (double LogNo, double LogYes) Penalised(double logNo, double logYes)
    {
        if (!PenalisesOneLogit)
        {
            return (logNo, logYes);
        }

        var logit = (logYes - logNo) / 2;
        var total = Math.Max(0, logit) + Math.Log(1 + Math.Exp(-Math.Abs(logit)));
        return (-total, logit - total);
    }
}
