using System.CommandLine;
using NasPlatform.Search;
using NasPlatform.Search.Spaces;
using NasPlatform.Web.Architectures;

namespace NasPlatform.Web.Commands;

/// <summary><c>nas space diagram</c>: an architecture as an SVG drawing.</summary>
internal static class DiagramCommand
{
    public static Command Create(Terminal terminal)
    {
        var space = new Argument<string>("space") { Description = $"The space: {string.Join(", ", SearchSpaceCatalog.Names)}" };
        var genotype = new Argument<string>("genotype") { Description = "In the space's text form, or the name of a published one" };
        var set = Options.Settings("--set", "A setting of the space; repeatable");
        var part = Options.Text("--part", "name", "Which drawing: a cell by its title, or network for the whole (default: the first cell, or the network where there is none)");
        var task = InspectCommand.TaskOption();
        var output = Options.Text("--out", "file", "Where to write it (default: the standard output)");
        var command = new DocumentedCommand("diagram", "Draws an architecture as SVG", """
            Examples:
              nas space diagram chain --set layers=1 3x3/1x1/36 --out chain.svg
              nas space diagram nasbench201 --part network --out network.svg \
                '|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|avg_pool_3x3~2|'
            """)
        {
            space, genotype, set, part, task, output,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var known = SearchSpaceCatalog.Create(parsed.GetRequiredValue(space), parsed.GetValue(set));
            var inspected = Inspection.Of(known, parsed.GetRequiredValue(genotype), InspectCommand.ShapeOf(parsed.GetValue(task), known));
            var svg = DrawingSvg.Of(ArchitectureDiagram.Of(known, inspected).Drawing(parsed.GetValue(part)));
            if (parsed.GetValue(output) is { } file)
            {
                await File.WriteAllTextAsync(Path.GetFullPath(file, terminal.CurrentFolder), svg, cancellation);
            }
            else
            {
                await terminal.Output.WriteAsync(svg);
            }
        });
        return command;
    }
}
