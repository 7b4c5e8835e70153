using Microsoft.Extensions.Primitives;
using NasPlatform.Web.Lists;

namespace NasPlatform.Web.Models;

/// <summary>What a list of models shows and in which order; has a place in the address.</summary>
internal sealed record ModelQuery
{
    /// <summary>In the name, genotype, dataset or space, upper and lower case alike. Null for all.</summary>
    public string? Search { get; init; }

    /// <summary>A dataset's name.</summary>
    public string? Dataset { get; init; }

    /// <summary>Only the models of one experiment.</summary>
    public Guid? Experiment { get; init; }

    public ModelSort Sort { get; init; } = ModelSort.Created;

    /// <summary>The usual order is the newest first.</summary>
    public bool IsDescending { get; init; } = true;

    /// <summary>1-based.</summary>
    public int Page { get; init; } = 1;

    /// <summary>1 to <see cref="Paging.LargestSize"/>.</summary>
    public int Size { get; init; } = Paging.UsualSize;

    /// <exception cref="Search.UserErrorException">A parameter will not do; the message says which, and what would.</exception>
    public static ModelQuery Parse(IEnumerable<KeyValuePair<string, StringValues>> query)
    {
        var read = new QueryReader(query);
        return new()
        {
            Search = read.Text("search"),
            Dataset = read.Text("dataset"),
            Experiment = read.Id("experiment"),
            Sort = read.Word<ModelSort>("sort") ?? ModelSort.Created,
            IsDescending = (read.Word<Order>("order") ?? Order.Desc) == Order.Desc,
            Page = read.Whole("page", 1, Paging.LastPage) ?? 1,
            Size = read.Whole("size", 1, Paging.LargestSize) ?? Paging.UsualSize,
        };
    }

    /// <summary>The parameters that <see cref="Parse"/> reads; null for what is as usual.</summary>
    public IReadOnlyDictionary<string, object?> ToParameters() => new QueryWriter()
        .Add("search", Search, null)
        .Add("dataset", Dataset, null)
        .Add("experiment", Experiment, null)
        .Add("sort", Sort, ModelSort.Created)
        .Add("order", IsDescending ? Order.Desc : Order.Asc, Order.Desc)
        .Add("page", Page, 1)
        .Add("size", Size, Paging.UsualSize)
        .Values;
}

/// <summary>What models can be ordered by.</summary>
internal enum ModelSort
{
    Created,
    Name,
    Dataset,
    TestScore,
    Parameters,
    MultiplyAdds,
}
