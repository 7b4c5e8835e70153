using System.Net;
using NasPlatform.Tests.Support;
using NasPlatform.Web.Store;

namespace NasPlatform.Tests.Experiments;

/// <summary>The pages of experiments and trials as the server renders them before a circuit takes over.</summary>
public sealed class ExperimentPagesTests(PlatformFixture platform) : IClassFixture<PlatformFixture>
{
    [Fact]
    public async Task The_list_shows_experiments_with_their_state_and_figures_and_finds_them()
    {
        var id = await SeededExperiment.AddAsync(platform.Store, 60, "Listed here", experiment => experiment.TestScore = 0.9123);
        await SeededExperiment.AddAsync(platform.Store, 3, "Another one");

        var all = await GetAsync("/experiments");
        var found = await GetAsync("/experiments?search=listed&state=paused");

        Assert.Contains($"/experiments/{id}", all, StringComparison.Ordinal);
        Assert.Contains("91.23 %", all, StringComparison.Ordinal);
        Assert.Contains("Another one", all, StringComparison.Ordinal);
        Assert.Contains("Listed here", found, StringComparison.Ordinal);
        Assert.DoesNotContain("Another one", found, StringComparison.Ordinal);
        Assert.Contains("/api/v1/experiments.csv?search=listed&amp;state=paused", found, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_parameter_that_makes_no_sense_is_said_on_the_page()
    {
        var page = await GetAsync("/experiments?state=sleeping");

        Assert.Contains("give one of", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_overview_draws_charts_and_the_best_architecture()
    {
        var id = await SeededExperiment.AddAsync(platform.Store, 20);

        var page = await GetAsync($"/experiments/{id}");

        Assert.Contains("Best so far", page, StringComparison.Ordinal);
        Assert.Contains("Accuracy against parameters", page, StringComparison.Ordinal);
        Assert.Contains("Learning curves", page, StringComparison.Ordinal);
        Assert.Contains("Mean score of the population", page, StringComparison.Ordinal);
        Assert.Contains("Best architecture", page, StringComparison.Ordinal);
        Assert.Contains(">input</text>", page, StringComparison.Ordinal);
        Assert.Contains("Resume", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_method_makes_of_the_trials_is_shown_for_those_that_keep_something()
    {
        var evolution = await SeededExperiment.AddAsync(platform.Store, 25);
        var reinforce = await SeededExperiment.AddAsync(platform.Store, 5, change: experiment => Become(experiment, "reinforce"));
        var random = await SeededExperiment.AddAsync(platform.Store, 5, change: experiment => Become(experiment, "random"));

        var population = await GetAsync($"/experiments/{evolution}/method");
        var policy = await GetAsync($"/experiments/{reinforce}/method");

        Assert.Contains("The population and its lineage", population, StringComparison.Ordinal);
        Assert.Contains("of 25 told trials", population, StringComparison.Ordinal);
        Assert.Contains("not known: another version", population, StringComparison.Ordinal);
        Assert.Contains("The policy after 5 trials", policy, StringComparison.Ordinal);
        Assert.Contains("edge0_1", policy, StringComparison.Ordinal);
        Assert.Contains("nor_conv_3x3", policy, StringComparison.Ordinal);
        Assert.Contains("Nothing to show", await GetAsync($"/experiments/{random}/method"), StringComparison.Ordinal);
        Assert.Contains($"/experiments/{evolution}/method", await GetAsync($"/experiments/{evolution}"), StringComparison.Ordinal);

        static void Become(StoredExperiment experiment, string strategy) => experiment.Spec = SpecJson.Write(SeededExperiment.Spec with { Strategy = strategy });
    }

    [Fact]
    public async Task An_experiment_without_trials_says_what_comes()
    {
        var id = await SeededExperiment.AddAsync(platform.Store, 0);

        Assert.Contains("No trial has completed", await GetAsync($"/experiments/{id}"), StringComparison.Ordinal);
        Assert.Contains("No trials yet", await GetAsync($"/experiments/{id}/trials"), StringComparison.Ordinal);
        Assert.Contains("There is no model yet", await GetAsync($"/experiments/{id}/model"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trials_sort_and_filter_by_the_address()
    {
        var id = await SeededExperiment.AddAsync(platform.Store, 120);

        var failed = await GetAsync($"/experiments/{id}/trials?state=failed&sort=number&order=asc");
        var second = await GetAsync($"/experiments/{id}/trials?page=2");

        Assert.Contains($"/experiments/{id}/trials/50\"", failed, StringComparison.Ordinal);
        Assert.DoesNotContain($"/experiments/{id}/trials/51\"", failed, StringComparison.Ordinal);
        Assert.Contains($"/experiments/{id}/trials/70\"", second, StringComparison.Ordinal);
        Assert.DoesNotContain($"/experiments/{id}/trials/71\"", second, StringComparison.Ordinal);
        Assert.Contains("51–100 of 120", WebUtility.HtmlDecode(second), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_log_shows_what_happened_and_narrows_to_a_kind()
    {
        var id = await SeededExperiment.AddAsync(platform.Store, 2);

        Assert.Contains("Trial 2 ended.", await GetAsync($"/experiments/{id}/log"), StringComparison.Ordinal);
        var states = await GetAsync($"/experiments/{id}/log?kind=states");
        Assert.Contains("The search began.", states, StringComparison.Ordinal);
        Assert.DoesNotContain("Trial 2 ended.", states, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_tell_how_to_repeat_it()
    {
        var id = await SeededExperiment.AddAsync(platform.Store, 1);

        Assert.Contains("nas search --dataset textures --space nasbench201 --set cells=1", await GetAsync($"/experiments/{id}/settings"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trial_shows_its_architecture_decisions_curve_and_neighbours()
    {
        var id = await SeededExperiment.AddAsync(platform.Store, 5);

        var page = WebUtility.HtmlDecode(await GetAsync($"/experiments/{id}/trials/3"));

        Assert.Contains("Whole network", page, StringComparison.Ordinal);
        Assert.Contains("stage 1, cell 1", page, StringComparison.Ordinal);
        Assert.Contains("edge0_1", page, StringComparison.Ordinal);
        Assert.Contains("Learning curve", page, StringComparison.Ordinal);
        Assert.Contains($"/experiments/{id}/trials/2\"", page, StringComparison.Ordinal);
        Assert.Contains($"/experiments/{id}/trials/4\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trial_that_failed_says_why()
    {
        var id = await SeededExperiment.AddAsync(platform.Store, 50);

        Assert.Contains("The loss stopped being a finite number.", await GetAsync($"/experiments/{id}/trials/50"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/experiments/00000000-0000-0000-0000-000000000001")]
    [InlineData("/experiments/00000000-0000-0000-0000-000000000001/trials/1")]
    [InlineData("/experiments/new?from=00000000-0000-0000-0000-000000000001")]
    public async Task What_is_not_there_is_said(string address)
    {
        using var client = platform.CreateClient();
        using var answer = await client.GetAsync(new Uri(address, UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains("There is no such page, or none that you may see.", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_experiment_has_a_form_that_works_as_it_stands()
    {
        var page = await GetAsync("/experiments/new");

        Assert.Contains("textures", page, StringComparison.Ordinal);
        Assert.Contains("What will happen", page, StringComparison.Ordinal);
        Assert.Contains("The search ends after 10 min.", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Repeating_begins_with_the_settings_of_the_one_before()
    {
        var id = await SeededExperiment.AddAsync(platform.Store, 1, "The first");

        var page = WebUtility.HtmlDecode(await GetAsync($"/experiments/new?from={id}"));

        Assert.Contains("All is set as in “The first”", page, StringComparison.Ordinal);
        Assert.Contains("The search ends after 1,000,000 trials.", page, StringComparison.Ordinal);
    }

    private async Task<string> GetAsync(string address)
    {
        using var client = platform.CreateClient();
        return await client.GetStringAsync(new Uri(address, UriKind.Relative), TestContext.Current.CancellationToken);
    }
}
