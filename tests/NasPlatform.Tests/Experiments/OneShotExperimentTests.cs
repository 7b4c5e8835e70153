using NasPlatform.Search;
using NasPlatform.Search.Benchmarks;
using NasPlatform.Search.Datasets;
using NasPlatform.Search.Experiments;
using NasPlatform.Search.Export.Onnx;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Strategies;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Experiments;

/// <summary>Experiments of strategies that train a supernet first.</summary>
public sealed class OneShotExperimentTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Dataset _dataset;

    public OneShotExperimentTests() => _dataset = TinyDataset.Open(_folder.Path);

    public static TheoryData<string> Strategies => [.. StrategyCatalog.Names.Where(StrategyCatalog.IsOneShot)];

    public void Dispose()
    {
        _dataset.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Strategies))]
    public async Task What_the_supernet_found_is_tried_and_trained_in_full(string strategy)
    {
        var events = new Events();
        var result = await RunAsync("run", TinySupernet.Of(strategy) with { FinalEpochs = 1 }, events);

        var found = events.Told.OfType<ExperimentEvent.SupernetEnded>().Single().Result;
        Assert.Equal(found.Genotypes, events.Told.OfType<ExperimentEvent.TrialEnded>().OrderBy(ended => ended.Trial.Number).Select(ended => ended.Trial.Genotype));
        Assert.Contains(result.Winner.Genotype, found.Genotypes);
        Assert.NotNull(result.TestScore);
        Assert.True(result.Winner.ElapsedSeconds >= found.Seconds);
        Assert.True(events.Told.FindIndex(told => told is ExperimentEvent.SupernetEnded) < events.Told.FindIndex(told => told is ExperimentEvent.TrialStarted));
    }

    [Fact]
    public async Task Stopped_in_its_supernet_and_resumed_it_ends_as_one_that_was_not()
    {
        var whole = await RunAsync("whole", TinySupernet.Darts(), new Events());
        using var stop = new CancellationTokenSource();
        var events = new Events { OnTold = told => { if (told is ExperimentEvent.SupernetEpochEnded) { stop.Cancel(); } } };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync("stopped", TinySupernet.Darts(), events, stop.Token));

        using var folder = ExperimentFolder.Resume(_folder["stopped"], spec => spec);
        var resumed = await RunAsync(folder, new Events(), TestContext.Current.CancellationToken);

        Assert.Equal((whole.Winner.Genotype, whole.Winner.Evaluation!.Score, whole.Winner.Evaluation.Loss), (resumed.Winner.Genotype, resumed.Winner.Evaluation!.Score, resumed.Winner.Evaluation.Loss));
    }

    [Theory]
    [InlineData("darts", "chain")]
    [InlineData("darts", "nasbench201")]
    [InlineData("enas", "chain")]
    [InlineData("enas", "nasnet")]
    [InlineData("proxylessnas", "nasbench201")]
    [InlineData("proxylessnas", "darts-rnn")]
    public void A_space_that_a_strategy_cannot_search_is_refused_with_those_that_it_can(string strategy, string space)
    {
        var problem = Assert.Single((TinySupernet.Of(strategy) with { Space = space, SpaceSettings = new Dictionary<string, string>() }).Problems());
        Assert.Equal("strategy", problem.Field);
        Assert.StartsWith($"Strategy '{strategy}' ", problem.Text, StringComparison.Ordinal);
        Assert.Contains($"space '{space}'", problem.Text, StringComparison.Ordinal);
        Assert.Contains("take one that does: ", problem.Text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Strategies))]
    public void Nothing_is_proposed_before_the_supernet_was_trained(string strategy)
    {
        var spec = TinySupernet.Of(strategy);
        var known = StrategyCatalog.Create(strategy, SearchSpaceCatalog.Create(spec.Space, spec.SpaceSettings), spec.StrategySettings, new RandomSource(1));
        Assert.Throws<InvalidOperationException>(() => known.Propose(1));
    }

    [Fact]
    public void On_a_table_nothing_is_trained_and_that_is_said()
    {
        using var benchmark = new MadeUpBenchmark();
        var error = Assert.Throws<UserErrorException>(() => BenchmarkRun.Of(benchmark.Table, new BenchmarkRunOptions { Strategy = "darts", Queries = 1 }, 1, TestContext.Current.CancellationToken));
        Assert.Equal("Strategy 'darts' trains a supernet, and on a table nothing is trained; take another, such as evolution.", error.Message);
    }

    private async Task<ExperimentResult> RunAsync(string name, ExperimentSpec spec, Events events, CancellationToken? cancellation = null)
    {
        using var folder = ExperimentFolder.Create(_folder[name], spec);
        return await RunAsync(folder, events, cancellation ?? TestContext.Current.CancellationToken);
    }

    private Task<ExperimentResult> RunAsync(ExperimentFolder folder, Events events, CancellationToken cancellation) =>
        new ExperimentRunner(folder, _dataset, new ParityCheck(ExternalTool.NodePackages, TimeProvider.System), events, TimeProvider.System).RunAsync(cancellation);

    private sealed class Events : IProgress<ExperimentEvent>
    {
        private readonly Lock _telling = new();

        public List<ExperimentEvent> Told { get; } = [];

        public Action<ExperimentEvent>? OnTold { get; init; }

        public void Report(ExperimentEvent value)
        {
            lock (_telling)
            {
                Told.Add(value);
            }

            OnTold?.Invoke(value);
        }
    }
}
