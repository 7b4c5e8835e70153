using NasPlatform.Search.Datasets;
using NasPlatform.Search.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Search.Training.Examples;

/// <summary>
/// Windows of one long series, kept once as <c>float32 [variables, steps]</c>, normalised: the network reads <c>[n, variables, 1, history]</c> and predicts the steps after it,
/// <c>[n, targets × horizon]</c>, target by target and step by step, in deviations.
/// </summary>
public sealed class WindowExamples : IndependentExamples
{
    private readonly Tensor _windows;
    private readonly Tensor _starts;
    private readonly Tensor _predicted;
    private readonly int _history;
    private readonly int _horizon;

    internal WindowExamples(Dataset dataset, ReadOnlySpan<int> indices, Device device)
        : base(dataset.Task, indices.Length, device)
    {
        using var scope = NewDisposeScope();
        (_history, _horizon) = (dataset.Width, dataset.Report.Horizon);
        var first = Count == 0 ? 0 : indices[0];
        var starts = new long[Count];
        for (var place = 0; place < Count; place++)
        {
            first = Math.Min(first, indices[place]);
            starts[place] = indices[place];
        }

        var steps = Count == 0 ? _history + _horizon : (int)starts.Max() + _history + _horizon - first;
        using var normalisation = Normalisation.OfValues(dataset.Mean, dataset.Std, Shape.Vector(dataset.Channels), device);
        var series = normalisation.Apply(tensor(dataset.Values(first, steps).ToArray(), [steps, dataset.Channels]).to(device)).transpose(0, 1).contiguous();
        _windows = series.unfold(1, _history + _horizon, 1).DetachFromDisposeScope(); // a view: [variables, starts, history + horizon]
        _starts = (tensor(starts) - first).to(device).DetachFromDisposeScope();
        _predicted = tensor([.. dataset.Report.Targets.Select(target => (long)target)]).to(device).DetachFromDisposeScope();
    }

    public override (Tensor Inputs, Tensor Targets) Batch(long start, long count)
    {
        using var starts = _starts.narrow(0, start, count);
        return At(starts);
    }

    public override (Tensor Inputs, Tensor Targets) Batch(Tensor places, Augmentation augmentation, Generator random)
    {
        using var starts = _starts.index_select(0, places);
        return At(starts);
    }

    protected override void Dispose(bool disposing)
    {
        _windows.Dispose();
        _starts.Dispose();
        _predicted.Dispose();
    }

    private (Tensor Inputs, Tensor Targets) At(Tensor starts)
    {
        using var scope = NewDisposeScope();
        var windows = _windows.index_select(1, starts).transpose(0, 1); // [n, variables, history + horizon]
        var inputs = windows.narrow(2, 0, _history).unsqueeze(2).contiguous();
        var targets = windows.index_select(1, _predicted).narrow(2, _history, _horizon).reshape(starts.shape[0], -1);
        return (inputs.MoveToOuterDisposeScope(), targets.MoveToOuterDisposeScope());
    }
}
