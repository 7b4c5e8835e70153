using Microsoft.AspNetCore.Components;
using NasPlatform.Search;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Strategies;
using NasPlatform.Tests.Support;
using NasPlatform.Web.Experiments.Starting;

namespace NasPlatform.Tests.Experiments.Starting;

public sealed class SettingFieldsTests
{
    [Fact]
    public async Task A_setting_of_a_few_words_is_chosen_from_them()
    {
        var html = await FieldsAsync("bananas");

        Assert.Contains("<select id=\"s-acquisition\"", html, StringComparison.Ordinal);
        Assert.Contains("<option value=\"ucb\"", html, StringComparison.Ordinal);
        Assert.Contains("<input id=\"s-batch\"", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_settings_show_the_preset_and_fold_the_rest()
    {
        var html = await FieldsAsync("reinforce");
        var folded = html.IndexOf("<details", StringComparison.Ordinal);

        Assert.True(folded > 0 && html.IndexOf("s-preset", StringComparison.Ordinal) < folded);
        Assert.True(html.IndexOf("s-batch", StringComparison.Ordinal) > folded);
        Assert.Contains($"{StrategyCatalog.SettingsOf("reinforce").Count - 1} other settings", html, StringComparison.Ordinal);
    }

    [Fact]
    public void The_words_of_every_setting_hold_its_usual_value()
    {
        foreach (var name in StrategyCatalog.Names)
        {
            var usual = StrategyCatalog.SettingsOf(name);
            Assert.All(StrategyCatalog.ChoicesOf(name, usual), choice => Assert.Contains(usual[choice.Key], choice.Value));
        }

        foreach (var name in SearchSpaceCatalog.Names)
        {
            var space = SearchSpaceCatalog.Create(name);
            Assert.All(SearchSpaceCatalog.ChoicesOf(name), choice => Assert.Contains(space.Settings[choice.Key], choice.Value));
        }
    }

    private static Task<string> FieldsAsync(string strategy)
    {
        var usual = StrategyCatalog.SettingsOf(strategy);
        return Rendering.HtmlAsync<SettingFields>(null, ("Owner", strategy), ("Id", "s"), ("Values", usual), ("Choices", StrategyCatalog.ChoicesOf(strategy, usual)), ("OnChange", EventCallback<(string, string)>.Empty));
    }
}
