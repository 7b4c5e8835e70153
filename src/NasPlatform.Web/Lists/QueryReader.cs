using System.Globalization;
using Microsoft.Extensions.Primitives;
using NasPlatform.Search;

namespace NasPlatform.Web.Lists;

/// <summary>Reads what a list is to show out of an address; what is wrong there is named, with what would be right.</summary>
/// <param name="query">A request's query, or one parsed by <c>QueryHelpers.ParseQuery</c>.</param>
internal sealed class QueryReader(IEnumerable<KeyValuePair<string, StringValues>> query)
{
    /// <summary>The longest text that is searched for.</summary>
    private const int LongestText = 200;

    private readonly Dictionary<string, StringValues> _values = new(query, StringComparer.OrdinalIgnoreCase);

    /// <summary>A text; null where it is absent or blank.</summary>
    public string? Text(string name)
    {
        var text = Last(name);
        return text?.Length <= LongestText || text is null
            ? text
            : throw new UserErrorException($"'{name}' has {text.Length} characters; at most {LongestText} are looked for.");
    }

    public int? Whole(string name, int least, int most) => Last(name) switch
    {
        null => null,
        var text when int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most => number,
        var text => throw new UserErrorException($"'{name}' is '{text}'; give a whole number from {least} to {most}."),
    };

    public double? Number(string name) => Last(name) switch
    {
        null => null,
        var text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) => number,
        var text => throw new UserErrorException($"'{name}' is '{text}'; give a number, such as 0.5."),
    };

    public Guid? Id(string name) => Last(name) switch
    {
        null => null,
        var text when Guid.TryParse(text, out var id) => id,
        var text => throw new UserErrorException($"'{name}' is '{text}'; give an id, such as 0198c8a2-7f63-7000-8000-000000000000."),
    };

    public bool? Flag(string name) => Last(name) switch
    {
        null => null,
        "true" or "1" => true,
        "false" or "0" => false,
        var text => throw new UserErrorException($"'{name}' is '{text}'; give true or false."),
    };

    public T? Word<T>(string name)
        where T : struct, Enum => Last(name) is { } text ? Parse<T>(name, text) : null;

    /// <summary>Words separated by commas, or the parameter repeated; none where it is absent.</summary>
    public IReadOnlyList<T> Words<T>(string name)
        where T : struct, Enum =>
        [.. _values.GetValueOrDefault(name)
            .SelectMany(value => (value ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .Select(text => Parse<T>(name, text))
            .Distinct()
            .Order()];

    private string? Last(string name) => _values.GetValueOrDefault(name).LastOrDefault()?.Trim() is { Length: > 0 } text ? text : null;

    private static T Parse<T>(string name, string text)
        where T : struct, Enum =>
        // Not by its number, which Enum.TryParse would take too.
        char.IsAsciiLetter(text[0]) && Enum.TryParse<T>(text, ignoreCase: true, out var value) && Enum.IsDefined(value)
            ? value
            : throw new UserErrorException($"'{name}' is '{text}'; give one of {string.Join(", ", Enum.GetNames<T>().Select(QueryWriter.Word))}.");
}
