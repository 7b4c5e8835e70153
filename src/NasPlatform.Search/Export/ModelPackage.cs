using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using NasPlatform.Search.Networks;

namespace NasPlatform.Search.Export;

/// <summary>A trained model in a folder: <c>architecture.json</c>, <c>model.safetensors</c>, and whatever was exported beside them. All exports are made from it.</summary>
public sealed class ModelPackage : IDisposable
{
    public const string DescriptionFile = "architecture.json";

    public const string WeightsFile = "model.safetensors";

    private ModelPackage(string folder, ModelDescription description, SafetensorsFile weights)
    {
        Folder = folder;
        Description = description;
        Weights = weights;
    }

    /// <summary>The folder that holds the files, absolute.</summary>
    public string Folder { get; }

    public ModelDescription Description { get; }

    /// <summary>The opened weights: those of <see cref="WeightSpec"/> for every layer of the description's graph, float32.</summary>
    public SafetensorsFile Weights { get; }

    /// <summary>Opens a model and checks that it is whole.</summary>
    /// <param name="folder">A model's folder, or that of a finished run, which holds the model in <c>model/</c>.</param>
    /// <exception cref="UserErrorException">There is no model, or a part of it is missing or not what it should be; the message names it.</exception>
    public static ModelPackage Open(string folder)
    {
        folder = Find(Path.GetFullPath(folder));
        var description = ReadDescription(Path.Combine(folder, DescriptionFile));
        var weights = SafetensorsFile.Open(Path.Combine(folder, WeightsFile));
        try
        {
            foreach (var spec in description.Graph.Layers.SelectMany(WeightSpec.Of))
            {
                CheckWeight(weights, spec);
            }

            return new(folder, description, weights);
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Writes a model's weights and description. The description comes last: a folder in which the writing was cut off holds no model
    /// rather than half of one.
    /// </summary>
    /// <param name="folder">Made where it is missing.</param>
    /// <param name="description">The description.</param>
    /// <param name="weights">The tensor for each weight of the description's graph, under the weight's name, float32 and of its shape.</param>
    /// <exception cref="ArgumentException">A tensor is not what was asked for.</exception>
    /// <exception cref="UserErrorException">The description contradicts itself, or a file cannot be written.</exception>
    public static void Write(string folder, ModelDescription description, Func<WeightSpec, TensorEntry> weights)
    {
        try
        {
            description.Check();
        }
        catch (UserErrorException error)
        {
            throw new UserErrorException($"The model '{description.Name}' cannot be written: {error.Message}.", error);
        }

        var entries = description.Graph.Layers.SelectMany(WeightSpec.Of).Select(spec => Checked(weights(spec), spec)).ToList();
        try
        {
            Directory.CreateDirectory(folder);
            File.Delete(Path.Combine(folder, DescriptionFile));
            SafetensorsFile.Write(Path.Combine(folder, WeightsFile), entries, Metadata(description));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"The model cannot be written to {folder}: {error.Message}", error);
        }

        WholeFile.Write(Path.Combine(folder, DescriptionFile), stream => stream.Write(Encoding.UTF8.GetBytes(description.ToJson())));
    }

    /// <summary>A weight's numbers, row-major; valid until the package is disposed.</summary>
    public ReadOnlySpan<float> Values(WeightSpec weight) => MemoryMarshal.Cast<byte, float>(Weights.Bytes(weight.Name));

    public void Dispose() => Weights.Dispose();

    private static string Find(string folder)
    {
        foreach (var candidate in new[] { folder, Path.Combine(folder, "model") })
        {
            if (File.Exists(Path.Combine(candidate, DescriptionFile)))
            {
                return candidate;
            }
        }

        throw new UserErrorException(Directory.Exists(folder)
            ? $"{folder} holds no model: there is no {DescriptionFile} in it nor in its folder 'model'. Give the folder of a finished run or of a model."
            : $"There is no folder {folder}. Give the folder of a finished run or of a model.");
    }

    private static ModelDescription ReadDescription(string path)
    {
        try
        {
            return ModelDescription.FromJson(File.ReadAllText(path));
        }
        catch (Exception error) when (error is UserErrorException or JsonException)
        {
            throw new UserErrorException($"{path} is not a valid model description: {error.Message.TrimEnd('.')}.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{path} cannot be read: {error.Message}", error);
        }
    }

    private static void CheckWeight(SafetensorsFile file, WeightSpec spec)
    {
        if (!file.Contains(spec.Name))
        {
            throw new UserErrorException($"{file.Path} does not fit {DescriptionFile}: it has no tensor '{spec.Name}'.");
        }

        var info = file[spec.Name];
        if (info.Type != TensorType.F32 || !info.Shape.SequenceEqual(spec.Shape))
        {
            throw new UserErrorException(
                $"{file.Path} does not fit {DescriptionFile}: tensor '{spec.Name}' is {Text(info.Type, info.Shape)} and must be {Text(TensorType.F32, spec.Shape)}.");
        }
    }

    private static TensorEntry Checked(TensorEntry entry, WeightSpec spec) =>
        entry.Name == spec.Name && entry.Type == TensorType.F32 && entry.Shape.SequenceEqual(spec.Shape)
            ? entry
            : throw new ArgumentException(
                $"Weight '{spec.Name}' must be {Text(TensorType.F32, spec.Shape)}; given was '{entry.Name}', {Text(entry.Type, entry.Shape)}.");

    private static string Text(TensorType type, IReadOnlyList<long> shape) => $"{type} [{string.Join(", ", shape)}]";

    private static Dictionary<string, string> Metadata(ModelDescription description) => new()
    {
        // "pt" tells other readers that the tensors are laid out as PyTorch has them.
        ["format"] = "pt",
        ["model"] = description.Format,
        ["classes"] = JsonSerializer.Serialize(description.Classes),
        ["mean"] = JsonSerializer.Serialize(description.Input.Mean),
        ["std"] = JsonSerializer.Serialize(description.Input.Std),
    };
}
