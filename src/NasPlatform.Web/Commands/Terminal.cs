using System.Text.Json;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace NasPlatform.Web.Commands;

/// <summary>Where a command reads and writes, and what it may know of its surroundings.</summary>
internal sealed class Terminal
{
    /// <summary>The width of tables where nobody's screen limits it, in columns.</summary>
    private const int Unlimited = 1000;

    public required TextReader Input { get; init; }

    public required TextWriter Output { get; init; }

    public required TextWriter Error { get; init; }

    /// <summary>Whether <see cref="Output"/> is a terminal that can move its cursor.</summary>
    public bool IsLive { get; init; }

    /// <summary>Whether there is a person to ask: input and output are terminals.</summary>
    public bool CanAsk { get; init; }

    public bool HasColour { get; init; }

    /// <summary>Columns and rows of the terminal now.</summary>
    public Func<(int Width, int Height)> Size { get; init; } = () => (Unlimited, Unlimited);

    /// <summary>Paths that people give are relative to it. Absolute.</summary>
    public required string CurrentFolder { get; init; }

    /// <summary>Environment variables by name.</summary>
    public Func<string, string?> Variable { get; init; } = _ => null;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public static Terminal OfThisProcess()
    {
        var isTerminal = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");
        return new()
        {
            Input = Console.In,
            Output = Console.Out,
            Error = Console.Error,
            IsLive = isTerminal,
            CanAsk = !Console.IsInputRedirected && !Console.IsOutputRedirected,
            HasColour = isTerminal && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")),
            Size = isTerminal ? WindowSize : () => (Unlimited, Unlimited),
            CurrentFolder = Environment.CurrentDirectory,
            Variable = Environment.GetEnvironmentVariable,
        };
    }

    /// <summary>A console of Spectre's with this terminal's colours that writes elsewhere.</summary>
    public IAnsiConsole CreateScreen(TextWriter writer, int width)
    {
        var screen = AnsiConsole.Create(new()
        {
            Ansi = HasColour ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = HasColour ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(writer),
        });
        screen.Profile.Width = width;
        screen.Profile.Capabilities.Unicode = true;
        return screen;
    }

    /// <summary>Writes a table or the like, without the blanks around it.</summary>
    public void Show(IRenderable content)
    {
        var text = new StringWriter();
        CreateScreen(text, Size().Width).Write(content);
        var lines = text.ToString().Split('\n').Select(line => line.TrimEnd()).SkipWhile(IsBlank).ToList();
        foreach (var line in lines.Take(lines.FindLastIndex(line => !IsBlank(line)) + 1))
        {
            Output.WriteLine(line);
        }

        static bool IsBlank(string line) => string.IsNullOrWhiteSpace(LiveArea.WithoutEscapes(line));
    }

    /// <summary>Writes a sentence, broken between words where the terminal ends.</summary>
    public void Say(string sentence) => Show(new Text(sentence));

    public void WriteJson<T>(T value) => Output.WriteLine(JsonSerializer.Serialize(value, JsonLines.Options));

    /// <summary>One message on the error stream, each line of it marked as the program's.</summary>
    public void Complain(string message)
    {
        foreach (var line in message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            Error.WriteLine($"nas: {line}");
        }
    }

    /// <summary>The absolute path that a person meant.</summary>
    public string FullPath(string path) => Path.GetFullPath(path, CurrentFolder);

    /// <summary>A path as short as it can be given on this command line.</summary>
    public string Shown(string path)
    {
        var relative = Path.GetRelativePath(CurrentFolder, path);
        return relative.StartsWith("..", StringComparison.Ordinal) ? path : relative;
    }

    private static (int Width, int Height) WindowSize()
    {
        var (width, height) = (Console.WindowWidth, Console.WindowHeight);
        return (width > 0 ? width : 80, height > 0 ? height : 24);
    }
}
