using System.Globalization;
using System.Text;
using NasPlatform.Search.Networks;

namespace NasPlatform.Search.Export.PyTorch;

/// <summary>Values and names as Python source.</summary>
internal static class PythonText
{
    private const int LineLength = 110;

    // Keywords, and what the source itself uses.
    private static readonly HashSet<string> Reserved =
    [
        "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "else", "except",
        "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try",
        "while", "with", "yield", "self", "super", "nn", "torch", "json", "struct", "sys", "OrderedDict", "Path", "DropPath", "Network",
        "TokenDropout", "LockedDropout", "dropout_mask",
        "csv", "CLASSES", "CHANNELS", "HEIGHT", "WIDTH", "FIT", "MEAN", "STD", "COLUMNS", "MISSING", "OTHER", "STEPS", "CHARACTERS", "PREDICTED",
        "PREDICTED_MEAN", "PREDICTED_STD", "HORIZON",
    ];

    // Names that torch.nn.Module and Sequential already have; a submodule of such a name is refused by PyTorch or breaks it.
    private static readonly HashSet<string> ModuleMembers =
    [
        "T_destination", "add_module", "append", "apply", "bfloat16", "buffers", "call_super_init", "children", "compile", "cpu", "cuda", "double",
        "dump_patches", "eval", "extend", "extra_repr", "float", "forward", "get_buffer", "get_extra_state", "get_parameter", "get_submodule", "half",
        "insert", "ipu", "load_state_dict", "modules", "mtia", "named_buffers", "named_children", "named_modules", "named_parameters", "parameters",
        "pop", "register_backward_hook", "register_buffer", "register_forward_hook", "register_forward_pre_hook", "register_full_backward_hook",
        "register_full_backward_pre_hook", "register_load_state_dict_post_hook", "register_load_state_dict_pre_hook", "register_module",
        "register_parameter", "register_state_dict_post_hook", "register_state_dict_pre_hook", "requires_grad_", "set_extra_state", "set_submodule",
        "share_memory", "state_dict", "to", "to_empty", "train", "training", "type", "xpu", "zero_grad",
    ];

    /// <summary>A variable's name that <paramref name="taken"/> lacks, and puts it there.</summary>
    public static string Variable(string name, HashSet<string> taken) => Unique(Identifier(name), taken, []);

    /// <summary>An attribute's name for a submodule that <paramref name="taken"/> lacks, and puts it there.</summary>
    public static string Attribute(string name, HashSet<string> taken) => Unique(Identifier(name), taken, ModuleMembers);

    /// <summary>A class's name that <paramref name="taken"/> lacks, and puts it there: <c>stage1/cell1</c> is <c>Stage1Cell1</c>.</summary>
    public static string ClassName(string path, HashSet<string> taken)
    {
        var words = Identifier(path).Split('_', StringSplitOptions.RemoveEmptyEntries);
        return Unique(string.Concat(words.Select(word => char.ToUpperInvariant(word[0]) + word[1..])), taken, []);
    }

    /// <summary>A text literal.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var character in text)
        {
            _ = character switch
            {
                '"' or '\\' => quoted.Append('\\').Append(character),
                '\n' => quoted.Append("\\n"),
                _ when char.IsControl(character) || character is '\u2028' or '\u2029' => quoted.Append($"\\u{(int)character:x4}"),
                _ => quoted.Append(character),
            };
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>A text as part of a comment or a docstring, on one line.</summary>
    public static string Prose(string text)
    {
        var quoted = Quote(string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
        return quoted[1..^1].Replace("\\\"", "'", StringComparison.Ordinal);
    }

    public static string Number(double value)
    {
        var text = value.ToString("R", CultureInfo.InvariantCulture).ToLowerInvariant();
        return text.Contains('.', StringComparison.Ordinal) || text.Contains('e', StringComparison.Ordinal) ? text : text + ".0";
    }

    /// <summary>One number where both sides are equal.</summary>
    public static string Sides(Extent extent) => extent.Height == extent.Width ? $"{extent.Height}" : $"({extent.Height}, {extent.Width})";

    /// <summary>
    /// A line <c>start item, item end</c>; where it would be too long, each item is on a line of its own.
    /// </summary>
    public static string Line(int indent, string start, IReadOnlyList<string> items, string separator, string end)
    {
        var margin = new string(' ', indent);
        var line = $"{margin}{start}{string.Join($"{separator} ", items)}{end}";
        if (items.Count == 0 || Fits(line))
        {
            return line;
        }

        var inner = new string(' ', indent + 4);
        var trailing = separator == "," ? "," : "";
        return $"{margin}{start}\n{inner}{string.Join($"{separator}\n{inner}", items)}{trailing}\n{margin}{end}";
    }

    /// <summary>Whether a line is short enough to be read at a glance.</summary>
    public static bool Fits(string line) => line.Length <= LineLength;

    private static string Identifier(string name)
    {
        var safe = string.Concat(name.Select(character => char.IsAsciiLetterOrDigit(character) ? character : '_')).Trim('_');
        return safe.Length == 0 || char.IsAsciiDigit(safe[0]) ? $"layer{safe}" : safe;
    }

    private static string Unique(string name, HashSet<string> taken, HashSet<string> forbidden)
    {
        var unique = name;
        for (var number = 2; Reserved.Contains(unique) || forbidden.Contains(unique) || !taken.Add(unique); number++)
        {
            unique = $"{name}_{number}";
        }

        return unique;
    }
}
