using System.Runtime.InteropServices;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Spaces.Eas;
using TorchSharp;

namespace NasPlatform.Search.Evaluation;

/// <summary>The weights of a start network, kept in a file, from which those of networks that were grown from it are made (<see cref="EasSpace.Transform"/>).</summary>
/// <param name="space">In which it was grown.</param>
/// <param name="task">What is learnt.</param>
/// <param name="path">The file.</param>
internal sealed class StartWeights(EasSpace space, TaskShape task, string path)
{
    private const string Start = "start";

    /// <summary>Whether a start network has been trained.</summary>
    public bool AreThere => File.Exists(path);

    /// <summary>Keeps what a start network has learnt, whole or not at all.</summary>
    public void Save(Genotype start, Network network)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!); // not null: it is a file's
        SafetensorsFile.Write(path, network.Weights.Select(pair => WeightFile.Entry(pair.Key, pair.Value)), new Dictionary<string, string> { [Start] = space.Format(start) });
    }

    /// <summary>Puts into a network what makes it compute what the start network computes, but for the noise that lets copies learn to differ.</summary>
    /// <param name="genotype">Grown from the start.</param>
    /// <param name="network">Its network.</param>
    /// <param name="images">A batch, normalised, <c>[batch, channels, height, width]</c>.</param>
    /// <param name="random">Which units are copied, and the noise.</param>
    /// <exception cref="UserErrorException">The architecture cannot be grown from the start.</exception>
    public void Grow(Genotype genotype, Network network, torch.Tensor images, RandomSource random)
    {
        using var file = SafetensorsFile.Open(path);
        var parent = space.Parse(file.Metadata[Start]);
        var graph = space.Build(parent, task);
        var grown = new TrainedNetwork(graph, graph.Layers.SelectMany(WeightSpec.Of).ToDictionary(spec => spec.Name, spec => MemoryMarshal.Cast<byte, float>(file.Bytes(spec.Name)).ToArray()));
        foreach (var (step, child) in space.Way(parent, genotype).Index())
        {
            grown = space.Transform(grown, parent, child, random.Split("step", step), images: images);
            parent = child;
        }

        grown.CopyTo(network);
    }
}
