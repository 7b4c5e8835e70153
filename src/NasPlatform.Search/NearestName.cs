namespace NasPlatform.Search;

/// <summary>Helps a person who mistyped the name of a dataset, a space or a strategy.</summary>
public static class NearestName
{
    /// <summary>
    /// The known name with the fewest typing slips (a letter more, less, other, or two swapped; case does not count) from
    /// <paramref name="asked"/>, or null when none is closer than a third of the name's length.
    /// </summary>
    public static string? Of(string asked, IEnumerable<string> known)
    {
        var nearest = known
            .Select(name => (Name: name, Slips: Slips(asked.ToLowerInvariant(), name.ToLowerInvariant())))
            .OrderBy(pair => pair.Slips).ThenBy(pair => pair.Name, StringComparer.Ordinal)
            .FirstOrDefault();
        var allowed = Math.Max(1, (Math.Max(asked.Length, nearest.Name?.Length ?? 0) + 1) / 3);
        return nearest.Name is not null && nearest.Slips <= allowed ? nearest.Name : null;
    }

    /// <summary>The error for a <paramref name="kind"/> ("dataset", "strategy") nobody knows: it lists the known ones and suggests the nearest.</summary>
    public static UserErrorException Unknown(string kind, string asked, IReadOnlyCollection<string> known)
    {
        var suggestion = Of(asked, known) is { } nearest ? $" Did you mean '{nearest}'?" : "";
        var list = known.Count == 0 ? "There are none yet." : $"Known: {string.Join(", ", known)}.";
        return new UserErrorException($"There is no {kind} '{asked}'.{suggestion} {list}");
    }

    // Optimal string alignment distance, over three rows.
    private static int Slips(string a, string b)
    {
        var (before, above, row) = (new int[b.Length + 1], Enumerable.Range(0, b.Length + 1).ToArray(), new int[b.Length + 1]);
        for (var i = 1; i <= a.Length; i++)
        {
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = a[i - 1] == b[j - 1] ? 0 : 1;
                row[j] = Math.Min(Math.Min(above[j] + 1, row[j - 1] + 1), above[j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    row[j] = Math.Min(row[j], before[j - 2] + 1);
            }
            (before, above, row) = (above, row, before);
        }
        return above[b.Length];
    }
}
