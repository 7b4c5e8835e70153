using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace NasPlatform.Web.Commands;

/// <summary>Options and arguments with errors that people understand; null where an option was not given.</summary>
internal static class Options
{
    public static Option<string?> Text(string name, string help, string description) =>
        new(name) { HelpName = help, Description = description };

    public static Option<bool> Flag(string name, string description) => new(name) { Description = description };

    public static Option<bool> Json() => Flag("--json", "Write JSON, one object a line");

    public static Option<int?> Whole(string name, string help, string description) =>
        Number<int>(name, help, description, "a whole number");

    public static Option<double?> Real(string name, string help, string description) =>
        Number<double>(name, help, description, "a number");

    public static Option<ulong?> Seed(string description) => Number<ulong>("--seed", "n", description, "a whole number, not negative");

    /// <summary>One of a few words.</summary>
    public static Option<string?> Word(string name, string description, params string[] words) => new(name)
    {
        HelpName = string.Join('|', words),
        Description = description,
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (!words.Contains(text))
            {
                result.AddError($"{name} is '{text}'; give one of {string.Join(", ", words)}.");
            }

            return text;
        },
        CompletionSources = { _ => words.Select(word => new System.CommandLine.Completions.CompletionItem(word)) },
    };

    /// <summary>Settings as <c>name=value</c>, repeatable; of a name given twice the last counts.</summary>
    public static Option<Dictionary<string, string>> Settings(string name, string description) => Pairs(name, "name=value", description, null, "layers=4");

    /// <summary>Names that may have options, joined by commas, as <c>name</c> or <c>name=option,option</c>, repeatable; of a name given twice the last counts.</summary>
    public static Option<Dictionary<string, string>> Choices(string name, string description, string example) => Pairs(name, "name[=options]", description, "", example);

    /// <param name="alone">What a name without a value has; null where it must have one.</param>
    private static Option<Dictionary<string, string>> Pairs(string name, string help, string description, string? alone, string example) => new(name)
    {
        HelpName = help,
        Description = description,
        DefaultValueFactory = _ => [],
        CustomParser = result =>
        {
            var settings = new Dictionary<string, string>();
            foreach (var token in result.Tokens)
            {
                var parts = token.Value.Split('=', 2);
                if (parts[0].Length > 0 && (parts.Length == 2 ? parts[1] : alone) is { } value)
                {
                    settings[parts[0].Trim()] = value.Trim();
                }
                else
                {
                    result.AddError($"{name} is '{token.Value}'; give it as {help}, such as {name} {example}.");
                }
            }

            return settings;
        },
        Arity = ArgumentArity.OneOrMore,
    };

    private static Option<T?> Number<T>(string name, string help, string description, string kind)
        where T : struct, ISpanParsable<T> => new(name)
        {
            HelpName = help,
            Description = description,
            CustomParser = result => Parse<T>(result, name, kind),
        };

    private static T? Parse<T>(ArgumentResult result, string name, string kind)
        where T : struct, ISpanParsable<T>
    {
        var text = result.Tokens[0].Value;
        if (T.TryParse(text, CultureInfo.InvariantCulture, out var value))
        {
            return value;
        }

        result.AddError($"{name} is '{text}'; give {kind}.");
        return null;
    }
}
