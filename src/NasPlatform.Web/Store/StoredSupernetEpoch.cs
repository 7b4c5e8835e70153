using System.Text.Json;
using NasPlatform.Search.Training.Supernets;
using NasPlatform.Web.Jobs;

namespace NasPlatform.Web.Store;

/// <summary>What a one-shot strategy's supernet knew at the end of an epoch.</summary>
public sealed class StoredSupernetEpoch
{
    public required Guid ExperimentId { get; init; }

    /// <summary>1-based.</summary>
    public required int Epoch { get; init; }

    /// <summary>The <see cref="SupernetEpoch"/>, as JSON; numbers that are not finite are written by name.</summary>
    public required string Told { get; set; }

    internal SupernetEpoch Read() => JsonSerializer.Deserialize<SupernetEpoch>(Told, Spool.Json)!; // not null: written so

    internal static string Write(SupernetEpoch epoch) => JsonSerializer.Serialize(epoch, Spool.Json);
}
