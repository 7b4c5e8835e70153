using Microsoft.AspNetCore.WebUtilities;
using NasPlatform.Search;
using NasPlatform.Web.Benchmarks;

namespace NasPlatform.Tests.Benchmarks;

public sealed class StudyAddressTests
{
    [Fact]
    public void A_study_and_its_address_are_each_other_s_inverse()
    {
        var spec = new StudySpec
        {
            Strategies =
            [
                new("random"),
                new("evolution", new Dictionary<string, string> { ["sample"] = "10", ["population"] = "50" }),
                new("evolution", new Dictionary<string, string> { ["odd"] = "a;b=c & d" }),
            ],
            Dataset = "cifar 100",
            Epochs = 12,
            Queries = 150,
            Seconds = 2.5e6,
            Workers = 8,
            Mean = true,
            Seeds = 20,
            Seed = ulong.MaxValue,
        };

        var address = StudyAddress.Of("/benchmarks/cells/study", spec);
        var read = StudyAddress.Parse(QueryHelpers.ParseQuery(new Uri(new("http://here"), address).Query));

        Assert.StartsWith("/benchmarks/cells/study?strategy=random&strategy=evolution", address, StringComparison.Ordinal);
        Assert.Equal(address, StudyAddress.Of("/benchmarks/cells/study", read));
        Assert.Equal("a;b=c & d", read.Strategies[2].Settings["odd"]);
        Assert.Equal((12, 150, 2.5e6, 8, true, 20, ulong.MaxValue), (read.Epochs!.Value, read.Queries, read.Seconds!.Value, read.Workers, read.Mean, read.Seeds, read.Seed));
    }

    [Fact]
    public void What_is_as_usual_is_left_out_and_the_order_of_settings_means_nothing()
    {
        Assert.Equal("study?strategy=random", StudyAddress.Of("study", new() { Strategies = [new("random")] }));

        StudySpec one = new() { Strategies = [new("evolution", new Dictionary<string, string> { ["sample"] = "10", ["population"] = "50" })] };
        StudySpec other = new() { Strategies = [new("evolution", new Dictionary<string, string> { ["population"] = "50", ["sample"] = "10" })] };
        Assert.Equal(one.Question, other.Question);
    }

    [Theory]
    [InlineData("?queries=0", "'queries' is '0'")]
    [InlineData("?seed=-1", "'seed' is '-1'")]
    [InlineData("?strategy=evolution;population", "name;setting=value")]
    public void What_cannot_be_read_is_named(string query, string problem) =>
        Assert.Contains(problem, Assert.Throws<UserErrorException>(() => StudyAddress.Parse(QueryHelpers.ParseQuery(query))).Message, StringComparison.Ordinal);

    [Fact]
    public void More_than_can_be_held_is_refused()
    {
        StudySpec spec = new() { Strategies = [new("random")], Queries = 100_000, Seeds = 1_000 };

        Assert.Contains("2,000,000 queries", Assert.Throws<UserErrorException>(spec.Validate).Message, StringComparison.Ordinal);
        Assert.Contains("'strategies' is 0", Assert.Throws<UserErrorException>(() => new StudySpec { Strategies = [] }.Validate()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_command_of_a_study_names_its_settings_and_a_strategy_that_is_there_twice_gets_a_command_each()
    {
        StudySpec spec = new() { Strategies = [new("random"), new("evolution", new Dictionary<string, string> { ["population"] = "50" })], Dataset = "cifar100" };
        StudySpec twice = new() { Strategies = [new("evolution"), new("evolution", new Dictionary<string, string> { ["population"] = "50" })] };

        Assert.Equal(
            "nas benchmark compare cells --strategies random,evolution \\\n  --strategy-set evolution.population=50 \\\n  --dataset cifar100 \\\n  --queries 300 \\\n  --workers 1 \\\n  --seeds 100 \\\n  --seed 1",
            StudyCommand.Of("cells", spec));
        Assert.Equal(2, StudyCommand.Of("cells", twice).Split("nas benchmark run cells --strategy evolution").Length - 1);
    }

    [Fact]
    public void A_form_gives_the_settings_that_differ_from_those_of_the_preset()
    {
        var form = StudyForm.Of(new() { Strategies = [new("reinforce", new Dictionary<string, string> { ["preset"] = "nasnet", ["batch"] = "7" })] });

        Assert.Equal(new Dictionary<string, string> { ["preset"] = "nasnet", ["batch"] = "7" }, form.ToSpec().Strategies[0].Settings);
        form.Strategies[0].Set("batch", "many");
        Assert.Equal("many", form.ToSpec().Strategies[0].Settings["batch"]);
        form.Strategies[0].Set("preset", "nas-rl");
        Assert.Empty(form.ToSpec().Strategies[0].Settings);
        Assert.Equal(["random", "evolution"], StudyForm.Of(new() { Strategies = [] }).ToSpec().Strategies.Select(strategy => strategy.Name));
    }
}
