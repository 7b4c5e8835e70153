using NasPlatform.Search;
using NasPlatform.Search.Strategies;
using NasPlatform.Search.Strategies.MultiFidelity;

namespace NasPlatform.Web.Experiments.Starting;

/// <summary>The settings of a strategy while a form is filled in: those that are not given are the usual ones, which some settings bring along.</summary>
internal static class UsualSettings
{
    /// <summary>All settings after one was changed: another preset brings its own values of all, another sampler its settings.</summary>
    public static Dictionary<string, string> After(string strategy, IReadOnlyDictionary<string, string> settings, string name, string value)
    {
        var changed = new Dictionary<string, string>(settings) { [name] = value };
        if (!Brings(name))
        {
            return changed;
        }

        try
        {
            return new(StrategyCatalog.SettingsOf(strategy, name == "preset"
                ? new Dictionary<string, string> { [name] = value }
                : changed.Where(setting => setting.Key == name || !setting.Key.StartsWith(MultiFidelityStrategy.SamplerPrefix, StringComparison.Ordinal)).ToDictionary()));
        }
        catch (UserErrorException)
        {
            // There is none of that name: the form's check says so.
            return changed;
        }
    }

    /// <summary>Those of all settings that must be given so that the others are the usual ones.</summary>
    public static Dictionary<string, string> Changed(string strategy, IReadOnlyDictionary<string, string> settings)
    {
        // A sampler before its preset.
        var given = new Dictionary<string, string>();
        foreach (var name in settings.Keys.Where(Brings).OrderBy(name => name.Length))
        {
            if (StrategyCatalog.SettingsOf(strategy, given).GetValueOrDefault(name) != settings[name])
            {
                given[name] = settings[name];
            }
        }

        var usual = StrategyCatalog.SettingsOf(strategy, given);
        return given.Concat(settings.Where(setting => !Brings(setting.Key) && usual.GetValueOrDefault(setting.Key) != setting.Value)).ToDictionary();
    }

    /// <summary>Whether a setting brings along the values of others.</summary>
    private static bool Brings(string name) => name is "preset" or "sampler" or $"{MultiFidelityStrategy.SamplerPrefix}preset";
}
