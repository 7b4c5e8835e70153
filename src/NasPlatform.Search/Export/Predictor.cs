using NasPlatform.Search.Networks;
using NasPlatform.Search.Training;
using NasPlatform.Search.Training.Examples;
using NasPlatform.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Search.Export;

/// <summary>A trained model on a device, ready to answer; examples are normalised as in its training. For one thread at a time.</summary>
public sealed class Predictor : IDisposable
{
    private readonly Device _device;
    private readonly Normalisation? _normalisation;
    private readonly Tensor? _outputStd;
    private readonly Tensor? _outputMean;

    /// <param name="package">The model; not needed afterwards.</param>
    /// <param name="device">Where it is to run.</param>
    public Predictor(ModelPackage package, Device device)
    {
        Description = package.Description;
        _device = device;
        var graph = Description.Graph;
        Network = new(graph, device, new RandomSource(0));
        Network.Load(name => WeightFile.Read(package.Weights, name));
        Network.eval();
        var input = Description.Input;
        _normalisation = Description.Task switch
        {
            TaskKind.ImageClassification => Normalisation.OfBytes(input.Mean, input.Std, device),
            TaskKind.LanguageModelling => null,
            _ => Normalisation.OfValues(input.Mean, input.Std, graph.Task.Input, device),
        };
        if (Description.Output is { } output)
        {
            (_outputMean, _outputStd) = (PerNumber(output.Mean), PerNumber(output.Std));

            Tensor PerNumber(IEnumerable<double> values)
            {
                using var numbers = tensor([.. values.SelectMany(value => Enumerable.Repeat((float)value, Math.Max(1, output.Horizon)))]);
                return numbers.to(device);
            }
        }
    }

    public ModelDescription Description { get; }

    /// <summary>Where it runs.</summary>
    public Device Device => _device;

    /// <summary>What runs, in evaluation.</summary>
    public Network Network { get; }

    /// <summary>What the network gives: logits <c>[n, classes]</c> or <c>[n, steps, vocabulary]</c>, or numbers in deviations <c>[n, numbers]</c>, on the device. Dispose it.</summary>
    /// <param name="examples">As <see cref="GivenExamples"/> has them, <c>[n, ...]</c>, on any device.</param>
    public Tensor Outputs(Tensor examples)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var here = examples.to(_device);
        var normalised = _normalisation?.Apply(here) ?? here;
        return Network.call(normalised).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// What people want: the probabilities of classes or tokens, <c>[n, classes]</c> or <c>[n, steps, vocabulary]</c>; or the numbers in the data's unit, <c>[n, numbers]</c>. On the CPU; dispose it.
    /// </summary>
    /// <param name="examples">As for <see cref="Outputs"/>.</param>
    public Tensor Answers(Tensor examples)
    {
        using var scope = NewDisposeScope();
        var outputs = Outputs(examples);
        var answers = _outputStd is null ? outputs.softmax(-1) : (outputs * _outputStd) + _outputMean!; // not null: both or neither
        return answers.cpu().contiguous().MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        Network.Dispose();
        _normalisation?.Dispose();
        _outputMean?.Dispose();
        _outputStd?.Dispose();
    }
}
