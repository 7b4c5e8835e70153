using System.Globalization;

namespace NasPlatform.Search;

/// <summary>
/// Reads <c>name=value</c> settings of a space or strategy: each is asked for once, with its default and range; a name that
/// nobody asked for, and a value out of range, is one clear error.
/// </summary>
public sealed class Settings(string owner, IReadOnlyDictionary<string, string> values)
{
    private readonly Dictionary<string, string> _effective = [];
    private readonly Dictionary<string, IReadOnlyList<string>> _choices = [];

    /// <summary>Every setting asked for, with the value in force.</summary>
    public IReadOnlyDictionary<string, string> Effective => _effective;

    /// <summary>The words of each setting that is one of a few.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Choices => _choices;

    public int Whole(string name, int fallback, int least, int most)
    {
        var value = fallback;
        if (values.TryGetValue(name, out var text)
            && (!int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out value) || value < least || value > most))
        {
            throw OutOfRange(name, text, $"a whole number from {least} to {most}");
        }

        _effective[name] = value.ToString(CultureInfo.InvariantCulture);
        return value;
    }

    public double Real(string name, double fallback, double least, double most)
    {
        var value = fallback;
        if (values.TryGetValue(name, out var text)
            && (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) || !(value >= least && value <= most)))
        {
            throw OutOfRange(name, text, $"a number from {least} to {most}");
        }

        _effective[name] = value.ToString(CultureInfo.InvariantCulture);
        return value;
    }

    /// <summary>A list of different whole numbers, joined by commas, ascending; empty only where it is so by default.</summary>
    public int[] Wholes(string name, int[] fallback, int least, int most)
    {
        var value = fallback;
        if (values.TryGetValue(name, out var text) && (text.Length > 0 || fallback.Length > 0))
        {
            var parts = text.Split(',', StringSplitOptions.TrimEntries);
            value = new int[parts.Length];
            for (var i = 0; i < parts.Length; i++)
            {
                if (!int.TryParse(parts[i], NumberStyles.Integer, CultureInfo.InvariantCulture, out value[i])
                    || value[i] < least || value[i] > most || (i > 0 && value[i] <= value[i - 1]))
                {
                    throw OutOfRange(name, text, $"ascending whole numbers from {least} to {most}, joined by commas");
                }
            }
        }

        _effective[name] = string.Join(',', value);
        return value;
    }

    /// <summary>A list of different words of those known, joined by commas.</summary>
    public string[] Words(string name, string[] fallback, params string[] known)
    {
        var value = fallback;
        if (values.TryGetValue(name, out var text))
        {
            value = text.Split(',', StringSplitOptions.TrimEntries);
            if (value.Except(known).Any() || value.Distinct().Count() < value.Length)
            {
                throw OutOfRange(name, text, $"some of {string.Join(", ", known)}, joined by commas");
            }
        }

        _effective[name] = string.Join(',', value);
        return value;
    }

    /// <summary>Any text.</summary>
    public string Text(string name, string fallback) => _effective[name] = values.GetValueOrDefault(name, fallback);

    /// <summary>One of the named words.</summary>
    public string Word(string name, string fallback, params string[] known)
    {
        var value = values.GetValueOrDefault(name, fallback);
        if (!known.Contains(value))
        {
            throw OutOfRange(name, value, $"one of {string.Join(", ", known)}");
        }

        _effective[name] = value;
        _choices[name] = known;
        return value;
    }

    /// <summary>Settings of a part, whose names begin with a prefix, by their names without it.</summary>
    public IReadOnlyDictionary<string, string> Within(string prefix) =>
        values.Where(setting => setting.Key.StartsWith(prefix, StringComparison.Ordinal)).ToDictionary(setting => setting.Key[prefix.Length..], setting => setting.Value);

    /// <summary>Takes over the settings of a part that was made with those <see cref="Within"/> a prefix.</summary>
    public void Adopt(string prefix, IReadOnlyDictionary<string, string> effective)
    {
        foreach (var (name, value) in effective)
        {
            _effective[prefix + name] = value;
        }
    }

    /// <summary>Call when everything was asked for.</summary>
    /// <exception cref="UserErrorException">A setting was given that does not exist; the message lists those that do.</exception>
    public void RefuseUnknown()
    {
        foreach (var name in values.Keys)
        {
            if (!_effective.ContainsKey(name))
            {
                throw new UserErrorException(_effective.Count == 0
                    ? $"{owner} has no settings, so '{name}' cannot be set."
                    : $"{owner} has no setting '{name}'. It has: {string.Join(", ", _effective.Select(setting => $"{setting.Key} (now {setting.Value})"))}.");
            }
        }
    }

    private UserErrorException OutOfRange(string name, string value, string rule) =>
        new($"{owner}: setting '{name}' is '{value}'; it must be {rule}.");
}
