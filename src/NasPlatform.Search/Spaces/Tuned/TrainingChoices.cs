using System.Collections.Immutable;
using System.Numerics;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Training;

namespace NasPlatform.Search.Spaces.Tuned;

/// <summary>What of a training is searched, and among which options.</summary>
public sealed class TrainingChoices
{
    /// <summary>The most options that one of them has.</summary>
    private const int MostOptions = 100;

    private readonly ImmutableArray<(TrainingChoice What, Choice Choice)> _choices;

    /// <param name="tune">Options by the names of <see cref="TrainingChoice.All"/>, joined by commas; nothing for the usual ones.</param>
    /// <param name="training">The experiment's, which has all that is not searched.</param>
    /// <exception cref="UserErrorException">A name is unknown, or an option is none or out of range.</exception>
    public TrainingChoices(IReadOnlyDictionary<string, string> tune, TrainingOptions training)
    {
        foreach (var name in tune.Keys)
        {
            TrainingChoice.Named(name);
        }

        var choices = ImmutableArray.CreateBuilder<(TrainingChoice, Choice)>();
        foreach (var what in TrainingChoice.All.Where(what => tune.ContainsKey(what.Name)))
        {
            var given = Split(tune[what.Name]);
            ImmutableArray<string> options = [.. given.Length == 0 ? UsualOptions(what, tune, training) : given.Select(text => Checked(what, text, training))];
            if (options.Distinct().Count() < options.Length || options.Length > MostOptions)
            {
                throw new UserErrorException($"To be tuned, {what.Name} needs options that differ, at most {MostOptions}; given are {string.Join(", ", options)}.");
            }

            choices.Add((what, new(TrainingChoice.Prefix + what.Name, options)));
        }

        _choices = choices.ToImmutable();
    }

    /// <summary>Whether one of them is of images only.</summary>
    public bool AreOfImages => _choices.Any(choice => choice.What.IsOfImages);

    /// <summary>How many combinations of options there are.</summary>
    public BigInteger Combinations => _choices.Aggregate(BigInteger.One, (product, choice) => product * choice.Choice.Options.Length);

    /// <summary>What is searched, with its options: <c>learning_rate=0.01,0.1</c>, in the order in which it is asked.</summary>
    public IReadOnlyList<(string Name, ImmutableArray<string> Options)> Options => [.. _choices.Select(choice => (choice.What.Name, choice.Choice.Options))];

    /// <summary>The form of <see cref="Format"/>.</summary>
    public string TextForm => string.Join(' ', _choices.Select(choice => $"{choice.What.Name}=<{(choice.Choice.Options.Length <= 8 ? string.Join('|', choice.Choice.Options) : "option")}>"));

    /// <summary>The options of one where none are given.</summary>
    /// <param name="what">Of which.</param>
    /// <param name="tune">All that is tuned, with options as given: learning rates go by the optimisers that are.</param>
    /// <param name="training">The experiment's.</param>
    public static IReadOnlyList<string> UsualOptions(TrainingChoice what, IReadOnlyDictionary<string, string> tune, TrainingOptions training)
    {
        var optimizers = !tune.TryGetValue("optimizer", out var text) ? [] : Split(text) is { Length: > 0 } given ? given : Optimizers.AllWords;
        return what.Usual(training, [.. optimizers.Select(Optimizers.Named).OfType<OptimizerKind>()]);
    }

    /// <summary>Asks for each of them.</summary>
    public void Decide(IChoices choices)
    {
        foreach (var (_, choice) in _choices)
        {
            choices.Choose(choice.Kind, choice);
        }
    }

    /// <summary>The decisions about the training, as <c>optimizer=adamw learning_rate=0.003</c>.</summary>
    public static string Format(IEnumerable<Decision> decisions) => string.Join(' ', decisions.Select(decision => $"{decision.Name[TrainingChoice.Prefix.Length..]}={decision.Option}"));

    /// <summary>The named values that a text denotes.</summary>
    /// <param name="error">Makes the error of a reason.</param>
    public IEnumerable<KeyValuePair<string, int>> Parse(string text, Func<string, UserErrorException> error)
    {
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, option) = word.Split('=') is [var before, var after] ? (before, after) : throw error($"'{word}' is not name=option");
            var (_, choice) = _choices.FirstOrDefault(known => known.What.Name == name);
            if (choice is null)
            {
                throw error($"'{name}' of the training is not searched");
            }

            var value = choice.Options.IndexOf(option);
            yield return value >= 0 ? new(choice.Kind, value) : throw error($"{name} has no option '{option}'");
        }
    }

    private static string[] Split(string options) => options.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static string Checked(TrainingChoice what, string text, TrainingOptions training)
    {
        try
        {
            var option = what.Spelling(text);
            what.Apply(training, option, TaskShape.Cifar10).Validate();
            return option;
        }
        catch (UserErrorException error)
        {
            throw new UserErrorException($"'{text}' is no option of {what.Name}: {error.Message}");
        }
    }
}
