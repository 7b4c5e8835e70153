using System.CommandLine;
using NasPlatform.Search.Spaces;

namespace NasPlatform.Web.Commands;

/// <summary><c>nas space neighbours</c>: what is one decision away from a genotype.</summary>
internal static class NeighboursCommand
{
    public static Command Create(Terminal terminal)
    {
        var space = new Argument<string>("space") { Description = $"The space: {string.Join(", ", SearchSpaceCatalog.Names)}" };
        var genotype = new Argument<string>("genotype") { Description = "In the space's text form, or the name of a published one" };
        var set = Options.Settings("--set", "A setting of the space; repeatable");
        var json = Options.Json();
        var command = new DocumentedCommand("neighbours", "Lists the genotypes that differ in one decision", """
            With --json each line has "genotype", "key", and the decision that differs: "place", "was" and "is".

            Example:
              nas space neighbours nasbench201 \
                '|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|avg_pool_3x3~2|'
            """)
        {
            space, genotype, set, json,
        };
        command.SetAction((parsed, cancellation) =>
        {
            var known = SearchSpaceCatalog.Create(parsed.GetRequiredValue(space), parsed.GetValue(set));
            var from = known.Find(parsed.GetRequiredValue(genotype));
            var before = from.ToDictionary();
            foreach (var neighbour in known.Neighbours(from))
            {
                cancellation.ThrowIfCancellationRequested();
                if (parsed.GetValue(json))
                {
                    var changed = neighbour.Decisions.First(decision => !before.TryGetValue(decision.Name, out var value) || value != decision.Value);
                    terminal.WriteJson(new
                    {
                        Genotype = known.Format(neighbour),
                        Key = known.Key(neighbour).Value,
                        Place = changed.Name,
                        Was = before.TryGetValue(changed.Name, out var was) ? changed.Choice.Options[was] : null,
                        Is = changed.Option,
                    });
                }
                else
                {
                    terminal.Output.WriteLine(known.Format(neighbour));
                }
            }

            return Task.CompletedTask;
        });
        return command;
    }
}
