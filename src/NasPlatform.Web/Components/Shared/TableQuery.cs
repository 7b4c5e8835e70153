using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace NasPlatform.Web.Components.Shared;

/// <summary>
/// What a table shows, read from the page's address, so that it can be bookmarked and sent: <c>?search=text&amp;sort=accuracy&amp;order=desc&amp;page=3</c>, the parameters that the
/// lists' queries parse, and the filters of the page. It makes the addresses that a table links to; values that make no sense are taken for their defaults.
/// </summary>
public sealed class TableQuery
{
    private const string SortName = "sort";
    private const string OrderName = "order";
    private const string SearchName = "search";
    private const string PageName = "page";
    private const int LongestSearch = 200;

    private readonly string _path;
    private readonly IReadOnlyDictionary<string, string> _values;
    private readonly string _defaultSort;
    private readonly bool _defaultDescending;

    private TableQuery(string path, IReadOnlyDictionary<string, string> values, string defaultSort, bool defaultDescending) =>
        (_path, _values, _defaultSort, _defaultDescending) = (path, values, defaultSort, defaultDescending);

    /// <summary>The key of the column it is sorted by.</summary>
    public string Sort => _values.GetValueOrDefault(SortName, _defaultSort);

    public bool IsDescending => _values.GetValueOrDefault(OrderName) is { Length: > 0 } order ? order.Equals("desc", StringComparison.OrdinalIgnoreCase) : _defaultDescending;

    /// <summary>What is searched for, trimmed; empty for all.</summary>
    public string Search => _values.GetValueOrDefault(SearchName, "").Trim() is var text && text.Length > LongestSearch ? text[..LongestSearch] : text;

    /// <summary>1-based.</summary>
    public int Page => int.TryParse(_values.GetValueOrDefault(PageName), out var page) && page is >= 1 and <= 1_000_000 ? page : 1;

    /// <param name="uri">The page's address.</param>
    /// <param name="sort">The column where the address says nothing.</param>
    /// <param name="descending">Its direction there.</param>
    public static TableQuery Of(string uri, string sort, bool descending = false)
    {
        var address = new Uri(uri);
        var values = QueryHelpers.ParseQuery(address.Query).ToDictionary(pair => pair.Key, pair => Last(pair.Value), StringComparer.Ordinal);
        return new(address.AbsolutePath, values, sort, descending);
    }

    /// <summary>The value of a filter; null where the address has none.</summary>
    public string? Filter(string name) => _values.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;

    /// <summary>The value of a filter that is one of an enumeration's names, in any case; null where the address has none or another.</summary>
    public T? Filter<T>(string name)
        where T : struct, Enum =>
        Enum.TryParse<T>(Filter(name), ignoreCase: true, out var value) && Enum.IsDefined(value) ? value : null;

    public bool IsSortedBy(string key) => Sort.Equals(key, StringComparison.OrdinalIgnoreCase);

    /// <summary>The address that sorts by a column: turned round where it is sorted by it already.</summary>
    /// <param name="key">The column's.</param>
    /// <param name="descendingFirst">Whether its large values come first, as with accuracies and times.</param>
    public string SortedBy(string key, bool descendingFirst)
    {
        var descending = IsSortedBy(key) ? !IsDescending : descendingFirst;
        return With((SortName, key), (OrderName, descending ? "desc" : "asc"), (PageName, null));
    }

    public string AtPage(int page) => With((PageName, page == 1 ? null : page.ToString(System.Globalization.CultureInfo.InvariantCulture)));

    /// <summary>The address with a filter set, or without it where the value is null; back at the first page.</summary>
    public string Filtered(string name, string? value) => With((name, value), (PageName, null));

    /// <summary>What a form must repeat so as to change only the fields that it has.</summary>
    public IEnumerable<KeyValuePair<string, string>> Others(params string[] fields) => _values.Where(pair => pair.Key != PageName && !fields.Contains(pair.Key));

    private string With(params ReadOnlySpan<(string Name, string? Value)> changes)
    {
        Dictionary<string, string?> values = new(_values.Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value)));
        foreach (var (name, value) in changes)
        {
            if (value is null)
            {
                values.Remove(name);
            }
            else
            {
                values[name] = value;
            }
        }

        return QueryHelpers.AddQueryString(_path, values);
    }

    private static string Last(StringValues values) => values.Count == 0 ? "" : values[^1] ?? "";
}
