using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Evaluation.TrainingFree;
using NasPlatform.Search.Spaces;

namespace NasPlatform.Search.Strategies.MultiFidelity;

/// <summary>
/// Trains many architectures for few epochs and the best of them for more. Where the architectures come from is another strategy's business, the sampler's: it is told how each did in its first, shortest
/// training, all of which compare. A longer training is one of its own, from the beginning and with its own schedule, as the trainings of different lengths in tables of benchmarks are.
/// </summary>
/// <remarks>
/// With every told result it is decided what the one proposal that follows it is: a promotion, or a new architecture. So the decisions are the same when the results are told again. The sampler, too, is told one
/// result for each architecture that it is asked for.
/// </remarks>
public abstract class MultiFidelityStrategy : Strategy, IDisposable
{
    /// <summary>What precedes the names of the sampler's settings: <c>sampler.population</c>.</summary>
    public const string SamplerPrefix = "sampler.";

    private readonly Strategy _sampler;
    private readonly Queue<(Proposal Proposal, Evaluation.Evaluation Evaluation)> _untold = [];
    private readonly List<Promotion> _open = [];
    private Promotion? _next;
    private int _promoted;

    /// <param name="settings">
    /// <c>sampler</c> (the strategy that finds the architectures), <c>eta</c> (η: one of so many goes on, and is trained that many times longer), <c>least_epochs</c> (r: of the shortest training); those of the
    /// sampler, preceded by <see cref="SamplerPrefix"/>.
    /// </param>
    /// <param name="epochs">R: what no training is longer than.</param>
    /// <param name="proxies">For the sampler.</param>
    /// <exception cref="UserErrorException">A setting is wrong, the sampler waits for its trials, or there is no room for two lengths of training.</exception>
    private protected MultiFidelityStrategy(string name, SearchSpace space, Settings settings, RandomSource random, int epochs, ProxyScore? proxies)
    {
        Name = name;
        var sampler = settings.Word("sampler", "random", "random", "evolution", "tournament", "local-search", "tpe", "bananas", "reinforce");
        Eta = settings.Whole("eta", 3, 2, 1000);
        var least = settings.Whole("least_epochs", 1, 1, 100_000);
        Rungs = new(least, epochs, Eta);
        if (Rungs.Count < 2)
        {
            throw new UserErrorException(
                $"Strategy '{name}' trains for {least} {(least == 1 ? "epoch" : "epochs")} first, and {Eta} times longer what does well: that takes at least {(long)least * Eta} epochs for a trial, and there are {epochs}. Give more epochs, or another strategy.");
        }

        _sampler = StrategyCatalog.Create(sampler, space, settings.Within(SamplerPrefix), random.Split("sampler"), epochs, proxies);
        settings.Adopt(SamplerPrefix, _sampler.Settings);
        if (!_sampler.IsReadyFor(int.MaxValue))
        {
            throw new UserErrorException($"Strategy '{name}': its sampler would wait for whole batches of its own trials, and here it is not asked for every trial; take {SamplerPrefix}replicas=0.");
        }
    }

    public sealed override string Name { get; }

    public override IReadOnlyDictionary<string, double> Diagnostics
    {
        get
        {
            var diagnostics = new Dictionary<string, double> { ["promotions"] = _promoted };
            foreach (var (name, value) in _sampler.Diagnostics)
            {
                diagnostics[$"sampler_{name}"] = value;
            }

            return diagnostics;
        }
    }

    /// <summary>The lengths of training that there are.</summary>
    private protected Rungs Rungs { get; }

    /// <summary>η.</summary>
    private protected int Eta { get; }

    public sealed override Genotype Propose(int number) => _next?.Configuration.Genotype ?? _sampler.Propose(number - _promoted);

    public sealed override int? EpochsOf(int number) => _next?.Epochs ?? FirstEpochs(number - _promoted);

    public sealed override void Observe(Proposal proposal, Evaluation.Evaluation evaluation)
    {
        var score = evaluation.Outcome == Outcome.Completed && !double.IsNaN(evaluation.Score) ? evaluation.Score : (double?)null;
        var place = _open.FindIndex(open => open.Epochs == proposal.Fidelity.Epochs && open.Configuration.Genotype.Equals(proposal.Genotype));
        if (place >= 0)
        {
            var open = _open[place];
            _open.RemoveAt(place);
            Place(open, score);
        }
        else
        {
            _untold.Enqueue((proposal, evaluation));
            Enter(new(proposal.Genotype), proposal.Fidelity.Epochs, score);
        }

        _next = NextPromotion();
        if (_next is not null)
        {
            _promoted++;
            _open.Add(_next);
        }
        else if (_untold.TryDequeue(out var told))
        {
            _sampler.Observe(told.Proposal, told.Evaluation);
        }
    }

    public void Dispose()
    {
        (_sampler as IDisposable)?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>For how many epochs a new architecture is trained.</summary>
    /// <param name="count">Which it is of all new ones, 1-based.</param>
    private protected abstract int FirstEpochs(int count);

    /// <summary>The first training of a new architecture has ended.</summary>
    /// <param name="epochs">That it was trained for.</param>
    /// <param name="score">Null where it did not complete.</param>
    private protected abstract void Enter(Configuration configuration, int epochs, double? score);

    /// <summary>The training that a promotion asked for has ended.</summary>
    /// <param name="score">Null where it did not complete.</param>
    private protected abstract void Place(Promotion promotion, double? score);

    /// <summary>Which architecture goes on; null where none is to. What was returned once is not returned again.</summary>
    private protected abstract Promotion? NextPromotion();
}
