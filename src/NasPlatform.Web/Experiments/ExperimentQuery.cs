using Microsoft.Extensions.Primitives;
using NasPlatform.Web.Lists;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Experiments;

/// <summary>What a list of experiments shows and in which order; has a place in the address, so that it can be bookmarked and sent.</summary>
internal sealed record ExperimentQuery
{
    /// <summary>In the name, dataset, space, strategy or owner; upper and lower case alike. Null for all.</summary>
    public string? Search { get; init; }

    /// <summary>None for all.</summary>
    public IReadOnlyList<ExperimentState> States { get; init; } = [];

    /// <summary>A dataset's name.</summary>
    public string? Dataset { get; init; }

    public string? Space { get; init; }

    public string? Strategy { get; init; }

    public Origin? Origin { get; init; }

    /// <summary>Only the caller's own.</summary>
    public bool IsMine { get; init; }

    public ExperimentSort Sort { get; init; } = ExperimentSort.Created;

    /// <summary>The usual order is the newest first.</summary>
    public bool IsDescending { get; init; } = true;

    /// <summary>1-based.</summary>
    public int Page { get; init; } = 1;

    /// <summary>1 to <see cref="Paging.LargestSize"/>.</summary>
    public int Size { get; init; } = Paging.UsualSize;

    /// <exception cref="Search.UserErrorException">A parameter will not do; the message says which, and what would.</exception>
    public static ExperimentQuery Parse(IEnumerable<KeyValuePair<string, StringValues>> query)
    {
        var read = new QueryReader(query);
        return new()
        {
            Search = read.Text("search"),
            States = read.Words<ExperimentState>("state"),
            Dataset = read.Text("dataset"),
            Space = read.Text("space"),
            Strategy = read.Text("strategy"),
            Origin = read.Word<Origin>("origin"),
            IsMine = read.Flag("mine") ?? false,
            Sort = read.Word<ExperimentSort>("sort") ?? ExperimentSort.Created,
            IsDescending = (read.Word<Order>("order") ?? Order.Desc) == Order.Desc,
            Page = read.Whole("page", 1, Paging.LastPage) ?? 1,
            Size = read.Whole("size", 1, Paging.LargestSize) ?? Paging.UsualSize,
        };
    }

    /// <summary>The parameters that <see cref="Parse"/> reads; null for what is as usual.</summary>
    public IReadOnlyDictionary<string, object?> ToParameters() => new QueryWriter()
        .Add("search", Search, null)
        .AddWords("state", States)
        .Add("dataset", Dataset, null)
        .Add("space", Space, null)
        .Add("strategy", Strategy, null)
        .Add("origin", Origin, null)
        .Add("mine", IsMine, false)
        .Add("sort", Sort, ExperimentSort.Created)
        .Add("order", IsDescending ? Order.Desc : Order.Asc, Order.Desc)
        .Add("page", Page, 1)
        .Add("size", Size, Paging.UsualSize)
        .Values;
}

/// <summary>What experiments can be ordered by.</summary>
internal enum ExperimentSort
{
    Created,
    Name,
    Dataset,
    Space,
    Strategy,
    State,
    Trials,
    BestScore,
    TestScore,
    Ended,
}
