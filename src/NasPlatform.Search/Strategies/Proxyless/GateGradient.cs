namespace NasPlatform.Search.Strategies.Proxyless;

/// <summary>The gradient of architecture parameters from that of binary gates (Cai et al. 2019, §3.2, equation 4).</summary>
internal static class GateGradient
{
    /// <summary><c>∂L/∂α_i ≈ Σ_j ∂L/∂g_j · p_j · (δ_ij − p_i)</c>, with p the softmax of α.</summary>
    /// <param name="ofGates">∂L/∂g.</param>
    /// <param name="alphas">Of as many paths.</param>
    public static double[] OfAlphas(IReadOnlyList<double> ofGates, IReadOnlyList<double> alphas)
    {
        var probabilities = Softmax(alphas);
        var mean = ofGates.Zip(probabilities, (gradient, probability) => gradient * probability).Sum();
        return [.. ofGates.Zip(probabilities, (gradient, probability) => probability * (gradient - mean))];
    }

    public static double[] Softmax(IReadOnlyList<double> row)
    {
        var exponentials = row.Select(value => Math.Exp(value - row.Max())).ToList();
        return [.. exponentials.Select(value => value / exponentials.Sum())];
    }
}
