using System.CommandLine;
using System.Text.Json;
using NasPlatform.Search.Experiments;
using NasPlatform.Search.Training;
using NasPlatform.Search.Training.Examples;
using NasPlatform.Tests.Support;
using NasPlatform.Web.Commands.Searching;
using NasPlatform.Web.Experiments;

namespace NasPlatform.Tests.Experiments;

public sealed class TerminalCommandTests
{
    public static TheoryData<ExperimentSpec> Specs => new(
        new ExperimentSpec { Dataset = "textures" },
        new ExperimentSpec
        {
            Dataset = "textures",
            Space = "nasbench201",
            SpaceSettings = new Dictionary<string, string> { ["cells"] = "1" },
            Architecture = "|nor_conv_3x3~0|+|none~0|none~1|+|nor_conv_1x1~0|none~1|none~2|",
            Tune = new Dictionary<string, string> { ["learning_rate"] = "0.01,0.1", ["schedule"] = "" },
            Strategy = "evolution",
            StrategySettings = new Dictionary<string, string> { ["population"] = "20" },
            Fidelity = new(3, 0.25),
            Budget = new(null, 12.5),
            FinalEpochs = 100,
            Parallelism = 2,
            Threads = 2,
            Seed = 18_446_744_073_709_551_615,
            Training = new() { BatchSize = 64, Optimizer = OptimizerKind.Rmsprop, LearningRate = 0.02, Schedule = ScheduleKind.Step, GradientClip = 0.5, LabelSmoothing = 0.1, Precision = Precision.BFloat16, Augmentation = new(2, false, 8) },
        });

    [Theory]
    [MemberData(nameof(Specs))]
    public void The_command_makes_the_same_spec_again(ExperimentSpec spec)
    {
        using var folder = new TemporaryFolder();
        using var dataset = TinyDataset.Open(folder.Path);
        var options = new SearchOptions();
        var command = new Command("search");
        options.AddTo(command);

        var parsed = new RootCommand { command }.Parse([.. TerminalCommand.Arguments(spec)]);

        Assert.Empty(parsed.Errors);
        Assert.Equal(JsonSerializer.Serialize(spec, ExperimentFolder.Json), JsonSerializer.Serialize(options.New(parsed, dataset, cores: 4), ExperimentFolder.Json));
    }

    [Fact]
    public void Words_that_a_shell_would_split_are_quoted() =>
        Assert.Contains("--dataset 'my pictures'", TerminalCommand.Of(new() { Dataset = "my pictures" }), StringComparison.Ordinal);
}
