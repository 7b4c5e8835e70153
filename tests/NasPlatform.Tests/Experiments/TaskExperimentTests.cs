using NasPlatform.Search;
using NasPlatform.Search.Datasets;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Experiments;
using NasPlatform.Search.Export;
using NasPlatform.Search.Export.Onnx;
using NasPlatform.Search.Networks;
using NasPlatform.Tests.Support;
using TorchSharp;

namespace NasPlatform.Tests.Experiments;

/// <summary>From dataset to model, for every task that is not about images.</summary>
public sealed class TaskExperimentTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(TaskDatasets.Kinds), MemberType = typeof(TaskDatasets))]
    public async Task A_search_finds_a_model_that_learns_and_whose_exports_agree(TaskKind kind)
    {
        ExternalTool.RequireOnnxRuntimeNode();
        using var dataset = TaskDatasets.Open(_folder.Path, kind);

        var result = await RunAsync(dataset, "run");

        Assert.InRange(kind.Metric.Value(result.TestScore ?? 0), kind.Metric.IsCost ? 0 : 0.8, kind.Metric switch { Metric.Perplexity => 2.5, Metric.SquaredError => 0.4, _ => 1 });
        Assert.Equal(Parity.Agrees, result.Parity?.Parity);
        Assert.Equal(result.Parity?.Examples, result.Parity?.SamePredictions);
        if (kind != TaskKind.LanguageModelling)
        {
            Assert.Equal(result.TestScore ?? 0, result.Parity?.ExportedScore ?? 0, 1e-4);
        }

        using var package = ModelPackage.Open(result.ModelFolder!); // not null: there was a final training
        Assert.Equal(kind, package.Description.Task);
        Assert.All(ExportFormat.All, format => Assert.All(format.Write(package, _folder["exported"], TestContext.Current.CancellationToken), path => Assert.True(File.Exists(path))));
    }

    [Theory]
    [MemberData(nameof(TaskDatasets.Kinds), MemberType = typeof(TaskDatasets))]
    public async Task The_same_seed_gives_the_same_result(TaskKind kind)
    {
        using var dataset = TaskDatasets.Open(_folder.Path, kind);
        var first = await RunAsync(dataset, "first", trials: 2);
        var again = await RunAsync(dataset, "again", trials: 2);
        Assert.Equal((first.Winner.Genotype, first.TestScore, first.TestLoss), (again.Winner.Genotype, again.TestScore, again.TestLoss));
    }

    [Fact]
    public async Task A_space_that_makes_no_networks_for_the_data_is_refused_at_once()
    {
        using var dataset = TaskDatasets.Open(_folder.Path, TaskKind.TabularClassification);
        var spec = Spec(dataset, 2) with { Space = "nasbench201", SpaceSettings = new Dictionary<string, string>() };

        var error = await Assert.ThrowsAsync<UserErrorException>(() => RunAsync(dataset, "run", spec: spec));

        Assert.Contains("Space 'nasbench201' makes networks for image classification, not for tabular classification", error.Message, StringComparison.Ordinal);
        Assert.Contains("mlp", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(TaskDatasets.Kinds), MemberType = typeof(TaskDatasets))]
    public async Task The_exported_source_answers_as_the_network_does(TaskKind kind)
    {
        var python = ExternalTool.RequireTorchPython();
        using var dataset = TaskDatasets.Open(_folder.Path, kind);
        var result = await RunAsync(dataset, "run", trials: 1);
        using var package = ModelPackage.Open(result.ModelFolder!); // not null: there was a final training
        using var predictor = new Predictor(package, torch.CPU);
        using var given = GivenExamples.Of(dataset, GivenExamples.Indices(dataset, Split.Test).AsSpan(0, 8));
        using var answers = predictor.Answers(given);
        SafetensorsFile.Write(_folder["given.safetensors"], [WeightFile.Entry("given", given), WeightFile.Entry("answers", answers)], new Dictionary<string, string>());

        var difference = ExternalTool.Run(
            python, ExternalTool.Script("answer-pytorch.py"), result.ModelFolder!, _folder["given.safetensors"], kind.IsRegression ? "numbers" : "probabilities");

        Assert.InRange(double.Parse(difference, System.Globalization.CultureInfo.InvariantCulture), 0, 1e-5);
    }

    [Fact]
    public async Task A_language_model_goes_on_with_a_text_as_it_was_taught()
    {
        using var dataset = TaskDatasets.Open(_folder.Path, TaskKind.LanguageModelling);
        var result = await RunAsync(dataset, "run", trials: 1);
        using var package = ModelPackage.Open(result.ModelFolder!); // not null: there was a final training
        using var predictor = new Predictor(package, torch.CPU);
        var continuation = new TextContinuation(predictor);

        var text = Continue("cd", 0.05);

        Assert.Equal("cdeabcdeabcdea", text);
        Assert.Equal(Continue("ab", 2), Continue("ab", 2)); // by the seed alone
        Assert.Contains("does not know the character 'z'", Assert.Throws<UserErrorException>(() => Continue("az", 1)).Message, StringComparison.Ordinal);
        Assert.Contains("nothing to go on from", Assert.Throws<UserErrorException>(() => Continue("", 1)).Message, StringComparison.Ordinal);

        string Continue(string beginning, double temperature) => continuation.Continue(beginning, 12, temperature, new RandomSource(3), TestContext.Current.CancellationToken);
    }

    private static ExperimentSpec Spec(Dataset dataset, int trials)
    {
        var usual = UsualChoices.For(dataset.Report);
        return new()
        {
            Dataset = dataset.Name,
            Space = usual.Space,
            SpaceSettings = usual.SpaceSettings,
            Strategy = "random",
            Training = usual.Training with { BatchSize = Math.Min(16, usual.Training.BatchSize) },
            Fidelity = new(Math.Min(usual.Epochs, 8)),
            FinalEpochs = 12,
            Budget = new(Trials: trials),
        };
    }

    private async Task<ExperimentResult> RunAsync(Dataset dataset, string name, int trials = 4, ExperimentSpec? spec = null)
    {
        using var folder = ExperimentFolder.Create(_folder[name], spec ?? Spec(dataset, trials));
        return await new ExperimentRunner(folder, dataset, new ParityCheck(ExternalTool.NodePackages, TimeProvider.System), new Progress<ExperimentEvent>(), TimeProvider.System)
            .RunAsync(TestContext.Current.CancellationToken);
    }
}
