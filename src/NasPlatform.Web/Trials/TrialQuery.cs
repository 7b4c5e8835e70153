using Microsoft.Extensions.Primitives;
using NasPlatform.Web.Lists;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Trials;

/// <summary>What a list of an experiment's trials shows and in which order; has a place in the address, so that it can be bookmarked and sent.</summary>
public sealed record TrialQuery
{
    /// <summary>In the genotype, the key or the reason, upper and lower case alike; a number is looked for among the trials' numbers too. Null for all.</summary>
    public string? Search { get; init; }

    /// <summary>None for all.</summary>
    public IReadOnlyList<StoredTrialState> States { get; init; } = [];

    /// <summary>A score of at least this, 0 to 1.</summary>
    public double? LeastScore { get; init; }

    /// <summary>Parameters at most.</summary>
    public double? MostParameters { get; init; }

    /// <summary>True for repeated networks only, false for those that were trained; null for both.</summary>
    public bool? IsReused { get; init; }

    public TrialSort Sort { get; init; } = TrialSort.Number;

    /// <summary>The usual order is the newest first.</summary>
    public bool IsDescending { get; init; } = true;

    /// <summary>1-based.</summary>
    public int Page { get; init; } = 1;

    /// <summary>1 to <see cref="Paging.LargestSize"/>.</summary>
    public int Size { get; init; } = Paging.UsualSize;

    /// <exception cref="Search.UserErrorException">A parameter will not do; the message says which, and what would.</exception>
    public static TrialQuery Parse(IEnumerable<KeyValuePair<string, StringValues>> query)
    {
        var read = new QueryReader(query);
        return new()
        {
            Search = read.Text("search"),
            States = read.Words<StoredTrialState>("state"),
            LeastScore = read.Number("minScore"),
            MostParameters = read.Number("maxParameters"),
            IsReused = read.Flag("reused"),
            Sort = read.Word<TrialSort>("sort") ?? TrialSort.Number,
            IsDescending = (read.Word<Order>("order") ?? Order.Desc) == Order.Desc,
            Page = read.Whole("page", 1, Paging.LastPage) ?? 1,
            Size = read.Whole("size", 1, Paging.LargestSize) ?? Paging.UsualSize,
        };
    }

    /// <summary>The parameters that <see cref="Parse"/> reads; null for what is as usual.</summary>
    public IReadOnlyDictionary<string, object?> ToParameters() => new QueryWriter()
        .Add("search", Search, null)
        .AddWords("state", States)
        .Add("minScore", LeastScore, null)
        .Add("maxParameters", MostParameters, null)
        .Add("reused", IsReused, null)
        .Add("sort", Sort, TrialSort.Number)
        .Add("order", IsDescending ? Order.Desc : Order.Asc, Order.Desc)
        .Add("page", Page, 1)
        .Add("size", Size, Paging.UsualSize)
        .Values;
}

/// <summary>What trials can be ordered by.</summary>
public enum TrialSort
{
    Number,
    State,
    Epochs,
    Score,
    Loss,
    Parameters,
    MultiplyAdds,
    Duration,
    ImagesPerSecond,
    Ended,
}
