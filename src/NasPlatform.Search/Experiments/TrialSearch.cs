using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Strategies;

namespace NasPlatform.Search.Experiments;

/// <summary>
/// Asks the strategy for architectures and has them evaluated, several side by side. Results are told in the order of the trials'
/// numbers, and proposal n has been told exactly the first n − <see cref="Window"/>, or as many more as the strategy waits for: so what is proposed does not depend on
/// which trial happens to end first, and an interrupted search goes on as it would have gone.
/// </summary>
public sealed class TrialSearch(
    SearchSpace space,
    Strategy strategy,
    IEvaluator evaluator,
    ITrialLog log,
    IProgress<ExperimentEvent> events,
    TimeProvider time)
{
    /// <summary>How often it is looked whether the budget was changed.</summary>
    private static readonly TimeSpan Glance = TimeSpan.FromSeconds(1);

    private readonly ExperimentSpec _spec = log.Spec;
    private readonly Dictionary<int, Trial> _ended = [];
    private readonly Dictionary<(string Key, int? Epochs), Trial> _known = [];
    private readonly Dictionary<Task<Trial>, int> _running = [];
    private readonly long _started = time.GetTimestamp();
    private readonly double _elapsedBefore = log.Trials.Values.Max(trial => trial.ElapsedSeconds) ?? 0;
    private volatile Budget _budget = log.Spec.Budget;
    private volatile bool _finishing;
    private int _told;

    /// <summary>When the search must stop; may be changed from another thread while it runs, and counts from the next trial on.</summary>
    public Budget Budget
    {
        get => _budget;
        set => _budget = value;
    }

    /// <summary>Seconds that the experiment had behind it before its first trial.</summary>
    public double SecondsBefore { get; init; }

    /// <summary>The best trial by its <see cref="TrialRank"/>; null while none has completed.</summary>
    public Trial? Best { get; private set; }

    /// <summary>How long the experiment has run, earlier runs included, in seconds.</summary>
    public double ElapsedSeconds => Math.Max(_elapsedBefore, SecondsBefore) + time.GetElapsedTime(_started).TotalSeconds;

    /// <summary>Trials that ended, by number.</summary>
    public IReadOnlyDictionary<int, Trial> Ended => _ended;

    /// <summary>Whether the strategy has nothing more to propose.</summary>
    public bool IsExhausted => _ended.Count >= strategy.MostProposals;

    /// <summary>Proposals that may be out before a result must be told: enough that a slow trial leaves no place idle.</summary>
    private int Window => WindowOf(_spec);

    /// <summary>How many proposals are out before a result must be told, in an experiment of this spec.</summary>
    internal static int WindowOf(ExperimentSpec spec) => spec.Parallelism == 1 ? 1 : 2 * spec.Parallelism;

    /// <summary>Searches until the budget ends. Trials that run when the time is up are cancelled, but one at least is let finish.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            var number = 1;
            while (true)
            {
                if (number <= Math.Min(Budget.Trials ?? int.MaxValue, strategy.MostProposals ?? int.MaxValue) && await ReadyFor(number, cancellation))
                {
                    Begin(number++, stop.Token);
                }
                else if (_running.Count == 0 || !await SomethingEnds(cancellation))
                {
                    break;
                }
            }
        }
        finally
        {
            await stop.CancelAsync();
            await Settle();
        }

        while (_ended.ContainsKey(_told + 1))
        {
            Tell();
        }
    }

    /// <summary>Ends the search as if its time were up: what runs is cancelled unless nothing has completed yet. From any thread.</summary>
    public void Finish() => _finishing = true;

    /// <summary>Why there is no winner.</summary>
    public NothingCompletedException NothingCompleted()
    {
        var reasons = _ended.Values.GroupBy(trial => trial.Evaluation?.Reason).OrderByDescending(group => group.Count()).Take(3)
            .Select(group => $"{group.Count()} times: {group.Key}");
        return new($"None of {_ended.Count} trials completed, so there is no model. {string.Join(" ", reasons)}");
    }

    /// <summary>Waits until the strategy may be asked for a trial and there is a place for it; false when the time is up.</summary>
    private async Task<bool> ReadyFor(int number, CancellationToken cancellation)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            while (!IsToldEnough() && _ended.ContainsKey(_told + 1))
            {
                Tell();
            }

            var recorded = log.Trials.TryGetValue(number, out var trial) && trial.Evaluation is not null;
            if (IsToldEnough() && (recorded || _running.Count < _spec.Parallelism))
            {
                return recorded || Remaining() > TimeSpan.Zero || (_ended.Count == 0 && _running.Count == 0);
            }

            if (!await SomethingEnds(cancellation))
            {
                return false;
            }
        }

        bool IsToldEnough() => _told >= number - Window && strategy.IsReadyFor(number);
    }

    /// <summary>Waits for a running trial to end; false when the time was up first.</summary>
    private async Task<bool> SomethingEnds(CancellationToken cancellation)
    {
        var any = Task.WhenAny(_running.Keys);
        while (!any.IsCompleted)
        {
            // Without any completed trial there is nothing to train in full: the first is waited for, whatever the time.
            var remaining = Best is null ? Glance : Remaining();
            if (remaining == TimeSpan.Zero)
            {
                return false;
            }

            using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            await Task.WhenAny(any, Task.Delay(remaining < Glance ? remaining : Glance, time, waiting.Token));
            await waiting.CancelAsync();
            cancellation.ThrowIfCancellationRequested();
        }

        var task = await any;
        _running.Remove(task);
        End(await task);
        return true;
    }

    private TimeSpan Remaining()
    {
        if (_finishing)
        {
            return TimeSpan.Zero;
        }

        return (_spec with { Budget = Budget }).SearchTime is { } time
            ? TimeSpan.FromSeconds(Math.Max(0, time.TotalSeconds - ElapsedSeconds))
            : TimeSpan.MaxValue;
    }

    private void Begin(int number, CancellationToken cancellation)
    {
        if (log.Trials.TryGetValue(number, out var trial) && trial.Evaluation is not null)
        {
            End(trial);
            return;
        }

        var (genotype, epochs) = trial is null ? (strategy.Propose(number), strategy.EpochsOf(number)) : (space.FromValues(trial.Decisions), trial.Epochs);
        trial = new()
        {
            Number = number,
            Genotype = space.Format(genotype),
            Decisions = genotype.ToDictionary(),
            Key = space.Key(genotype).Value,
            Epochs = epochs,
            State = TrialState.Running,
            ProposedAt = time.GetUtcNow(),
        };

        // If the process dies here, nothing of the trial is known and it is proposed again, the same; after this, it is run again.
        log.Write(trial);
        events.Report(new ExperimentEvent.TrialStarted(trial));
        if (_known.TryGetValue((trial.Key, trial.Epochs), out var same))
        {
            var again = same.Evaluation! with { ReusedFromTrial = same.Evaluation.ReusedFromTrial ?? same.Number }; // not null: it was told
            End(Ending(trial, again));
            return;
        }

        var proposal = trial.Proposal(space, _spec.Fidelity);
        var progress = new Relay<Training.TrainingProgress>(told => events.Report(new ExperimentEvent.TrialProgressed(number, told)));
        _running.Add(
            Task.Factory.StartNew(
                () => Ending(trial, evaluator.Evaluate(proposal, progress, cancellation)),
                cancellation,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default),
            number);
    }

    private Trial Ending(Trial trial, Evaluation.Evaluation evaluation) => trial with
    {
        State = evaluation.Outcome == Outcome.Completed ? TrialState.Completed : TrialState.Failed,
        Evaluation = evaluation,
        EndedAt = time.GetUtcNow(),
        ElapsedSeconds = ElapsedSeconds,
    };

    private void End(Trial trial)
    {
        _ended.Add(trial.Number, trial);
        if (trial.RankBy(_spec.Reward) is { } rank && (Best?.RankBy(_spec.Reward) is not { } best || rank.Beats(best)))
        {
            Best = trial;
        }

        if (log.Trials[trial.Number].Evaluation is null)
        {
            log.Write(trial);
            events.Report(new ExperimentEvent.TrialEnded(trial, Best));
        }
    }

    private void Tell()
    {
        var trial = _ended[_told + 1];
        var evaluation = trial.Evaluation!; // not null: it has ended
        strategy.Observe(trial.Proposal(space, _spec.Fidelity), _spec.Objective?.Told(evaluation) ?? evaluation);
        _known.TryAdd((trial.Key, trial.Epochs), trial);
        _told++;
        events.Report(new ExperimentEvent.StrategyTold(trial.Number, strategy.Diagnostics));
    }

    /// <summary>Waits for cancelled trials; one that ended all the same is kept.</summary>
    private async Task Settle()
    {
        foreach (var (task, number) in _running)
        {
            try
            {
                End(await task);
            }
            catch (OperationCanceledException)
            {
                log.Write(log.Trials[number] with { State = TrialState.Cancelled });
            }
        }

        _running.Clear();
    }

    private sealed class Relay<T>(Action<T> report) : IProgress<T>
    {
        public void Report(T value) => report(value);
    }
}
