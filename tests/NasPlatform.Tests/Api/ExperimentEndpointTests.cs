using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using NasPlatform.Tests.Support;
using NasPlatform.Web.Store;

namespace NasPlatform.Tests.Api;

/// <summary>Experiments by REST on a server that only serves, so that what is started waits.</summary>
public sealed class ExperimentEndpointTests : IAsyncLifetime
{
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;
    private PlatformFixture? _platform;

    private PlatformFixture Platform => _platform ?? throw new InvalidOperationException("Not started.");

    public async ValueTask InitializeAsync() => _platform = await PlatformFixture.StartAsync(worker: _ => null);

    public ValueTask DisposeAsync() => Platform.DisposeAsync();

    [Fact]
    public async Task A_repeated_request_with_a_key_starts_nothing_twice()
    {
        using var http = Platform.CreateClient();
        http.DefaultRequestHeaders.Add("Idempotency-Key", "monday");

        using var first = await http.PostAsJsonAsync("/api/v1/experiments", New("the one"), _cancellation);
        using var second = await http.PostAsJsonAsync("/api/v1/experiments", New("the one"), _cancellation);
        using var other = await http.PostAsJsonAsync("/api/v1/experiments", New("another", seed: 77), _cancellation);

        Assert.Equal([HttpStatusCode.Created, HttpStatusCode.Created, HttpStatusCode.Conflict], [first.StatusCode, second.StatusCode, other.StatusCode]);
        Assert.Equal(first.Headers.Location, second.Headers.Location);
        var list = await http.GetFromJsonAsync<JsonElement>("/api/v1/experiments", _cancellation);
        Assert.Equal(1, list.GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task An_experiment_goes_through_what_people_do_with_it()
    {
        using var http = Platform.CreateClient();
        using var started = await http.PostAsJsonAsync("/api/v1/experiments", New("first name"), _cancellation);
        var path = started.Headers.Location!.ToString(); // not null: created

        using var renamed = await http.PatchAsJsonAsync(path, new { name = "second name", visibility = "private" }, _cancellation);
        using var extended = await http.PostAsJsonAsync($"{path}/extend", new { trials = 3 }, _cancellation);
        using var paused = await http.PostAsync($"{path}/pause", null, _cancellation);
        using var again = await http.PostAsync($"{path}/pause", null, _cancellation);
        using var resumed = await http.PostAsync($"{path}/resume", null, _cancellation);
        using var cancelled = await http.PostAsync($"{path}/cancel", null, _cancellation);
        var view = await http.GetFromJsonAsync<JsonElement>(path, _cancellation);
        var spec = await http.GetFromJsonAsync<JsonElement>($"{path}/spec", _cancellation);
        var events = await http.GetFromJsonAsync<JsonElement>($"{path}/events?since=1", _cancellation);
        using var deleted = await http.DeleteAsync(path, _cancellation);
        using var gone = await http.GetAsync(path, _cancellation);

        Assert.All([renamed, extended, paused, resumed, cancelled], answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        Assert.Equal(HttpStatusCode.Conflict, again.StatusCode);
        var summary = view.GetProperty("summary");
        Assert.Equal(("second name", "private", "cancelled"), (Text(summary, "name"), Text(summary, "visibility"), Text(summary, "state")));
        Assert.Equal(7, spec.GetProperty("budget").GetProperty("trials").GetInt32());
        Assert.Equal(Enumerable.Range(2, events.GetArrayLength()), events.EnumerateArray().Select(told => told.GetProperty("sequence").GetInt32()));
        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NotFound), (deleted.StatusCode, gone.StatusCode));
    }

    [Fact]
    public async Task What_of_the_training_is_searched_is_in_the_spec()
    {
        using var http = Platform.CreateClient();
        using var content = new StringContent(
            """{"spec":{"dataset":"textures","space":"chain","tune":{"learning_rate":"0.01,0.1","optimizer":""},"strategy":"tpe","training":{"optimizer":"adamw","learningRate":0.002,"schedule":"oneCycle"},"budget":{"trials":5}}}""",
            System.Text.Encoding.UTF8,
            "application/json");
        using var started = await http.PostAsync("/api/v1/experiments", content, _cancellation);
        var spec = await http.GetFromJsonAsync<JsonElement>($"{started.Headers.Location}/spec", _cancellation);

        Assert.Equal(HttpStatusCode.Created, started.StatusCode);
        Assert.Equal("0.01,0.1", Text(spec.GetProperty("tune"), "learning_rate"));
        Assert.Equal(("AdamW", "OneCycle"), (Text(spec.GetProperty("training"), "optimizer"), Text(spec.GetProperty("training"), "schedule")));
    }

    [Theory]
    [InlineData("""{"spec":{"dataset":"textures","budget":{"trials":0}}}""", HttpStatusCode.BadRequest, "0 trials")]
    [InlineData("""{"spec":{"dataset":"textures","bugdet":{"trials":5}}}""", HttpStatusCode.BadRequest, "there is no 'bugdet' in it")]
    [InlineData("""{"spec":{"dataset":"textures","tune":{"learning_rate":[0.1]}}}""", HttpStatusCode.BadRequest, "$.spec.tune.learning_rate is of another kind")]
    [InlineData("""{"spec":{"dataset":"textures","tune":{"lr":""}}}""", HttpStatusCode.BadRequest, "no training choice 'lr'")]
    [InlineData("""{"spec":{"dataset":"textures","tune":{"learning_rate":"0.1,500"}}}""", HttpStatusCode.BadRequest, "'500' is no option of learning_rate")]
    [InlineData("""{"spec":{"dataset":"textures","architecture":"3x3"}}""", HttpStatusCode.BadRequest, "nothing is left to search but its training")]
    [InlineData("""{"spec":{"dataset":"textures","training":{"optimizer":"lion"}}}""", HttpStatusCode.BadRequest, "")]
    [InlineData("""{"spec":{"dataset":"nowhere"}}""", HttpStatusCode.NotFound, "nowhere")]
    [InlineData("""{"name":"x"}""", HttpStatusCode.BadRequest, "")]
    [InlineData("""{"spec":""", HttpStatusCode.BadRequest, "")]
    public async Task What_is_wrong_with_a_new_experiment_is_said(string body, HttpStatusCode status, string said)
    {
        using var http = Platform.CreateClient();
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");

        using var answer = await http.PostAsync("/api/v1/experiments", content, _cancellation);

        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(_cancellation);
        Assert.Equal(status, answer.StatusCode);
        Assert.Contains(said, Text(problem, "detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trial_has_its_decisions_its_last_curve_and_its_layer_graph()
    {
        using var http = Platform.CreateClient();
        var experiment = Stored.Experiment();
        var space = NasPlatform.Search.Spaces.SearchSpaceCatalog.Create("chain", PlatformFixture.TinySpec().SpaceSettings);
        var genotype = space.Sample(new(1));
        await Platform.Store.WriteAsync(
            async (context, again) =>
            {
                context.Experiments.Add(experiment);
                await context.SaveChangesAsync(again);
                context.Trials.Add(new()
                {
                    ExperimentId = experiment.Id,
                    Number = 1,
                    Genotype = space.Format(genotype),
                    Decisions = JsonSerializer.Serialize(genotype.ToDictionary()),
                    Key = "k",
                    State = StoredTrialState.Completed,
                    ProposedAt = experiment.CreatedAt,
                });
                context.MetricPoints.AddRange(Point(1, 1, 0.1), Point(2, 1, 0.2), Point(2, 2, null));
            },
            _cancellation);
        var path = $"/api/v1/experiments/{experiment.Id}";

        var trial = await http.GetFromJsonAsync<JsonElement>($"{path}/trials/1", _cancellation);
        var graph = await http.GetFromJsonAsync<JsonElement>($"{path}/trials/1/graph", _cancellation);
        var points = await http.GetFromJsonAsync<JsonElement>($"{path}/points?first=0&last=10", _cancellation);
        using var missing = await http.GetAsync($"{path}/trials/2", _cancellation);

        Assert.Equal(genotype.ToDictionary(), trial.GetProperty("decisions").Deserialize<Dictionary<string, int>>()!);
        Assert.Equal(JsonValueKind.Null, trial.GetProperty("curve")[1].GetProperty("trainLoss").ValueKind);
        Assert.Equal(2, points.GetArrayLength());
        Assert.True(graph.GetProperty("layers").GetArrayLength() > 3);
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);

        MetricPoint Point(long token, int epoch, double? loss) => new()
        {
            ExperimentId = experiment.Id,
            TrialNumber = 1,
            Token = token,
            Epoch = epoch,
            TrainLoss = loss,
            TrainLossNonFinite = loss is null ? NonFinite.NaN : null,
            Seconds = epoch,
        };
    }

    [Theory]
    [InlineData("/api/v1/spaces", "chain")]
    [InlineData("/api/v1/spaces/chain?layers=2", "\"layers\":\"2\"")]
    [InlineData("/api/v1/strategies/evolution", "evolution")]
    [InlineData("/api/v1/queue", "\"nodes\":")]
    [InlineData("/api/v1/datasets", "textures")]
    [InlineData("/api/v1/datasets/textures", "\"report\":{")]
    [InlineData("/api/v1/datasets/textures/classes/0/images?split=train&size=3", "/images/")]
    [InlineData("/api/v1/models", "\"total\":0")]
    [InlineData("/api/v1/uploads", "[]")]
    [InlineData("/api/v1/openapi.json", "/api/v1/experiments/{id}/extend")]
    public async Task What_there_is_can_be_read(string path, string holds)
    {
        using var http = Platform.CreateClient();

        Assert.Contains(holds, await http.GetStringAsync(path, _cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Image_is_a_png_and_asked_for_again_it_is_not_sent_again()
    {
        using var http = Platform.CreateClient();
        using var first = await http.GetAsync("/api/v1/datasets/textures/images/0.png", _cancellation);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/datasets/textures/images/0.png");
        request.Headers.IfNoneMatch.Add(first.Headers.ETag!); // not null: it is sent with each image

        using var second = await http.SendAsync(request, _cancellation);
        using var beyond = await http.GetAsync("/api/v1/datasets/textures/images/99999999.png", _cancellation);

        Assert.Equal([0x89, 0x50, 0x4E, 0x47], (await first.Content.ReadAsByteArrayAsync(_cancellation))[..4]);
        Assert.Equal((HttpStatusCode.NotModified, HttpStatusCode.NotFound), (second.StatusCode, beyond.StatusCode));
    }

    [Fact]
    public async Task An_unknown_address_is_answered_with_a_problem()
    {
        using var http = Platform.CreateClient();

        using var answer = await http.GetAsync("/api/v1/nothing/here", _cancellation);

        Assert.Equal((HttpStatusCode.NotFound, "application/problem+json"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
    }

    private static object New(string name, ulong seed = 4) => new { name, spec = JsonSerializer.SerializeToElement(PlatformFixture.TinySpec(seed), SpecJson.Options) };

    private static string Text(JsonElement from, string name) => from.GetProperty(name).GetString() ?? "";
}
