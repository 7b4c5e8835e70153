using NasPlatform.Search.Datasets;
using NasPlatform.Search.Experiments;
using NasPlatform.Search.Export;
using NasPlatform.Search.Export.Onnx;
using NasPlatform.Search.Spaces;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Export;

/// <summary>The certificate of a small model that was really trained.</summary>
public sealed class ParityCheckTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Dataset _dataset;
    private readonly FinalResult _trained;

    public ParityCheckTests()
    {
        _dataset = TinyDataset.Open(_folder.Path);
        _trained = Train("3x3/1x1/8", Model);
    }

    private string Model => _folder["model"];

    public void Dispose()
    {
        _dataset.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void An_export_agrees_with_the_network_that_was_trained()
    {
        ExternalTool.RequireOnnxRuntimeNode();

        var certificate = Check(ExternalTool.NodePackages);

        Assert.Equal(Parity.Agrees, certificate.Parity);
        Assert.StartsWith("onnxruntime-node ", certificate.Runtime);
        Assert.Equal((80, 80), (certificate.Examples, certificate.SamePredictions));
        Assert.Equal(_trained.TestScore, certificate.MeasuredScore);
        Assert.Equal(_trained.TestScore, certificate.ExportedScore);
        Assert.InRange(certificate.LargestDifference ?? 1, 0, ParityCertificate.Tolerance);
        Assert.Contains("all 80 test images", certificate.Summary);
        Assert.Equal(certificate, ParityCertificate.FromJson(File.ReadAllText(Path.Join(Model, ParityCertificate.FileName))));
    }

    [Fact]
    public void An_export_of_other_weights_differs()
    {
        ExternalTool.RequireOnnxRuntimeNode();
        Train("3x3/1x1/8", _folder["other"], seed: 2);
        File.Copy(Path.Join(_folder["other"], "model.onnx"), Path.Join(Model, "model.onnx"), overwrite: true);

        var certificate = Check(ExternalTool.NodePackages);

        Assert.Equal(Parity.Differs, certificate.Parity);
        Assert.InRange(certificate.LargestDifference ?? 0, ParityCertificate.Tolerance, 1);
        Assert.Contains("more than is allowed", certificate.Summary);
    }

    [Fact]
    public void A_file_that_cannot_be_run_is_not_certified_and_the_reason_is_one_line()
    {
        ExternalTool.RequireOnnxRuntimeNode();
        File.WriteAllText(Path.Join(Model, "model.onnx"), "no model");

        var certificate = Check(ExternalTool.NodePackages);

        Assert.Equal((Parity.NotChecked, null), (certificate.Parity, certificate.ExportedScore));
        Assert.StartsWith("The exported ONNX was not run here: ONNX Runtime ended early: Error: ", certificate.Summary);
        Assert.DoesNotContain('\n', certificate.Summary);
    }

    [Fact]
    public void Without_the_runtime_it_says_so()
    {
        var certificate = Check(_folder["nowhere"]);

        Assert.Equal((Parity.NotChecked, 0), (certificate.Parity, certificate.Examples));
        Assert.Contains("onnxruntime-node is not installed", certificate.Summary);
        Assert.True(File.Exists(Path.Join(Model, ParityCertificate.FileName)));
    }

    [Fact]
    public void A_check_can_be_cancelled()
    {
        ExternalTool.RequireOnnxRuntimeNode();
        Assert.ThrowsAny<OperationCanceledException>(() =>
            new ParityCheck(ExternalTool.NodePackages, TimeProvider.System).Run(Model, _dataset, "cpu", new CancellationToken(canceled: true)));
    }

    private ParityCertificate Check(string modules) =>
        new ParityCheck(modules, TimeProvider.System).Run(Model, _dataset, "cpu", TestContext.Current.CancellationToken);

    private FinalResult Train(string text, string modelFolder, ulong seed = 1)
    {
        var settings = new Dictionary<string, string> { ["layers"] = "1", ["filters"] = "8,16" };
        var space = SearchSpaceCatalog.Create("chain", settings);
        var genotype = space.Parse(text);
        var spec = new ExperimentSpec
        {
            Dataset = _dataset.Name,
            SpaceSettings = settings,
            FinalEpochs = 2,
            Training = new() { BatchSize = 32, LearningRate = 0.05 },
            Seed = seed,
        };
        var winner = new Trial
        {
            Number = 1,
            Genotype = text,
            Decisions = genotype.ToDictionary(),
            Key = space.Key(genotype).Value,
            State = TrialState.Completed,
            ProposedAt = default,
        };
        return new FinalTraining(spec, _dataset, TimeProvider.System).Run(
            winner, 1, null, _folder[$"{seed}.safetensors"], modelFolder, new Progress<ExperimentEvent>(), TestContext.Current.CancellationToken);
    }
}
