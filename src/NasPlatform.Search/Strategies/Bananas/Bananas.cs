using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Evaluation.TrainingFree;
using NasPlatform.Search.Spaces;

namespace NasPlatform.Search.Strategies.Bananas;

/// <summary>
/// BANANAS (White, Neiswanger &amp; Savani 2021, arXiv 1910.11858): after some random architectures, an ensemble of perceptrons learns scores from encodings; of mutations of the best so far it picks those
/// that an acquisition function likes most, in batches, and learns anew after each.
/// </summary>
/// <remarks>
/// The batch, the candidates and the acquisition are NASLib's. Its predictor's size is not printed in what we have of the paper; the one here is small, because it learns from few trials. Encodings are the
/// space's own: paths where its paper has them, else each decision's options. Where all mutations of the best are known, they are mutated further.
/// </remarks>
public sealed class Bananas : Strategy
{
    private const int MostEdits = 20;

    private readonly SearchSpace _space;
    private readonly RandomSource _random;
    private readonly int _initial;
    private readonly int _batch;
    private readonly int _candidates;
    private readonly int _parents;
    private readonly string _acquisition;
    private readonly Ensemble.Shape _shape;
    private readonly Screen _screen;
    private readonly List<(Genotype Genotype, double Score)> _told = [];
    private readonly HashSet<Genotype> _proposed = [];
    private readonly Dictionary<Genotype, (double Mean, double Deviation)> _predicted = [];
    private readonly List<Prediction> _judged = [];
    private readonly Queue<double> _errors = [];
    private List<Genotype> _chosen = [];
    private int _count;

    /// <param name="settings">
    /// <c>initial</c> (random ones first, 10), <c>batch</c> (10), <c>candidates</c> (mutations that are looked at, 100), <c>parents</c> (the best that are mutated, 1), <c>acquisition</c> (<c>its</c>,
    /// independent Thompson sampling, <c>ucb</c> or <c>ei</c>), and the predictor's: <c>members</c> (5), <c>layers</c> (2), <c>width</c> (32), <c>epochs</c> (100), <c>learning_rate</c> (0.01); and those of <see cref="Screen"/>, for the random ones.
    /// </param>
    public Bananas(SearchSpace space, Settings settings, RandomSource random, ProxyScore? proxies)
    {
        _space = space;
        _random = random;
        _initial = settings.Whole("initial", 10, 2, 1_000_000);
        _batch = settings.Whole("batch", 10, 1, 10_000);
        _candidates = settings.Whole("candidates", 100, 1, 1_000_000);
        _parents = settings.Whole("parents", 1, 1, 10_000);
        _acquisition = settings.Word("acquisition", "its", "its", "ucb", "ei");
        _shape = new(
            settings.Whole("members", 5, 2, 100),
            settings.Whole("layers", 2, 0, 20),
            settings.Whole("width", 32, 1, 4096),
            settings.Whole("epochs", 100, 1, 100_000),
            settings.Real("learning_rate", 0.01, 0, 1));
        _screen = new(settings, proxies);
        settings.RefuseUnknown();
        Settings = settings.Effective;
    }

    public override string Name => "bananas";

    public override IReadOnlyDictionary<string, string> Settings { get; }

    public override IReadOnlyDictionary<string, double> Diagnostics
    {
        get
        {
            var diagnostics = new Dictionary<string, double> { ["learnt_from"] = _told.Count };
            if (_errors.Count > 0)
            {
                diagnostics["predictor_error"] = _errors.Average();
            }

            return diagnostics;
        }
    }

    public override Genotype Propose(int number)
    {
        // One trial is proposed for each that is told: the n-th result of a batch asks for its n-th architecture.
        var place = (_count - _initial) % _batch;
        return _count >= _initial && place < _chosen.Count ? _chosen[place] : _screen.Sample(_space.At(number), _random.Split("proposal", number));
    }

    public override Explanation Explain() => new() { Predictions = [.. _judged] };

    public override void Observe(Proposal proposal, Evaluation.Evaluation evaluation)
    {
        var genotype = proposal.Genotype;
        _count++;
        _proposed.Add(genotype);
        if (evaluation.Outcome == Evaluation.Outcome.Completed)
        {
            _told.Add((genotype, evaluation.Score));
            if (_predicted.Remove(genotype, out var predicted))
            {
                _judged.Add(new(proposal.Number, predicted.Mean, predicted.Deviation, evaluation.Score));
                _errors.Enqueue(Math.Abs(predicted.Mean - evaluation.Score));
                if (_errors.Count > _batch)
                {
                    _errors.Dequeue();
                }
            }
        }

        if (_count >= _initial && (_count - _initial) % _batch == 0)
        {
            Choose(_random.Split("batch", _count));
        }
    }

    private void Choose(RandomSource random)
    {
        _chosen = [];
        if (_told.Count == 0)
        {
            return;
        }

        var candidates = Candidates(random.Split("candidates"));
        if (candidates.Count == 0)
        {
            return;
        }

        var encodings = Encodings.Of(_space, [.. _told.Select(trial => trial.Genotype), .. candidates]);
        var ensemble = new Ensemble(encodings[.._told.Count], [.. _told.Select(trial => trial.Score)], _shape, random.Split("ensemble"));
        var predictions = ensemble.Predict(encodings[_told.Count..]);
        var best = _told.Max(trial => trial.Score);
        var draws = random.Split("acquisition");
        var liked = predictions.Select(prediction => Acquisition(prediction.Mean, prediction.Deviation, best, draws)).ToArray();
        foreach (var place in Enumerable.Range(0, candidates.Count).OrderByDescending(place => liked[place]).Take(_batch))
        {
            _chosen.Add(candidates[place]);
            _proposed.Add(candidates[place]);
            _predicted[candidates[place]] = predictions[place];
        }
    }

    private List<Genotype> Candidates(RandomSource random)
    {
        var parents = _told.OrderByDescending(trial => trial.Score).Take(_parents).Select(trial => trial.Genotype).ToList();
        var found = new List<Genotype>();
        var seen = new HashSet<Genotype>();
        for (var draw = 0; draw < _candidates; draw++)
        {
            var child = parents[draw % parents.Count];
            for (var edit = 0; edit < MostEdits && (edit == 0 || _proposed.Contains(child) || seen.Contains(child)); edit++)
            {
                child = _space.Mutate(child, random);
            }

            if (!_proposed.Contains(child) && seen.Add(child))
            {
                found.Add(child);
            }
        }

        return found;
    }

    /// <summary>NASLib's functions: a draw from the normal distribution; mean and half a deviation; the expected improvement with a fifth of the deviation.</summary>
    private double Acquisition(double mean, double deviation, double best, RandomSource random) => _acquisition switch
    {
        "its" => mean + (deviation * random.NextGaussian()),
        "ucb" => mean + (0.5 * deviation),
        _ => ExpectedImprovement(mean, deviation / 5, best),
    };

    private static double ExpectedImprovement(double mean, double deviation, double best)
    {
        if (deviation == 0)
        {
            return Math.Max(0, mean - best);
        }

        var distance = (mean - best) / deviation;
        return deviation * ((distance * Normal.Below(distance)) + Normal.Density(distance));
    }
}
