namespace NasPlatform.Web.Store;

/// <summary>A process that takes jobs.</summary>
public sealed class Node
{
    /// <summary>The machine's name, the process's number and a random part: new with every start.</summary>
    public required string Id { get; init; }

    public required string Machine { get; init; }

    /// <summary>The groups it serves, separated by spaces: <c>search cpu ingest</c>.</summary>
    public required string Groups { get; init; }

    /// <summary>Threads that its runners may use at once.</summary>
    public required int Slots { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Milliseconds since 1970 on the database's clock.</summary>
    public long SeenAt { get; set; }
}
