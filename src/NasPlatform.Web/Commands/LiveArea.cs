using System.Text;
using System.Text.RegularExpressions;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace NasPlatform.Web.Commands;

/// <summary>
/// A block of lines at the bottom of a terminal that is redrawn in place. Spectre's own live display pads lines to the widest it has
/// drawn, which breaks when a window is made narrower; here old lines are counted as the narrower window wraps them, each line is
/// overwritten and cleared to its end, so that nothing flickers, and the cursor is back when it is disposed.
/// What is typed meanwhile is not shown.
/// </summary>
internal sealed partial class LiveArea : IDisposable
{
    public const string ShowCursor = "\e[?25h";

    private const string BeginUpdate = "\e[?2026h"; // shown in one go by terminals that know it, passed over by others
    private const string EndUpdate = "\e[?2026l";
    private const string HideCursor = "\e[?25l";

    private readonly Terminal _terminal;
    private int[] _drawn = [];

    public LiveArea(Terminal terminal)
    {
        _terminal = terminal;
        if (terminal.CanAsk)
        {
            TerminalEcho.SwitchOff();
        }

        terminal.Output.Write(HideCursor);
    }

    /// <summary>Draws what fits: one row less than the terminal has.</summary>
    public void Draw(Func<int, int, IRenderable> content)
    {
        var (width, height) = _terminal.Size();
        var (columns, rows) = (Math.Max(20, width), Math.Max(3, height - 1));
        var text = new StringWriter();
        _terminal.CreateScreen(text, columns).Write(content(columns, rows));
        var lines = text.ToString().TrimEnd('\n').Split('\n').Take(rows).Select(line => line.TrimEnd('\r', ' ')).ToList();

        var frame = new StringBuilder(BeginUpdate).Append('\r');
        var up = Math.Min(_drawn.Sum(cells => Math.Max(1, (cells + width - 1) / width)), height - 1);
        if (up > 0)
        {
            frame.Append($"\e[{up}A");
        }

        foreach (var line in lines)
        {
            frame.Append(line).Append("\e[K\n");
        }

        _drawn = [.. lines.Select(line => new Segment(WithoutEscapes(line)).CellCount())];
        _terminal.Output.Write(frame.Append("\e[J").Append(EndUpdate).ToString());
        _terminal.Output.Flush();
    }

    public void Dispose()
    {
        _terminal.Output.Write(ShowCursor);
        _terminal.Output.Flush();
        TerminalEcho.Restore();
    }

    /// <summary>A line without its colours.</summary>
    public static string WithoutEscapes(string line) => Escape().Replace(line, "");

    [GeneratedRegex("\e\\[[0-9;]*m")]
    private static partial Regex Escape();
}
