using System.Globalization;
using Microsoft.AspNetCore.Http.Extensions;

namespace NasPlatform.Web.Lists;

/// <summary>
/// What a list shows, as the parameters of an address: what is as usual is left out. Made for <c>NavigationManager.GetUriWithQueryParameters</c>, which takes
/// a null parameter away.
/// </summary>
internal sealed class QueryWriter
{
    private readonly Dictionary<string, object?> _values = [];

    public IReadOnlyDictionary<string, object?> Values => _values;

    public QueryWriter Add<T>(string name, T value, T usual)
    {
        _values[name] = EqualityComparer<T>.Default.Equals(value, usual) ? null : Text(value);
        return this;
    }

    public QueryWriter AddWords<T>(string name, IReadOnlyList<T> words)
        where T : struct, Enum
    {
        _values[name] = words.Count == 0 ? null : string.Join(',', words.Select(word => Word(word.ToString())));
        return this;
    }

    /// <summary>As an address ends: <c>?state=running&amp;page=2</c>; empty where all is as usual.</summary>
    public static string ToQueryString(IReadOnlyDictionary<string, object?> values) => new QueryBuilder(
        values.Where(pair => pair.Value is not null).Select(pair => KeyValuePair.Create(pair.Key, (string)pair.Value!))).ToString(); // not null: asked for before

    /// <summary>An enum's name as addresses and JSON have it: <c>testScore</c>.</summary>
    public static string Word(string name) => char.ToLowerInvariant(name[0]) + name[1..];

    private static string? Text<T>(T value) => value switch
    {
        null => null,
        Enum word => Word(word.ToString()),
        bool flag => flag ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };
}
