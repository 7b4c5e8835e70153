using NasPlatform.Web.Components.Shared;
using NasPlatform.Web.Store;

namespace NasPlatform.Tests.Components.Shared;

public sealed class TableQueryTests
{
    private const string Page = "https://nas.example/models";

    [Fact]
    public void An_address_without_parameters_has_the_defaults()
    {
        var query = TableQuery.Of(Page, "created", descending: true);

        Assert.Equal(("created", true, "", 1), (query.Sort, query.IsDescending, query.Search, query.Page));
        Assert.Null(query.Filter("dataset"));
    }

    [Fact]
    public void Sorting_keeps_the_search_and_the_filters_and_goes_to_the_first_page()
    {
        var query = TableQuery.Of($"{Page}?search=a%26b&dataset=digits&page=7", "created", descending: true);

        var sorted = TableQuery.Of($"https://nas.example{query.SortedBy("name", descendingFirst: false)}", "created", descending: true);

        Assert.Equal(("name", false, "a&b", 1, "digits"), (sorted.Sort, sorted.IsDescending, sorted.Search, sorted.Page, sorted.Filter("dataset")));
    }

    [Fact]
    public void Sorting_by_the_same_column_turns_the_order_round()
    {
        var once = TableQuery.Of($"https://nas.example{TableQuery.Of(Page, "created").SortedBy("score", descendingFirst: true)}", "created");
        var twice = TableQuery.Of($"https://nas.example{once.SortedBy("Score", descendingFirst: true)}", "created");

        Assert.True(once.IsDescending);
        Assert.False(twice.IsDescending);
    }

    [Fact]
    public void The_default_order_can_be_turned_round_too()
    {
        var query = TableQuery.Of(Page, "created", descending: true);

        var turned = TableQuery.Of($"https://nas.example{query.SortedBy("created", descendingFirst: true)}", "created", descending: true);

        Assert.False(turned.IsDescending);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-3")]
    [InlineData("x")]
    [InlineData("99999999999")]
    public void A_page_that_makes_no_sense_is_the_first(string page) => Assert.Equal(1, TableQuery.Of($"{Page}?page={page}", "name").Page);

    [Fact]
    public void A_filter_is_taken_away_by_null_and_the_address_is_short_then()
    {
        var query = TableQuery.Of($"{Page}?state=failed", "name");

        Assert.Equal(DatasetState.Failed, query.Filter<DatasetState>("state"));
        Assert.Equal("/models", query.Filtered("state", null));
        Assert.Null(TableQuery.Of($"{Page}?state=17", "name").Filter<DatasetState>("state"));
    }

    [Fact]
    public void A_form_repeats_what_it_does_not_change()
    {
        var query = TableQuery.Of($"{Page}?search=x&sort=name&order=desc&page=2", "created");

        Assert.Equal(["sort", "order"], query.Others("search").Select(pair => pair.Key));
    }
}
