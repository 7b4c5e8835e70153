using System.Globalization;

namespace NasPlatform.Search.Datasets.Layouts;

/// <summary>Names of classes in the order of their labels.</summary>
internal static class ClassOrder
{
    /// <summary>By number when all names are whole numbers ("2" before "10"), else by the code points of their characters.</summary>
    public static string[] Of(IEnumerable<string> names)
    {
        var distinct = names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        return distinct.All(name => IsNumber(name, out _))
            ? [.. distinct.OrderBy(name => IsNumber(name, out var number) ? number : 0)]
            : distinct;
    }

    private static bool IsNumber(string name, out long number) =>
        long.TryParse(name, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
}
