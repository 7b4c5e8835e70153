using NasPlatform.Search.Evaluation;

namespace NasPlatform.Search.Strategies.Rena;

/// <summary>What a network takes, of which a reward engine may be told the limit.</summary>
public enum Resource
{
    /// <summary>Trainable numbers.</summary>
    Parameters,

    /// <summary>Multiply-adds for one example.</summary>
    MultiplyAdds,

    /// <summary>Milliseconds for one example, as they were measured after the training.</summary>
    Latency,

    /// <summary>Seconds of training and validation.</summary>
    Time,
}

/// <summary>What follows from a resource.</summary>
public static class Resources
{
    extension(Resource resource)
    {
        /// <summary>The setting that limits it.</summary>
        public string Setting => resource switch
        {
            Resource.Parameters => "parameters",
            Resource.MultiplyAdds => "multiply_adds",
            Resource.Latency => "latency_ms",
            Resource.Time => "seconds",
        };

        /// <summary>The cost of those who use the network that it is; null for what only its training takes.</summary>
        public Cost? Cost => resource switch
        {
            Resource.Parameters => Evaluation.Cost.Parameters,
            Resource.MultiplyAdds => Evaluation.Cost.MultiplyAdds,
            Resource.Latency => Evaluation.Cost.Latency,
            Resource.Time => null,
        };

        /// <summary>What a tried network took; null where it is not known.</summary>
        public double? Of(Evaluation.Evaluation evaluation) => resource.Cost is { } cost ? cost.Of(evaluation) : evaluation.DurationSeconds > 0 ? evaluation.DurationSeconds : null;
    }
}
