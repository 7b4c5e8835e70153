using System.Collections.Concurrent;
using NasPlatform.Search;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Evaluation.TrainingFree;
using NasPlatform.Search.Experiments;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Strategies;
using NasPlatform.Search.Training;

namespace NasPlatform.Web.Jobs.Runners;

/// <summary>
/// An experiment's search within a runner. Its trials are kept by the server, which answers each write when it is committed, and are tried by other
/// runners, maybe on other machines.
/// </summary>
internal sealed class RemoteSearch : ITrialLog, IEvaluator, IDisposable
{
    private readonly SortedDictionary<int, Trial> _trials = [];
    private readonly ConcurrentDictionary<int, TaskCompletionSource<Evaluation>> _asked = [];
    private readonly SemaphoreSlim _kept = new(0);
    private readonly Action<RunnerMessage> _say;
    private readonly Func<ScoredBatch> _scored;
    private readonly IReadOnlyList<string> _derived;
    private readonly double _secondsBefore;
    private volatile TrialSearch? _search;

    /// <param name="order">What is searched.</param>
    /// <param name="say">Tells the server.</param>
    /// <param name="scored">Reads the examples of training-free scores, for a strategy that asks for these.</param>
    public RemoteSearch(RunnerOrder.RunSearch order, Action<RunnerMessage> say, Func<ScoredBatch> scored)
    {
        Spec = order.Spec;
        _say = say;
        _scored = scored;
        (_derived, _secondsBefore) = (order.Derived ?? [], order.SecondsBefore);
        foreach (var trial in order.Trials)
        {
            _trials[trial.Number] = trial;
        }
    }

    public ExperimentSpec Spec { get; private set; }

    public IReadOnlyDictionary<int, Trial> Trials => _trials;

    public async Task<RunnerMessage> RunAsync(TimeProvider time, CancellationToken cancellation)
    {
        var space = Spec.CreateSpace();
        using var proxies = new ProxyScores(Spec, space, _scored);
        var strategy = StrategyCatalog.Create(Spec.Strategy, space, Spec.StrategySettings, new RandomSource(Spec.Seed).Split("strategy"), Spec.Fidelity.Epochs, proxies.Of);
        using var owned = strategy as IDisposable;
        (strategy as OneShotStrategy)?.Take([.. _derived.Select(space.Parse)]);
        var search = new TrialSearch(space, strategy, this, this, new Relay<ExperimentEvent>(Tell), time) { Budget = Spec.Budget, SecondsBefore = _secondsBefore };
        _search = search;
        await search.RunAsync(cancellation);
        return search.Best is { } best
            ? new RunnerMessage.SearchEnded(best.Number, search.ElapsedSeconds, null, search.IsExhausted)
            : new RunnerMessage.SearchEnded(null, search.ElapsedSeconds, search.NothingCompleted().Message, search.IsExhausted);
    }

    public void Write(Trial trial)
    {
        _say(new RunnerMessage.Keep(trial));
        _kept.Wait(CancellationToken.None);
        _trials[trial.Number] = trial;
    }

    public Evaluation Evaluate(Proposal proposal, IProgress<TrainingProgress> progress, CancellationToken cancellation)
    {
        var answer = _asked.GetOrAdd(proposal.Number, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
        using var cancelled = cancellation.Register(() => answer.TrySetCanceled(cancellation));
        _say(new RunnerMessage.Try(proposal.Number));
        try
        {
            return answer.Task.GetAwaiter().GetResult();
        }
        finally
        {
            _asked.TryRemove(proposal.Number, out _);
        }
    }

    public void Kept() => _kept.Release();

    public void Tried(int number, Evaluation evaluation)
    {
        if (_asked.TryGetValue(number, out var answer))
        {
            answer.TrySetResult(evaluation);
        }
    }

    public void Amend(Budget budget)
    {
        Spec = Spec with { Budget = budget };
        if (_search is { } search)
        {
            search.Budget = budget;
        }
    }

    public void Dispose() => _kept.Dispose();

    public void Finish() => _search?.Finish();

    private void Tell(ExperimentEvent told)
    {
        if (told is ExperimentEvent.StrategyTold(var number, var diagnostics))
        {
            _say(new RunnerMessage.Told(number, diagnostics));
        }
    }
}
