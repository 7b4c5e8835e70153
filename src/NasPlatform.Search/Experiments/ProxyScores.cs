using NasPlatform.Search.Evaluation.TrainingFree;
using NasPlatform.Search.Spaces;
using NasPlatform.Torch;
using static TorchSharp.torch;

namespace NasPlatform.Search.Experiments;

/// <summary>
/// Training-free scores of an experiment's architectures, each computed once, on the first examples of the training split, with the threads of a trial. The examples are read when the first score is asked for.
/// </summary>
/// <param name="spec">The experiment's.</param>
/// <param name="space">Its space.</param>
/// <param name="read">Reads the examples.</param>
public sealed class ProxyScores(ExperimentSpec spec, SearchSpace space, Func<ScoredBatch> read) : IDisposable
{
    // By genotype and not by network: genotypes of one network begin with other weights, and what one scores must not depend on which was asked for before.
    private readonly Dictionary<(Proxy Proxy, Genotype Genotype), double?> _known = [];
    private ScoredBatch? _batch;

    /// <summary>What an architecture scores; null where it is none for this task, or too large for the machine.</summary>
    /// <exception cref="UserErrorException">No network of such a task has this score.</exception>
    public double? Of(Proxy proxy, Genotype genotype)
    {
        _batch ??= read();
        if (proxy is not (Proxy.Parameters or Proxy.MultiplyAdds))
        {
            TrainingFreeScores.Demand(_batch.Task.Kind);
        }

        if (!_known.TryGetValue((proxy, genotype), out var score))
        {
            set_num_threads(spec.ThreadsPerTrial);
            _known[(proxy, genotype)] = score = Compute(proxy, genotype, _batch);
            Heap.Trim();
        }

        return score;
    }

    public void Dispose() => _batch?.Dispose();

    private double? Compute(Proxy proxy, Genotype genotype, ScoredBatch batch)
    {
        try
        {
            return batch.Score(space.Build(genotype, batch.Task), proxy);
        }
        catch (UserErrorException)
        {
            return null;
        }
    }
}
