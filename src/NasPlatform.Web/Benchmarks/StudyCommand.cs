using System.Globalization;
using NasPlatform.Web.Experiments;

namespace NasPlatform.Web.Benchmarks;

/// <summary>The command that runs a study in a terminal.</summary>
internal static class StudyCommand
{
    /// <summary>One command for all strategies; one each where a strategy is there twice, with other settings.</summary>
    public static string Of(string table, StudySpec spec)
    {
        if (spec.Strategies.DistinctBy(strategy => strategy.Name).Count() == spec.Strategies.Count)
        {
            return Join(
                "nas benchmark compare", table, "--strategies " + string.Join(',', spec.Strategies.Select(strategy => strategy.Name)),
                [.. spec.Strategies.SelectMany(strategy => strategy.Settings.Select(setting => $"--strategy-set {TerminalCommand.Quoted($"{strategy.Name}.{setting.Key}={setting.Value}")}")), .. Shared(spec)]);
        }

        return string.Join('\n', spec.Strategies.Select(strategy => Join(
            "nas benchmark run", table, "--strategy " + strategy.Name,
            [.. strategy.Settings.Select(setting => $"--strategy-set {TerminalCommand.Quoted($"{setting.Key}={setting.Value}")}"), .. Shared(spec)])));
    }

    private static IEnumerable<string> Shared(StudySpec spec)
    {
        if (spec.Dataset is { } dataset)
        {
            yield return $"--dataset {TerminalCommand.Quoted(dataset)}";
        }

        if (spec.Epochs is { } epochs)
        {
            yield return $"--epochs {epochs}";
        }

        yield return $"--queries {spec.Queries}";
        if (spec.Seconds is { } seconds)
        {
            yield return $"--seconds {seconds.ToString(CultureInfo.InvariantCulture)}";
        }

        yield return $"--workers {spec.Workers}";
        yield return $"--seeds {spec.Seeds}";
        yield return $"--seed {spec.Seed}";
        if (spec.Mean)
        {
            yield return "--mean";
        }
    }

    private static string Join(string command, string table, string strategies, IEnumerable<string> options) => string.Join(" \\\n  ", options.Prepend($"{command} {table} {strategies}"));
}
