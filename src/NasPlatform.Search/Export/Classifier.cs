using NasPlatform.Search.Networks;
using NasPlatform.Search.Training;
using NasPlatform.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Search.Export;

/// <summary>A trained model on a device, ready to classify images; they are normalised as in its training. For one thread at a time.</summary>
public sealed class Classifier : IDisposable
{
    private readonly Device _device;
    private readonly Network _network;
    private readonly Normalisation _normalisation;

    /// <param name="package">The model; not needed afterwards.</param>
    /// <param name="device">Where it is to run.</param>
    public Classifier(ModelPackage package, Device device)
    {
        Description = package.Description;
        _device = device;
        var graph = Description.Graph;
        _network = new(graph, device, MemoryFormatRule.PrefersChannelsLast(graph, device), new RandomSource(0));
        _network.Load(name => WeightFile.Read(package.Weights, name));
        _network.eval();
        _normalisation = new(Description.Input.Mean, Description.Input.Std, device);
    }

    public ModelDescription Description { get; }

    /// <summary>The logits of images, <c>float32 [count, classes]</c> on the device. Dispose them.</summary>
    /// <param name="images">Bytes, <c>[count, channels, height, width]</c> of the model's input.</param>
    /// <param name="count">How many.</param>
    public Tensor Logits(ReadOnlySpan<byte> images, int count)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var input = Description.Input;
        var bytes = empty([count, input.Channels, input.Height, input.Width], dtype: uint8);
        images.CopyTo(bytes.bytes);
        var normalised = _normalisation.Apply(bytes.to(_device));
        var arranged = _network.IsChannelsLast ? normalised.contiguous(memory_format.channels_last) : normalised;
        return _network.call(arranged).MoveToOuterDisposeScope();
    }

    /// <summary>The probability of each class for one image, in the order of the model's classes.</summary>
    /// <param name="image">Bytes, <c>[channels, height, width]</c> of the model's input.</param>
    public float[] Probabilities(ReadOnlySpan<byte> image) => Probabilities(image, 1);

    /// <summary>The probability of each class for each image, a row an image.</summary>
    /// <param name="images">Bytes, <c>[count, channels, height, width]</c> of the model's input.</param>
    /// <param name="count">How many.</param>
    public float[] Probabilities(ReadOnlySpan<byte> images, int count)
    {
        using var scope = NewDisposeScope();
        return Logits(images, count).softmax(1).cpu().data<float>().ToArray();
    }

    public void Dispose()
    {
        _network.Dispose();
        _normalisation.Dispose();
    }
}
