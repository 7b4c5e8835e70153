namespace NasPlatform.Search.Strategies.Proxyless;

/// <summary>How the expected latency E joins the cross entropy (Cai et al. 2019, §3.3; released code), in milliseconds.</summary>
/// <param name="Form">Which.</param>
/// <param name="Reference">What is aimed at; above 1 for <see cref="LatencyForm.Multiply"/>, else above 0.</param>
internal sealed record LatencyLoss(LatencyForm Form, double Reference)
{
    // Of mul#log.
    private const double Alpha = 0.2;
    private const double Beta = 0.3;

    // Of add#linear.
    private const double Lambda = 0.1;

    /// <summary>The loss.</summary>
    public double Of(double crossEntropy, double latency) => Form switch
    {
        LatencyForm.None => crossEntropy,
        LatencyForm.Multiply => crossEntropy * Factor(latency),
        LatencyForm.Add => crossEntropy + (Lambda * (latency - Reference) / Reference),
    };

    /// <summary>Its slope along the cross entropy.</summary>
    public double OfCrossEntropy(double latency) => Form == LatencyForm.Multiply ? Factor(latency) : 1;

    /// <summary>Its slope along the latency.</summary>
    public double OfLatency(double crossEntropy, double latency) => Form switch
    {
        LatencyForm.None => 0,
        LatencyForm.Multiply => crossEntropy * Factor(latency) * Beta / (latency * Math.Log(latency)),
        LatencyForm.Add => Lambda / Reference,
    };

    private double Factor(double latency) => Alpha * Math.Pow(Math.Log(latency) / Math.Log(Reference), Beta);
}

/// <summary>A way to weigh latency.</summary>
internal enum LatencyForm
{
    /// <summary>Latency does not count.</summary>
    None,

    /// <summary>The cross entropy times 0.2 · (ln E / ln reference)^0.3: <c>mul#log</c>.</summary>
    Multiply,

    /// <summary>The cross entropy and 0.1 · (E − reference) / reference: <c>add#linear</c>.</summary>
    Add,
}
