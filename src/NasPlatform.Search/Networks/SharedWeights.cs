using NasPlatform.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace NasPlatform.Search.Networks;

/// <summary>
/// Weights by name that the networks of many architectures share (Pham et al. 2018): each is made when the first network asks for it, as that network alone would have drawn it, and is then the same tensor in
/// all. For one thread.
/// </summary>
/// <param name="device">Where they lie.</param>
/// <param name="isChannelsLast">As <see cref="Plan.IsChannelsLast"/> of the networks.</param>
/// <param name="random">The stream of the initial weights.</param>
public sealed class SharedWeights(Device device, bool isChannelsLast, RandomSource random) : IDisposable
{
    private readonly RandomSource _init = random.Split("init");
    private readonly Dictionary<string, Tensor> _all = [];
    private readonly List<(string Name, Parameter Parameter)> _trainable = [];

    /// <summary>Parameters and buffers that were asked for.</summary>
    public IReadOnlyDictionary<string, Tensor> All => _all;

    /// <summary>The parameters among them, in the order in which they were made.</summary>
    public IReadOnlyList<(string Name, Parameter Parameter)> Trainable => _trainable;

    /// <summary>The weights as they are to be written.</summary>
    internal IEnumerable<TensorEntry> Save() => _all.Select(pair => WeightFile.Entry(pair.Key, pair.Value));

    /// <summary>Makes a weight as it was written.</summary>
    internal void Load(SafetensorsFile file, string name)
    {
        using var _ = no_grad();
        using var value = WeightFile.Read(file, name);
        var isTrainable = !name.EndsWith(".running_mean", StringComparison.Ordinal) && !name.EndsWith(".running_var", StringComparison.Ordinal);
        Keep(name, isTrainable, (isChannelsLast && value.dim() == 4 ? value.contiguous(memory_format.channels_last) : value.clone()).to(device));
    }

    /// <exception cref="InvalidOperationException">Another network has a weight of another shape by that name.</exception>
    internal Tensor Of(WeightSpec spec)
    {
        if (!_all.TryGetValue(spec.Name, out var known))
        {
            using var _ = no_grad();
            return Keep(spec.Name, spec.IsTrainable, WeightInit.Draw(spec, _init, device, isChannelsLast));
        }

        return known.shape.SequenceEqual(spec.Shape)
            ? known
            : throw new InvalidOperationException($"'{spec.Name}' is [{string.Join(", ", known.shape)}] in one network and [{string.Join(", ", spec.Shape)}] in another.");
    }

    public void Dispose()
    {
        foreach (var weight in _all.Values)
        {
            weight.Dispose();
        }
    }

    private Tensor Keep(string name, bool isTrainable, Tensor value)
    {
        if (isTrainable)
        {
            var parameter = new Parameter(value);
            _trainable.Add((name, parameter));
            value = parameter;
        }

        value.DetachFromDisposeScope();
        return _all[name] = value;
    }
}
