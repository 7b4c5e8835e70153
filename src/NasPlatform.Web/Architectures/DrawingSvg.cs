using System.Globalization;
using System.Text;
using System.Xml;

namespace NasPlatform.Web.Architectures;

/// <summary>A drawing as an SVG file of its own, in light colours, for papers and slides.</summary>
internal static class DrawingSvg
{
    private const double Margin = 8;

    private const string Style = """
        text { font: 12.5px system-ui, sans-serif; text-anchor: middle; dominant-baseline: central; fill: #1a1b20; }
        .name { font-weight: 600; } .more { font-size: 11.5px; fill: #4d5160; }
        .edge { fill: none; stroke: #6a6f80; stroke-width: 1.4; } .edge.dead { stroke: #c3c7d2; stroke-dasharray: 3 4; }
        rect { fill: #fff; stroke: #b9bdc9; stroke-width: 1.25; }
        .conv rect { fill: #e9eafb; stroke: #8f93e4; } .pool rect { fill: #e2f3ee; stroke: #72bba6; } .skip rect { fill: #e6f0f9; stroke: #7fb2dc; }
        .join rect { fill: #f3f0df; stroke: #b9ab62; } .linear rect { fill: #f7e6f2; stroke: #cb83b3; }
        .zero rect, .dead rect { fill: #fff; stroke: #c3c7d2; stroke-dasharray: 3 3; } .zero text, .dead text { fill: #6a6f80; } .dead .name { text-decoration: line-through; }
        .different rect { stroke: #d97324; stroke-width: 2.5; }
        """;

    public static string Of(Drawing drawing)
    {
        var text = new StringBuilder();
        using (var svg = XmlWriter.Create(text, new() { OmitXmlDeclaration = true, Indent = true }))
        {
            svg.WriteStartElement("svg", "http://www.w3.org/2000/svg");
            svg.WriteAttributeString("viewBox", $"{Number(-Margin)} {Number(-Margin)} {Number(drawing.Size.Width + (2 * Margin))} {Number(drawing.Size.Height + (2 * Margin))}");
            svg.WriteAttributeString("width", Number(drawing.Size.Width + (2 * Margin)));
            svg.WriteAttributeString("height", Number(drawing.Size.Height + (2 * Margin)));
            svg.WriteElementString("title", drawing.Title);
            svg.WriteElementString("style", Style);
            svg.WriteStartElement("defs");
            svg.WriteStartElement("marker");
            Attributes(svg, ("id", "head"), ("viewBox", "0 0 8 8"), ("refX", "7"), ("refY", "4"), ("markerWidth", "7"), ("markerHeight", "7"), ("orient", "auto"));
            svg.WriteStartElement("path");
            Attributes(svg, ("d", "M0 0.8 7.5 4 0 7.2Z"), ("fill", "#6a6f80"));
            svg.WriteEndElement();
            svg.WriteEndElement();
            svg.WriteEndElement();
            foreach (var edge in drawing.Edges)
            {
                svg.WriteStartElement("path");
                Attributes(svg, ("class", edge.IsDead ? "edge dead" : "edge"), ("d", edge.Path));
                if (edge.HasHead)
                {
                    svg.WriteAttributeString("marker-end", "url(#head)");
                }

                svg.WriteEndElement();
            }

            foreach (var node in drawing.Nodes)
            {
                Write(svg, node);
            }

            svg.WriteEndElement();
        }

        return text.AppendLine().ToString();
    }

    private static void Write(XmlWriter svg, DrawnNode node)
    {
        svg.WriteStartElement("g");
        svg.WriteAttributeString("class", string.Join(' ', new[] { node.Kind, node.IsDead ? "dead" : null, node.IsDifferent ? "different" : null }.OfType<string>()));
        svg.WriteElementString("title", node.Tip);
        svg.WriteStartElement("rect");
        Attributes(
            svg,
            ("x", Number(node.Centre.X - (node.Size.Width / 2))),
            ("y", Number(node.Centre.Y - (node.Size.Height / 2))),
            ("width", Number(node.Size.Width)),
            ("height", Number(node.Size.Height)),
            ("rx", Number(node.Kind == "value" ? Math.Min(node.Size.Height / 2, 17) : 7)));
        svg.WriteEndElement();
        for (var line = 0; line < node.Lines.Length; line++)
        {
            svg.WriteStartElement("text");
            Attributes(
                svg,
                ("class", line == 0 ? "name" : "more"),
                ("x", Number(node.Centre.X)),
                ("y", Number(node.Centre.Y + ((line - ((node.Lines.Length - 1) / 2.0)) * 16))));
            svg.WriteString(node.Lines[line]);
            svg.WriteEndElement();
        }

        svg.WriteEndElement();
    }

    private static void Attributes(XmlWriter svg, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        foreach (var (name, value) in attributes)
        {
            svg.WriteAttributeString(name, value);
        }
    }

    private static string Number(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);
}
