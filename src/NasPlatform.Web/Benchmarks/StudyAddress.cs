using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using NasPlatform.Search;
using NasPlatform.Web.Lists;

namespace NasPlatform.Web.Benchmarks;

/// <summary>A study in an address: <c>?strategy=random&amp;strategy=evolution;population=50&amp;queries=300</c>. What is as usual is left out.</summary>
internal static class StudyAddress
{
    private static readonly StudySpec Usual = new() { Strategies = [] };

    /// <summary>The study of an address; its strategies are empty where it names none.</summary>
    /// <exception cref="UserErrorException">A parameter cannot be read.</exception>
    public static StudySpec Parse(IReadOnlyDictionary<string, StringValues> query)
    {
        var reader = new QueryReader(query);
        var strategies = query.GetValueOrDefault("strategy");
        return new()
        {
            Strategies = [.. strategies.OfType<string>().Where(text => text.Length > 0).Take(StudySpec.MostStrategies).Select(ParseStrategy)],
            Dataset = reader.Text("dataset"),
            Epochs = reader.Whole("epochs", 1, int.MaxValue),
            Queries = reader.Whole("queries", 1, StudySpec.MostQueries) ?? Usual.Queries,
            Seconds = reader.Number("seconds"),
            Workers = reader.Whole("workers", 1, StudySpec.MostWorkers) ?? Usual.Workers,
            Mean = reader.Flag("mean") ?? Usual.Mean,
            Seeds = reader.Whole("seeds", 1, StudySpec.MostSeeds) ?? Usual.Seeds,
            Seed = reader.Text("seed") is not { } seed ? Usual.Seed
                : ulong.TryParse(seed, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
                : throw new UserErrorException($"'seed' is '{seed}'; give a whole number from 0."),
        };
    }

    /// <summary>The address of a study.</summary>
    /// <param name="path">The page's.</param>
    public static string Of(string path, StudySpec spec)
    {
        (string Name, string? Value)[] others =
        [
            ("dataset", spec.Dataset),
            ("epochs", spec.Epochs?.ToString(CultureInfo.InvariantCulture)),
            ("queries", spec.Queries == Usual.Queries ? null : spec.Queries.ToString(CultureInfo.InvariantCulture)),
            ("seconds", spec.Seconds?.ToString(CultureInfo.InvariantCulture)),
            ("workers", spec.Workers == Usual.Workers ? null : spec.Workers.ToString(CultureInfo.InvariantCulture)),
            ("mean", spec.Mean ? "true" : null),
            ("seeds", spec.Seeds == Usual.Seeds ? null : spec.Seeds.ToString(CultureInfo.InvariantCulture)),
            ("seed", spec.Seed == Usual.Seed ? null : spec.Seed.ToString(CultureInfo.InvariantCulture)),
        ];
        return QueryHelpers.AddQueryString(path, spec.Strategies.Select(strategy => (Name: "strategy", Value: (string?)Text(strategy))).Concat(others)
            .Where(pair => pair.Value is not null)
            .Select(pair => KeyValuePair.Create(pair.Name, pair.Value)));
    }

    // Signs within a value are escaped once more, so that none of them is taken for a separator.
    private static string Text(StudiedStrategy strategy) =>
        string.Join(';', strategy.Settings.OrderBy(setting => setting.Key, StringComparer.Ordinal).Select(setting => $"{setting.Key}={Uri.EscapeDataString(setting.Value)}").Prepend(strategy.Name));

    private static StudiedStrategy ParseStrategy(string text)
    {
        var parts = text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var settings = new Dictionary<string, string>();
        foreach (var part in parts.Skip(1))
        {
            if (part.Split('=', 2) is not [{ Length: > 0 } name, var value])
            {
                throw new UserErrorException($"'strategy' is '{text}'; write it as name;setting=value;setting=value.");
            }

            settings[name] = Uri.UnescapeDataString(value);
        }

        return parts.Length > 0 ? new(parts[0], settings) : throw new UserErrorException("'strategy' is empty; give the name of one.");
    }
}
