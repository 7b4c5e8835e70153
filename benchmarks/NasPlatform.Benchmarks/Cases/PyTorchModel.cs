using NasPlatform.Search.Export;
using NasPlatform.Search.Networks;

namespace NasPlatform.Benchmarks.Cases;

/// <summary>A network as a PyTorch user would have it: the model that our exporter writes.</summary>
internal static class PyTorchModel
{
    /// <summary>Writes <c>model.py</c> and <c>model.safetensors</c>, with the network's weights as they are.</summary>
    /// <param name="mean">Of each channel of images of 0 to 1.</param>
    /// <param name="std">Likewise.</param>
    public static void Write(string folder, Network network, double[] mean, double[] std)
    {
        ModelPackage.Write(folder, Describe(network, mean, std), weight => WeightFile.Entry(weight.Name, network.Weights[weight.Name]));
        using var package = ModelPackage.Open(folder);
        ExportFormat.PyTorch.Write(package, folder);
    }

    private static ModelDescription Describe(Network network, double[] mean, double[] std)
    {
        var graph = network.Graph.WithoutZeros();
        var task = graph.Task;
        return new()
        {
            Name = "benchmark",
            Classes = [.. Enumerable.Range(0, task.Outputs).Select(number => $"class {number}")],
            Input = task.Kind == TaskKind.LanguageModelling ? new(task.Channels, task.Height, task.Width, null, [], []) : new(task.Channels, task.Height, task.Width, "crop", mean, std),
            Architecture = new("benchmark", new Dictionary<string, string>(), "", new Dictionary<string, int>(), ArchitectureKey.Of(graph).Value),
            Dataset = new("benchmark", 0, 0, 0),
            Search = new("none", new Dictionary<string, string>(), 0),
            Training = new(0, 0, "none", 0, 0, "none", 1, 0, 0, 0, "cpu"),
            Metrics = new(null, 0, 0, task.Kind.IsClassification ? new double?[task.Outputs] : [], 0),
            ProgramVersion = "benchmark",
            CreatedAt = DateTimeOffset.UnixEpoch,
            Graph = graph,
        };
    }
}
