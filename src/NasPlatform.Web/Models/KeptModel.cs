using NasPlatform.Search.Experiments;
using NasPlatform.Search.Export;
using NasPlatform.Web.Artifacts;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Models;

/// <summary>A written model whose files are in the artifact folder, and whose rows are still to be made.</summary>
/// <param name="Description">The text of architecture.json.</param>
/// <param name="Parity">Whether the exported ONNX agrees with what was measured.</param>
internal sealed record KeptModel(string Description, ParityCertificate Parity, IReadOnlyList<(string Name, string Sha256, long Length)> Files)
{
    /// <summary>Copies a model's files into the artifact folder.</summary>
    /// <param name="folder">Where they were written.</param>
    public static async Task<KeptModel> KeepAsync(ArtifactStore artifacts, string folder, ParityCertificate parity, CancellationToken cancellation)
    {
        var files = new List<(string Name, string Sha256, long Length)>();
        foreach (var path in Directory.GetFiles(folder).Order(StringComparer.Ordinal))
        {
            var (sha256, length) = await artifacts.WriteAsync(path, cancellation);
            files.Add((Path.GetFileName(path), sha256, length));
        }

        return new(await File.ReadAllTextAsync(Path.Join(folder, ModelPackage.DescriptionFile), cancellation), parity, files);
    }

    /// <summary>Adds the model's rows.</summary>
    /// <param name="score">On the test split, 0 to 1.</param>
    /// <param name="loss">On the test split.</param>
    public void AddTo(StoreContext context, StoredExperiment experiment, Trial winner, double score, double? loss, DateTimeOffset now)
    {
        var description = ModelDescription.FromJson(Description);
        var id = Guid.CreateVersion7(now);
        context.Models.Add(new()
        {
            Id = id,
            ExperimentId = experiment.Id,
            Name = experiment.Name,
            Task = description.Graph.Task.Kind,
            TrialNumber = winner.Number,
            Genotype = winner.Genotype,
            TestScore = score,
            TestLoss = Number64.Split(loss).Value,
            ParameterCount = description.ParameterCount,
            MultiplyAdds = description.MultiplyAdds,
            Description = Description,
            Parity = Parity.ToJson(),
            CreatedAt = now,
        });
        context.Artifacts.AddRange(Files.Select(file => new Artifact
        {
            Id = Guid.CreateVersion7(now),
            ModelId = id,
            FileName = file.Name,
            Format = FormatOf(file.Name),
            Length = file.Length,
            Sha256 = file.Sha256,
        }));
    }

    private static string FormatOf(string fileName) => fileName switch
    {
        "model.onnx" => "onnx",
        "model.safetensors" => "safetensors",
        "model.py" => "pytorch",
        ModelPackage.DescriptionFile => "json",
        "README.md" => "card",
        _ => "parity",
    };
}
