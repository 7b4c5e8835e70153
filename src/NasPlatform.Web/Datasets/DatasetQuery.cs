using Microsoft.Extensions.Primitives;
using NasPlatform.Web.Lists;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Datasets;

/// <summary>What a list of datasets shows and in which order; has a place in the address.</summary>
internal sealed record DatasetQuery
{
    /// <summary>In the name, upper and lower case alike. Null for all.</summary>
    public string? Search { get; init; }

    /// <summary>None for all.</summary>
    public IReadOnlyList<DatasetState> States { get; init; } = [];

    public DatasetSort Sort { get; init; } = DatasetSort.Name;

    public bool IsDescending { get; init; }

    /// <summary>1-based.</summary>
    public int Page { get; init; } = 1;

    /// <summary>1 to <see cref="Paging.LargestSize"/>.</summary>
    public int Size { get; init; } = Paging.UsualSize;

    /// <exception cref="Search.UserErrorException">A parameter will not do; the message says which, and what would.</exception>
    public static DatasetQuery Parse(IEnumerable<KeyValuePair<string, StringValues>> query)
    {
        var read = new QueryReader(query);
        return new()
        {
            Search = read.Text("search"),
            States = read.Words<DatasetState>("state"),
            Sort = read.Word<DatasetSort>("sort") ?? DatasetSort.Name,
            IsDescending = read.Word<Order>("order") == Order.Desc,
            Page = read.Whole("page", 1, Paging.LastPage) ?? 1,
            Size = read.Whole("size", 1, Paging.LargestSize) ?? Paging.UsualSize,
        };
    }

    /// <summary>The parameters that <see cref="Parse"/> reads; null for what is as usual.</summary>
    public IReadOnlyDictionary<string, object?> ToParameters() => new QueryWriter()
        .Add("search", Search, null)
        .AddWords("state", States)
        .Add("sort", Sort, DatasetSort.Name)
        .Add("order", IsDescending ? Order.Desc : Order.Asc, Order.Asc)
        .Add("page", Page, 1)
        .Add("size", Size, Paging.UsualSize)
        .Values;
}

/// <summary>What datasets can be ordered by.</summary>
internal enum DatasetSort
{
    Name,
    State,
    Size,
    Classes,
    Created,
}
