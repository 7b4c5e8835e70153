namespace NasPlatform.Web.Lists;

/// <summary>A page of a list.</summary>
/// <param name="Items">What is on it.</param>
/// <param name="Total">Items on all pages.</param>
/// <param name="Page">1-based; may lie beyond the last one, and then there is nothing on it.</param>
/// <param name="Size">Items on a full page.</param>
public sealed record ListPage<T>(IReadOnlyList<T> Items, int Total, int Page, int Size)
{
    /// <summary>How many pages there are, at least 1.</summary>
    public int Pages => Math.Max(1, (Total + Size - 1) / Size);
}
