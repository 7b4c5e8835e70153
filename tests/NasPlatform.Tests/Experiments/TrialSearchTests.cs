using NasPlatform.Search;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Experiments;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Spaces.Tuned;
using NasPlatform.Search.Strategies;
using NasPlatform.Search.Training;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Experiments;

public sealed class TrialSearchTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<ExperimentFolder> _open = [];
    private readonly List<Strategy> _strategies = [];

    /// <summary>Those that choose by trials, and two whose batches wait or are told late; what is listed is proposed as it stands (ListedGenotypesTests), and what a supernet found, too (OneShotExperimentTests); what edits layers needs its own spaces (GrownExperimentTests).</summary>
    public static TheoryData<string> Strategies =>
        [.. StrategyCatalog.Names.Except(["listed"]).Where(name => !StrategyCatalog.IsOneShot(name) && !StrategyCatalog.IsEditing(name)), "reinforce replicas=1 batch=4", "reinforce replicas=3 batch=2"];

    public void Dispose()
    {
        _open.ForEach(folder => folder.Dispose());
        _strategies.ForEach(strategy => (strategy as IDisposable)?.Dispose());
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Strategies))]
    public async Task What_is_proposed_does_not_depend_on_which_trial_ends_first(string strategy)
    {
        var first = await SearchAsync("a", Spec(strategy, trials: 24, parallelism: 3), new ShareOfOnes(number => number % 3 == 0 ? 12 : 1));
        var second = await SearchAsync("b", Spec(strategy, trials: 24, parallelism: 3), new ShareOfOnes(number => number % 3 == 0 ? 0 : 8));

        Assert.Equal(24, first.Count);
        Assert.Equal(first, second);
    }

    [Theory]
    [MemberData(nameof(Strategies))]
    public async Task An_interrupted_search_goes_on_as_it_would_have_gone(string strategy)
    {
        var spec = Spec(strategy, trials: 20, parallelism: 2);
        var whole = await SearchAsync("whole", spec, new ShareOfOnes(_ => 1));
        using var interruption = new CancellationTokenSource();
        var evaluator = new ShareOfOnes(_ => 3, number =>
        {
            if (number == 9)
            {
                interruption.Cancel();
            }
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SearchAsync("parts", spec, evaluator, interruption));
        var resumed = new ShareOfOnes(_ => 1);
        var parts = await SearchAsync("parts", spec, resumed, resume: true);

        Assert.Equal(whole, parts);
        Assert.InRange(resumed.Evaluated, 1, 14);
    }

    [Theory]
    [MemberData(nameof(Strategies))]
    public async Task An_interrupted_search_of_networks_and_their_training_goes_on_as_it_would_have_gone(string strategy)
    {
        var spec = Spec(strategy, trials: 16, parallelism: 2);
        var whole = await RunAsync("whole", spec, new ShareOfOnes(_ => 0), Tuned(8));
        using var interruption = new CancellationTokenSource();
        var evaluator = new ShareOfOnes(_ => 2, number =>
        {
            if (number == 8)
            {
                interruption.Cancel();
            }
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync("parts", spec, evaluator, Tuned(8), interruption));
        var parts = await RunAsync("parts", spec, new ShareOfOnes(_ => 0), Tuned(8), resume: true);

        Assert.Equal(16, whole.Ended.Count);
        Assert.Equal(whole.Ended.OrderBy(pair => pair.Key).Select(pair => pair.Value.Genotype), parts.Ended.OrderBy(pair => pair.Key).Select(pair => pair.Value.Genotype));
    }

    [Fact]
    public async Task Two_trainings_of_one_network_are_two_trials()
    {
        var evaluator = new ShareOfOnes(_ => 0);
        var search = await RunAsync("trainings", Spec("grid", trials: 100, parallelism: 1), evaluator, Tuned(1));

        Assert.Equal(2 * 6, evaluator.Evaluated);
        Assert.DoesNotContain(search.Ended.Values, trial => trial.Evaluation?.ReusedFromTrial is not null);
    }

    [Fact]
    public async Task A_line_that_was_cut_off_when_the_program_died_is_passed_over()
    {
        var spec = Spec("evolution", trials: 15, parallelism: 1);
        var whole = await SearchAsync("whole", spec, new ShareOfOnes(_ => 0));
        var log = Path.Combine(_folder.Path, "whole", "trials.jsonl");
        var text = await File.ReadAllTextAsync(log, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(log, text[..(text.Length * 2 / 3)], TestContext.Current.CancellationToken);

        Assert.Equal(whole, await SearchAsync("whole", spec, new ShareOfOnes(_ => 0), resume: true));
    }

    [Fact]
    public async Task A_network_that_was_tried_is_not_tried_again()
    {
        var evaluator = new ShareOfOnes(_ => 0);
        var settings = new Dictionary<string, string> { ["over"] = "encodings" };
        var spec = Spec("random", trials: 60, parallelism: 1) with { StrategySettings = settings };

        var search = await RunAsync("few", spec, evaluator, new BitsSpace(3));

        Assert.InRange(evaluator.Evaluated, 2, 8);
        Assert.Equal(60, search.Ended.Count);
        Assert.Equal(60 - evaluator.Evaluated, search.Ended.Values.Count(trial => trial.Evaluation?.ReusedFromTrial is not null));
    }

    [Fact]
    public async Task Best_is_the_highest_accuracy_and_the_earlier_of_equals()
    {
        var search = await RunAsync("best", Spec("random", trials: 40, parallelism: 2), new ShareOfOnes(_ => 0), new BitsSpace(6));

        var best = search.Best?.Evaluation?.Score;
        Assert.Equal(search.Ended.Values.Max(trial => trial.Evaluation?.Score), best);
        Assert.Equal(search.Ended.Values.Where(trial => trial.Evaluation?.Score == best).Min(trial => trial.Number), search.Best?.Number);
    }

    [Fact]
    public async Task Of_trials_of_several_lengths_the_best_is_one_of_the_longest_and_each_length_is_tried_for_itself()
    {
        var evaluator = new ShareOfOnes(_ => 0);
        var search = await RunAsync("rungs", Spec("successive-halving", trials: 13, parallelism: 1), evaluator, new BitsSpace(12));

        Assert.Equal(9, search.Best?.Epochs);
        Assert.Equal(13, evaluator.Evaluated); // what is promoted is trained again, not looked up
        Assert.Equal([1, 3, 9], evaluator.Epochs.Distinct().Order());
    }

    [Fact]
    public async Task With_an_objective_the_best_is_the_trial_with_the_highest_reward_and_strategies_are_told_rewards()
    {
        // Half of the ones are enough: more of them cost more than they bring.
        var objective = new Objective(Cost.Parameters, 81, Tradeoff.Hard);
        var spec = Spec("evolution", trials: 80, parallelism: 1) with { Objective = objective };
        var search = await RunAsync("objective", spec, new ShareOfOnes(_ => 0), new BitsSpace(16));

        Assert.Equal(search.Ended.Values.Max(trial => objective.Told(trial.Evaluation!).Score), objective.Told(search.Best!.Evaluation!).Score);
        Assert.True(search.Best.Evaluation!.ParameterCount <= 81, search.Best.Genotype);
    }

    [Fact]
    public async Task When_the_time_is_up_running_trials_are_cancelled_and_the_rest_is_kept()
    {
        var spec = Spec("random", trials: 10_000, parallelism: 2) with { Budget = new(null, Minutes: 0.05), FinalEpochs = 0 };

        var search = await RunAsync("time", spec, new ShareOfOnes(number => number > 4 ? 60_000 : 5), new BitsSpace(20));

        Assert.Equal(4, search.Ended.Count);
        Assert.InRange(search.ElapsedSeconds, 2.9, 60);
    }

    [Fact]
    public async Task One_trial_at_least_is_let_finish()
    {
        var spec = Spec("random", trials: 100, parallelism: 1) with { Budget = new(null, Minutes: 0.001), FinalEpochs = 0 };
        var search = await RunAsync("one", spec, new ShareOfOnes(_ => 300), new BitsSpace(20));
        Assert.NotNull(search.Best);
        Assert.Single(search.Ended);
    }

    [Fact]
    public async Task A_budget_may_grow_while_the_search_runs()
    {
        TrialSearch? search = null;
        var evaluator = new ShareOfOnes(_ => 1, number => search!.Budget = new(Trials: number == 3 ? 9 : search.Budget.Trials)); // not null: it runs

        search = Create("grows", Spec("random", trials: 3, parallelism: 1), evaluator, new BitsSpace(20));
        await search.RunAsync(TestContext.Current.CancellationToken);

        Assert.Equal(9, search.Ended.Count);
    }

    [Fact]
    public async Task A_search_that_is_told_to_finish_cancels_what_runs_and_keeps_the_rest()
    {
        TrialSearch? search = null;
        var evaluator = new ShareOfOnes(number => number > 4 ? 60_000 : 1, number =>
        {
            if (number == 5)
            {
                search!.Finish(); // not null: it runs
            }
        });

        search = Create("finishes", Spec("random", trials: 1000, parallelism: 1), evaluator, new BitsSpace(20));
        await search.RunAsync(TestContext.Current.CancellationToken);

        Assert.Equal([1, 2, 3, 4], search.Ended.Keys.Order());
        Assert.Equal(TrialState.Cancelled, _open[^1].Trials[5].State);
    }

    [Theory]
    [MemberData(nameof(Strategies))]
    public async Task The_strategy_is_reported_to_be_told_each_trial_once_and_in_order(string strategy)
    {
        var told = new Events();
        var search = Create("told", Spec(strategy, trials: 10, parallelism: 2), new ShareOfOnes(number => 10 - number), new BitsSpace(8), told);
        await search.RunAsync(TestContext.Current.CancellationToken);

        var reports = told.All.OfType<ExperimentEvent.StrategyTold>().ToList();
        Assert.Equal(Enumerable.Range(1, 10), reports.Select(report => report.Number));
        Assert.All(reports, report => Assert.Equal(strategy is not ("random" or "grid"), report.Diagnostics.Count > 0));
    }

    private static TunedSpace Tuned(int bits) => new(new BitsSpace(bits), new TrainingChoices(new Dictionary<string, string> { ["optimizer"] = "sgd,adamw", ["learning_rate"] = "0.01,0.1,1" }, new()));

    /// <param name="strategy">Its name, and settings behind it.</param>
    private static ExperimentSpec Spec(string strategy, int trials, int parallelism) => new()
    {
        Dataset = "none",
        Strategy = strategy.Split(' ')[0],
        StrategySettings = strategy.Split(' ').Skip(1).Select(setting => setting.Split('=')).ToDictionary(setting => setting[0], setting => setting[1]),
        Fidelity = new(Epochs: 9),
        Budget = new(trials),
        Parallelism = parallelism,
        Seed = 5,
    };

    private async Task<List<string>> SearchAsync(
        string name, ExperimentSpec spec, ShareOfOnes evaluator, CancellationTokenSource? interruption = null, bool resume = false)
    {
        var search = await RunAsync(name, spec, evaluator, new BitsSpace(16), interruption, resume);
        return [.. search.Ended.OrderBy(pair => pair.Key).Select(pair => $"{pair.Value.Genotype} {pair.Value.Epochs}")];
    }

    private async Task<TrialSearch> RunAsync(
        string name, ExperimentSpec spec, ShareOfOnes evaluator, SearchSpace space, CancellationTokenSource? interruption = null, bool resume = false)
    {
        var search = Create(name, spec, evaluator, space, resume: resume);
        try
        {
            await search.RunAsync(interruption?.Token ?? TestContext.Current.CancellationToken);
        }
        finally
        {
            _open[^1].Dispose(); // it may be opened again
        }

        return search;
    }

    private TrialSearch Create(
        string name, ExperimentSpec spec, ShareOfOnes evaluator, SearchSpace space, IProgress<ExperimentEvent>? events = null, bool resume = false)
    {
        var path = Path.Combine(_folder.Path, name);
        var folder = resume ? ExperimentFolder.Resume(path, stored => stored) : ExperimentFolder.Create(path, spec);
        var strategy = StrategyCatalog.Create(spec.Strategy, space, spec.StrategySettings, new RandomSource(spec.Seed), spec.Fidelity.Epochs);
        _open.Add(folder);
        _strategies.Add(strategy);
        return new TrialSearch(space, strategy, evaluator, folder, events ?? new Progress<ExperimentEvent>(), TimeProvider.System);
    }

    private sealed class Events : IProgress<ExperimentEvent>
    {
        public System.Collections.Concurrent.ConcurrentQueue<ExperimentEvent> All { get; } = [];

        public void Report(ExperimentEvent value) => All.Enqueue(value);
    }

    /// <summary>Pays the share of ones after a while that depends on the trial's number.</summary>
    private sealed class ShareOfOnes(Func<int, int> milliseconds, Action<int>? begun = null) : IEvaluator
    {
        private int _evaluated;

        public int Evaluated => _evaluated;

        public System.Collections.Concurrent.ConcurrentQueue<int> Epochs { get; } = [];

        public Evaluation Evaluate(Proposal proposal, IProgress<TrainingProgress> progress, CancellationToken cancellation)
        {
            begun?.Invoke(proposal.Number);
            Epochs.Enqueue(proposal.Fidelity.Epochs);
            if (cancellation.WaitHandle.WaitOne(milliseconds(proposal.Number)))
            {
                throw new OperationCanceledException(cancellation);
            }

            Interlocked.Increment(ref _evaluated);
            return BitsSpace.Evaluated(BitsSpace.ShareOfOnes(proposal.Genotype)) with { ParameterCount = (long)Math.Pow(1 + proposal.Genotype.Decisions.Sum(bit => bit.Value), 2) };
        }
    }
}
