namespace NasPlatform.Search.Evaluation.TrainingFree;

/// <summary>A score of a network that is not trained; greater is better. <see cref="TrainingFreeScores"/> tells what each is.</summary>
public enum Proxy
{
    Parameters,
    MultiplyAdds,
    Naswot,
    SynFlow,
    GradientNorm,
    Snip,
    Zen,
}

/// <summary>What an architecture scores; null where it cannot be scored, which ranks last.</summary>
public delegate double? ProxyScore(Proxy proxy, Spaces.Genotype genotype);

/// <summary>How proxies are called.</summary>
public static class Proxies
{
    /// <summary>How every proxy reads.</summary>
    public static IReadOnlyList<string> AllWords { get; } = [.. Enum.GetValues<Proxy>().Select(proxy => proxy.Words)];

    /// <summary>The proxy that words name, one of <see cref="AllWords"/>.</summary>
    public static Proxy Named(string words) => Enum.GetValues<Proxy>().First(proxy => proxy.Words == words);

    extension(Proxy proxy)
    {
        /// <summary>In words.</summary>
        public string Words => proxy switch
        {
            Proxy.Parameters => Cost.Parameters.Words,
            Proxy.MultiplyAdds => Cost.MultiplyAdds.Words,
            Proxy.Naswot => "naswot",
            Proxy.SynFlow => "synflow",
            Proxy.GradientNorm => "gradient-norm",
            Proxy.Snip => "snip",
            Proxy.Zen => "zen",
        };

        /// <summary>What a table of a benchmark may call it.</summary>
        public IReadOnlyList<string> Figures => proxy switch
        {
            Proxy.Parameters => ["parameters"],
            Proxy.MultiplyAdds => ["multiply_adds"],
            Proxy.Naswot => ["naswot", "nwot"],
            Proxy.SynFlow => ["synflow"],
            Proxy.GradientNorm => ["gradient_norm", "grad_norm"],
            Proxy.Snip => ["snip"],
            Proxy.Zen => ["zen"],
        };
    }
}
