namespace NasPlatform.Web.Models;

/// <summary>A model as lists show it.</summary>
public sealed record ModelRow
{
    public required Guid Id { get; init; }

    public required Guid ExperimentId { get; init; }

    /// <summary>The experiment's name now.</summary>
    public required string Experiment { get; init; }

    public required string Name { get; init; }

    /// <summary>The trial that won.</summary>
    public required int TrialNumber { get; init; }

    public required string Genotype { get; init; }

    public required string Dataset { get; init; }

    public required string Space { get; init; }

    public required string Strategy { get; init; }

    /// <summary>Share of the test split classified rightly, 0 to 1.</summary>
    public required double TestAccuracy { get; init; }

    /// <summary>Mean cross entropy on the test split, in nats.</summary>
    public double? TestLoss { get; init; }

    public required long ParameterCount { get; init; }

    /// <summary>Multiply-adds for one image.</summary>
    public required long MultiplyAdds { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}
