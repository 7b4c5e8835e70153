using System.CommandLine;
using Microsoft.EntityFrameworkCore;
using NasPlatform.Search;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Commands.Experiments;

/// <summary>How a person names an experiment in the terminal: by its id, the beginning or end of it, or its name.</summary>
internal static class ExperimentNames
{
    private const int ShortLength = 8;

    public static Argument<string> Argument() => new("experiment") { Description = "Its id, the first or last characters of its id, or its name" };

    /// <summary>The end of an id: unlike its beginning, which is the time, it differs between experiments of one minute.</summary>
    public static string Short(Guid id) => id.ToString("N")[^ShortLength..];

    /// <exception cref="UserErrorException">There is none of that name, or several.</exception>
    public static async Task<Guid> FindAsync(StoreContext context, string given, CancellationToken cancellation)
    {
        var all = await context.Experiments.Select(experiment => new { experiment.Id, experiment.Name }).ToListAsync(cancellation);
        var text = given.Replace("-", "").ToLowerInvariant();
        var isPart = text.Length >= 4 && text.All(char.IsAsciiHexDigitLower);
        var matching = all.Where(row => row.Name == given || (isPart && row.Id.ToString("N") is var id && (id.StartsWith(text, StringComparison.Ordinal) || id.EndsWith(text, StringComparison.Ordinal))))
            .ToList();
        return matching switch
        {
            [var one] => one.Id,
            [] => throw new UserErrorException($"There is no experiment '{given}'; nas experiment list shows them."),
            _ => throw new UserErrorException($"'{given}' may be any of {matching.Count} experiments: {string.Join(", ", matching.Take(5).Select(row => $"{row.Id} ({row.Name})"))}. Give more of the id."),
        };
    }
}
