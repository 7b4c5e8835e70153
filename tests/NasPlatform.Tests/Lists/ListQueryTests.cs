using Microsoft.Extensions.Primitives;
using NasPlatform.Tests.Support;
using NasPlatform.Web.Accounts;
using NasPlatform.Web.Datasets;
using NasPlatform.Web.Experiments;
using NasPlatform.Web.Jobs;
using NasPlatform.Web.Lists;
using NasPlatform.Web.Models;
using NasPlatform.Web.Store;
using NasPlatform.Web.Trials;

namespace NasPlatform.Tests.Lists;

/// <summary>What lists ask of the database gives the same on both, whatever they are ordered by.</summary>
public sealed class ListQueryTests
{
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(TestDatabase.Sqlite)]
    [InlineData(TestDatabase.Postgres)]
    public async Task Every_order_lists_every_row_once_and_missing_values_last(TestDatabase database)
    {
        await using var fixture = await StoreFixture.CreateAsync(database);
        var id = await FillAsync(fixture);
        await using var context = fixture.Store.Open();

        foreach (var sort in Enum.GetValues<TrialSort>())
        {
            foreach (var isDescending in new[] { true, false })
            {
                var numbers = new List<int>();
                for (var page = 1; page <= 3; page++)
                {
                    var query = new TrialQuery { Sort = sort, IsDescending = isDescending, Page = page, Size = 2 };
                    var rows = (await TrialList.PageAsync(context, id, query, _cancellation)).Items;
                    numbers.AddRange(rows.Select(row => row.Number));
                }

                Assert.Equal([1, 2, 3, 4, 5], numbers.Order());
                Assert.Equal(sort is TrialSort.Score or TrialSort.Loss ? 3 : numbers[^1], numbers[^1]);
            }
        }

        foreach (var sort in Enum.GetValues<ExperimentSort>())
        {
            var page = await ExperimentList.PageAsync(context, Caller.Program, new() { Sort = sort, Search = "TEST", States = [ExperimentState.Waiting], Dataset = "textures", IsMine = true }, _cancellation);
            Assert.Equal(id, Assert.Single(page.Items).Id);
        }

        foreach (var sort in Enum.GetValues<DatasetSort>())
        {
            Assert.Equal(2, (await DatasetList.PageAsync(context, Caller.Program, new() { Sort = sort, Search = "D" }, _cancellation)).Total);
        }

        foreach (var sort in Enum.GetValues<ModelSort>())
        {
            Assert.Equal(1, (await ModelList.PageAsync(context, Caller.Program, new() { Sort = sort, Search = "A MODEL", Experiment = id }, _cancellation)).Total);
        }

        Assert.Empty((await QueueList.LoadAsync(context, Caller.Program, _cancellation)).Jobs);
        Assert.Equal(4, (await TrialList.PageAsync(context, id, new() { Search = "3X3", LeastScore = 0, MostParameters = 1e6, IsReused = false }, _cancellation)).Total);
        Assert.Equal(2, (await TrialDetail.LoadAsync(context, id, 2, _cancellation)).Summary.Number);
    }

    [Fact]
    public void What_a_list_shows_comes_back_from_its_address()
    {
        var experiments = new ExperimentQuery
        {
            Search = "a&b=c",
            States = [ExperimentState.Searching, ExperimentState.Finishing],
            Origin = Origin.Terminal,
            IsMine = true,
            Sort = ExperimentSort.TestScore,
            IsDescending = false,
            Page = 3,
            Size = 20,
        };
        var trials = new TrialQuery { LeastScore = 0.25, MostParameters = 1e6, IsReused = false, States = [StoredTrialState.Failed], Sort = TrialSort.Loss };

        var experimentsAgain = ExperimentQuery.Parse(Address(experiments.ToParameters()));
        var trialsAgain = TrialQuery.Parse(Address(trials.ToParameters()));

        Assert.Equivalent(experiments, experimentsAgain, strict: true);
        Assert.Equivalent(trials, trialsAgain, strict: true);
        Assert.Equal("", QueryWriter.ToQueryString(new ExperimentQuery().ToParameters()));
    }

    private static Dictionary<string, StringValues> Address(IReadOnlyDictionary<string, object?> parameters) =>
        Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(QueryWriter.ToQueryString(parameters));

    private async Task<Guid> FillAsync(StoreFixture fixture)
    {
        var id = await fixture.AddExperimentAsync();
        await fixture.Store.WriteAsync(
            (context, _) =>
            {
                context.Trials.AddRange(
                    Stored.Trial(id, 1, 0.5, 10), Stored.Trial(id, 2, 0.7, 30), Stored.Trial(id, 3, null, 20), Stored.Trial(id, 4, 0.5, 10), Stored.Trial(id, 5, 0.1, 20));
                context.Datasets.AddRange(Dataset("d1", 10), Dataset("D2", 5), Dataset("other", 7));
                context.Models.Add(new()
                {
                    Id = Guid.CreateVersion7(),
                    ExperimentId = id,
                    Name = "a model",
                    TrialNumber = 2,
                    Genotype = "g",
                    TestScore = 0.5,
                    ParameterCount = 1,
                    MultiplyAdds = 1,
                    Description = "{}",
                    Parity = "{}",
                    CreatedAt = DateTimeOffset.UnixEpoch,
                });
                return Task.CompletedTask;
            },
            _cancellation);
        return id;
    }

    private static StoredDataset Dataset(string name, int examples) =>
        new() { Id = Guid.CreateVersion7(), Name = name, State = DatasetState.Ready, CreatedAt = DateTimeOffset.UnixEpoch, ExampleCount = examples };
}
