using System.Text;
using Google.Protobuf;
using NasPlatform.Search.Export.Onnx;
using NasPlatform.Search.Export.PyTorch;

namespace NasPlatform.Search.Export;

/// <summary>A form in which a model leaves the program.</summary>
public sealed class ExportFormat
{
    /// <summary>The weights under the layers' names.</summary>
    public static readonly ExportFormat Safetensors = new("safetensors", "Weights by name, float32, in PyTorch's layout", CopyWeights);

    /// <summary>The network for any ONNX runtime; see <see cref="OnnxExporter"/>.</summary>
    public static readonly ExportFormat Onnx = new("onnx", "The network for any ONNX runtime, normalisation and softmax inside", package =>
    {
        var model = OnnxExporter.Export(package);
        return new("model.onnx", stream => model.WriteTo(stream));
    });

    /// <summary>The network as Python source, with the weights that it loads; see <see cref="PyTorchExporter"/>.</summary>
    public static readonly ExportFormat PyTorch = new(
        "pytorch", "The network as readable, trainable PyTorch source, and its weights", package => Text("model.py", PyTorchExporter.Source(package.Description)), CopyWeights);

    /// <summary>The architecture and everything that is known about the model.</summary>
    public static readonly ExportFormat Json = new(
        "json", "The architecture and all facts about the model", package => Text(ModelPackage.DescriptionFile, package.Description.ToJson()));

    /// <summary>The model card for people.</summary>
    public static readonly ExportFormat Card = new(
        "card", "The model card: data, architecture, metrics, how to run it", package => Text("README.md", ModelCard.Text(package.Description)));

    private readonly Func<ModelPackage, ExportedFile>[] _files;

    private ExportFormat(string name, string summary, params Func<ModelPackage, ExportedFile>[] files)
    {
        Name = name;
        Summary = summary;
        _files = files;
    }

    public static IReadOnlyList<ExportFormat> All { get; } = [Safetensors, Onnx, PyTorch, Json, Card];

    /// <summary>The name by which it is asked for.</summary>
    public string Name { get; }

    /// <summary>One line for people.</summary>
    public string Summary { get; }

    /// <summary>Why a network that mixes operations is not exported.</summary>
    internal static UserErrorException OfMixture(string layer) =>
        new($"Layer '{layer}' mixes operations by architecture parameters, which only a search does; export the network of the genotype that is read off them.");

    /// <exception cref="UserErrorException">There is no such format; the message lists those there are.</exception>
    public static ExportFormat Named(string name) =>
        All.FirstOrDefault(format => format.Name == name) ?? throw NearestName.Unknown("export format", name, [.. All.Select(format => format.Name)]);

    /// <summary>Writes every format to a folder, which may be the package's own, and returns the paths.</summary>
    /// <exception cref="UserErrorException">A file cannot be written.</exception>
    public static IReadOnlyList<string> WriteAll(ModelPackage package, string folder, CancellationToken cancellation = default) =>
        [.. All.SelectMany(format => format.Write(package, folder, cancellation)).Distinct()];

    /// <summary>Writes this format's files to a folder, which may be the package's own, and returns their paths.</summary>
    /// <exception cref="UserErrorException">A file cannot be written.</exception>
    public IReadOnlyList<string> Write(ModelPackage package, string folder, CancellationToken cancellation = default)
    {
        var paths = new List<string>();
        foreach (var make in _files)
        {
            cancellation.ThrowIfCancellationRequested();
            var file = make(package);
            var path = Path.Combine(Path.GetFullPath(folder), file.Name);
            if (path != package.Weights.Path)
            {
                WholeFile.Write(path, file.WriteTo);
            }

            paths.Add(path);
        }

        return paths;
    }

    private static ExportedFile CopyWeights(ModelPackage package) => new(ModelPackage.WeightsFile, target =>
    {
        using var source = File.OpenRead(package.Weights.Path);
        source.CopyTo(target);
    });

    private static ExportedFile Text(string name, string text) => new(name, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    private sealed record ExportedFile(string Name, Action<Stream> WriteTo);
}
