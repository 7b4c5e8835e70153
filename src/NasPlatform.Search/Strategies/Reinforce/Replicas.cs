using System.Runtime.InteropServices;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Strategies.Controllers;

namespace NasPlatform.Search.Strategies.Reinforce;

/// <summary>
/// K replicas of a policy that is shared (Zoph &amp; Le 2017, §3.2, §4.1): each draws m architectures from the policy as it got it, waits until all have been tried, sends the gradient, which moves the shared
/// policy whatever others have made of it meanwhile, and gets it anew.
/// </summary>
/// <remarks>
/// Trials n·m + 1 to (n + 1)·m are batch n, from 0. A replica begins a batch when one has been completed, so batch n is drawn from the policy as it was after n − K + 1 completed batches, whichever replica
/// has it: that follows from the trials' numbers and from what was told in which order, and from nothing else.
/// </remarks>
internal sealed class Replicas
{
    private readonly int _count;
    private readonly int _children;
    private readonly Policy<float> _policy;
    private readonly Dictionary<int, List<RewardedGenotype>> _open = [];
    private readonly HashSet<int> _closed = []; // of those behind the first open one

    // The parameters after so many completed batches, for batches that were drawn from them; those that nobody asks for any more are forgotten.
    private readonly Dictionary<int, float[][]> _versions = [];
    private int _completed;
    private int _firstOpen;

    /// <param name="count">K, at least 1.</param>
    /// <param name="children">m, at least 1.</param>
    /// <param name="policy">The shared one.</param>
    public Replicas(int count, int children, Policy<float> policy)
    {
        (_count, _children, _policy) = (count, children, policy);
        _versions[0] = Parameters();
    }

    /// <summary>Whether a replica is free to draw that trial.</summary>
    public bool IsReadyFor(int number) => Drawn(BatchOf(number)) <= _completed;

    /// <summary>Does something with the policy as the replica has it that draws a trial.</summary>
    public Genotype Draw(int number, Func<Genotype> draw)
    {
        var drawn = default(Genotype);
        AsDrawn(BatchOf(number), () => drawn = draw());
        return drawn!; // not null: see the line above
    }

    /// <summary>Takes a trial in; gives the whole batch when it was the last of it.</summary>
    public IReadOnlyList<RewardedGenotype>? Add(int number, RewardedGenotype trial)
    {
        ref var batch = ref CollectionsMarshal.GetValueRefOrAddDefault(_open, BatchOf(number), out _);
        (batch ??= []).Add(trial);
        return batch.Count == _children ? batch : null;
    }

    /// <summary>Completes the batch of a trial: has its gradient computed with the policy as the replica has it, and the shared policy moved.</summary>
    /// <returns>How many batches were completed between its being drawn and that.</returns>
    public int Complete(int number, Action computeGradient, Action move)
    {
        var batch = BatchOf(number);
        var staleness = _completed - Math.Min(Drawn(batch), _completed);
        AsDrawn(batch, computeGradient);
        move();
        _open.Remove(batch);
        _closed.Add(batch);
        while (_closed.Remove(_firstOpen))
        {
            _firstOpen++;
        }

        _versions[++_completed] = Parameters();
        foreach (var version in _versions.Keys.Where(version => version < Drawn(_firstOpen)).ToList())
        {
            _versions.Remove(version);
        }

        return staleness;
    }

    private int BatchOf(int number) => (number - 1) / _children;

    private int Drawn(int batch) => Math.Max(0, batch - _count + 1);

    private float[][] Parameters() => [.. _policy.Parameters.Select(parameter => parameter.Values.ToArray())];

    private void AsDrawn(int batch, Action action)
    {
        Use(_versions[Math.Min(Drawn(batch), _completed)]);
        action();
        Use(_versions[_completed]);
    }

    private void Use(float[][] version)
    {
        foreach (var (parameter, values) in _policy.Parameters.Zip(version))
        {
            values.CopyTo(parameter.Values, 0);
        }
    }
}

/// <summary>An architecture and what it is paid.</summary>
internal sealed record RewardedGenotype(Genotype Genotype, double Reward);
