using NasPlatform.Search.Spaces;

namespace NasPlatform.Search.Strategies.Controllers;

/// <summary>The known policies, by name.</summary>
internal static class PolicyCatalog
{
    private static readonly Dictionary<string, Func<PolicyOptions, Policy<float>>> Known = new()
    {
        ["controller"] = options => new Controller<float>(options.Space, options.Init, options.Units, options.Layers, options.Range, options.Shaping),
        ["generator"] = options => new Generator<float>(options.Space, options.Init, options.Units, options.Layers, options.Range, options.Shaping),
        ["enas-macro"] = options => Enas(options, EnasWiring.Macro),
        ["enas-micro"] = options => Enas(options, EnasWiring.Micro),
        ["enas-rnn"] = options => Enas(options, EnasWiring.Recurrent),
    };

    public static IReadOnlyCollection<string> Names => Known.Keys;

    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="options">What it is made with.</param>
    /// <exception cref="UserErrorException">It does not serve the space.</exception>
    public static Policy<float> Create(string name, PolicyOptions options) => Known[name](options);

    private static EnasController<float> Enas(PolicyOptions options, EnasWiring wiring) =>
        new(options.Space, options.Init, options.Units, options.Layers, options.Range, options.Shaping, wiring, options.ConvolutionBias);
}

/// <summary>What a policy is made with.</summary>
/// <param name="Space">What it decides.</param>
/// <param name="Init">The stream of its initial weights.</param>
/// <param name="Units">LSTM units a layer.</param>
/// <param name="Layers">LSTM layers.</param>
/// <param name="Range">Initial weights are uniform in ± this.</param>
/// <param name="Shaping">What is done to logits.</param>
/// <param name="ConvolutionBias">Where the biases of convolutions start in ENAS's micro wiring.</param>
internal sealed record PolicyOptions(SearchSpace Space, RandomSource Init, int Units, int Layers, double Range, Shaping Shaping, double ConvolutionBias);
