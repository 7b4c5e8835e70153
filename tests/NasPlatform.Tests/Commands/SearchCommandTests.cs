using System.Text.Json;
using NasPlatform.Tests.Support;
using NasPlatform.Web.Commands;

namespace NasPlatform.Tests.Commands;

/// <summary>The program from a dataset to a model, on a dataset that a small network learns in seconds.</summary>
public sealed class SearchCommandTests : IDisposable
{
    private static readonly string[] Small =
    [
        "--set", "layers=2", "--set", "kernels=1,3", "--set", "strides=1,2", "--set", "filters=8,16", "--batch-size", "16", "--no-flip", "--crop", "0",
        "--threads", "1", "--parallel", "1", "--seed", "3",
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_search_ends_with_a_model_that_measures_as_reported()
    {
        await AddBars();

        var search = await Search("run", "--trials", "3", "--final-epochs", "3", "--json");

        Assert.Equal((ExitCode.Done, ""), (search.ExitCode, search.Error));
        var events = search.Json.Select(told => told.GetProperty("event").GetString()).ToList();
        Assert.Equal("search_started", events[0]);
        Assert.Equal(3, events.Count(name => name == "trial_started"));
        Assert.Equal(3, events.Count(name => name == "trial_ended"));
        Assert.Equal(3, events.Count(name => name == "strategy_told"));
        Assert.Equal("final_started", events.Single(name => name == "final_started"));
        Assert.Equal("finished", events[^1]);
        var result = search.Json[^1].GetProperty("result");
        var reported = result.GetProperty("testScore").GetDouble();
        Assert.InRange(reported, 0.5, 1);
        Assert.NotEqual("Differs", result.GetProperty("parity").GetProperty("parity").GetString());
        Assert.True(File.Exists(_folder["run/model/parity.json"]));

        var evaluation = Assert.Single((await Run("evaluate", "run", "--dataset", "bars", "--threads", "1", "--json")).Json);
        Assert.Equal(reported, evaluation.GetProperty("score").GetDouble());
        Assert.Equal(result.GetProperty("testLoss").GetDouble(), evaluation.GetProperty("loss").GetDouble(), 5);
        Assert.Equal(80, evaluation.GetProperty("images").GetInt32());
        Assert.Equal(4, evaluation.GetProperty("classes").GetArrayLength());

        await CheckPredictions();
        await CheckExports();
        await CheckDataThatDoNotFit();
    }

    [Fact]
    public async Task In_a_pipe_a_line_tells_of_each_trial_and_of_the_result()
    {
        await AddBars();

        var search = await Search("run", "--trials", "2", "--final-epochs", "1");

        Assert.Equal((ExitCode.Done, ""), (search.ExitCode, search.Error));
        Assert.Equal("run: run", search.Lines[0]);
        Assert.StartsWith("searching bars: space chain, strategy reinforce, seed 3, 2 trials of 1 epoch, 1 at a time", search.Lines[1]);
        Assert.Equal(2, search.Lines.Count(line => line.StartsWith("trial ", StringComparison.Ordinal)));
        Assert.Single(search.Lines, line => line.StartsWith("final epoch 1 of 1: loss ", StringComparison.Ordinal));
        Assert.Single(search.Lines, line => line.StartsWith("Winner: trial ", StringComparison.Ordinal));
        Assert.Single(search.Lines, line => line.StartsWith("  export        ", StringComparison.Ordinal) && line.Contains("ONNX", StringComparison.Ordinal));
        Assert.Contains("  nas evaluate run --dataset bars", search.Lines);
        Assert.DoesNotContain('\e', search.Output);
    }

    [Fact]
    public async Task An_interrupted_search_is_kept_and_goes_on_as_it_would_have_gone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs signals");
        await AddBars();
        string[] budget = ["--trials", "8", "--epochs", "2", "--final-epochs", "0"];
        var whole = await Search("whole", [.. budget, "--json"]);
        Assert.Equal(ExitCode.Done, whole.ExitCode);

        var interrupted = await NasRun.InterruptedWhen(
            line => line.StartsWith("{\"event\":\"trial_ended\",\"trial\":{\"number\":2,", StringComparison.Ordinal),
            _folder,
            ["search", "--dataset", "bars", "--out", "parts", .. budget, .. Small, "--json"]);
        Assert.Equal(ExitCode.Interrupted, interrupted.ExitCode);
        Assert.Matches(@"^nas: Stopped; [2-7] trials are kept in parts\.\nnas: To go on: nas search --resume --out parts\n$", interrupted.Error);

        var resumed = await Run("search", "--resume", "--out", "parts", "--json");
        Assert.Equal(ExitCode.Done, resumed.ExitCode);
        Assert.InRange(resumed.Json[0].GetProperty("resumed").GetInt32(), 2, 7);
        Assert.Equal(Trials("whole"), Trials("parts"));
        Assert.Equal(
            whole.Json[^1].GetProperty("result").GetProperty("winner").GetProperty("number").GetInt32(),
            resumed.Json[^1].GetProperty("result").GetProperty("winner").GetProperty("number").GetInt32());
    }

    [Fact]
    public async Task An_experiment_that_goes_on_may_have_a_larger_budget_and_nothing_else()
    {
        await AddBars();
        Assert.Equal(ExitCode.Done, (await Search("run", "--trials", "2", "--final-epochs", "0")).ExitCode);

        var otherSeed = await Run("search", "--resume", "--out", "run", "--seed", "4", "--trials", "4");
        var smaller = await Run("search", "--resume", "--out", "run", "--trials", "1");
        var again = await Search("run", "--trials", "2");
        var larger = await Run("search", "--resume", "--out", "run", "--dataset", "bars", "--seed", "3", "--trials", "4", "--json");

        Assert.Equal(ExitCode.UserError, otherSeed.ExitCode);
        Assert.Contains("another seed", otherSeed.Error);
        Assert.Equal(ExitCode.UserError, smaller.ExitCode);
        Assert.Contains("can only grow", smaller.Error);
        Assert.Equal(ExitCode.UserError, again.ExitCode);
        Assert.Contains("holds an experiment already", again.Error);
        Assert.Equal(ExitCode.Done, larger.ExitCode);
        Assert.Equal(4, Trials("run").Count);
    }

    [Theory]
    [InlineData("--trials 0", "The budget is 0 trials; it must be at least 1.")]
    [InlineData("--minutes 0", "The budget is 0 minutes; it must be above 0.")]
    [InlineData("--space chian", "There is no space 'chian'. Did you mean 'chain'? Known: ")]
    [InlineData("--strategy randon", "There is no strategy 'randon'. Did you mean 'random'? Known: random, ")]
    [InlineData("--strategy random --strategy-set population=3", "has no setting 'population'")]
    [InlineData("--learning-rate -1", "The learning rate is -1; it must be above 0, at most 100.")]
    [InlineData("--device cuba", "'cuba' is not a device")]
    public async Task What_cannot_be_is_refused_before_anything_is_written(string options, string message)
    {
        await AddBars();

        var run = await Run(["search", "--dataset", "bars", "--out", "run", .. options.Split(' ')]);

        Assert.Equal(ExitCode.UserError, run.ExitCode);
        Assert.StartsWith("nas: ", run.Error);
        Assert.Contains(message, run.Error);
        Assert.DoesNotContain("   at ", run.Error);
        Assert.False(Directory.Exists(_folder["run"]));
    }

    [Fact]
    public async Task A_space_that_does_not_fit_the_images_leaves_no_model_and_the_layer_is_named()
    {
        TinyDataset.WriteIdx(_folder["idx"]);
        Assert.Equal(ExitCode.Done, (await Run("dataset", "add", "idx", "--name", "dots", "--size", "1")).ExitCode);

        var run = await Run("search", "--dataset", "dots", "--space", "nasbench201", "--set", "cells=1", "--trials", "2", "--threads", "1", "--out", "run");

        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.Contains("None of 2 trials completed", run.Error);
        Assert.Contains("stage2", run.Error);
    }

    [Fact]
    public async Task A_space_that_does_not_suit_the_data_is_refused_and_leaves_nothing()
    {
        await AddBars();

        var run = await Search("unsuited", "--space", "conv1d", "--trials", "1");

        Assert.Equal(ExitCode.UserError, run.ExitCode);
        Assert.Contains("Space 'conv1d' makes networks for sequence classification, forecasting, not for image classification", run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["unsuited"]));
    }

    private async Task CheckPredictions()
    {
        using (var data = new NasPlatform.Search.Datasets.DatasetCatalog(_folder["data"]).Open("bars"))
        {
            _folder.Write("bar.png", NasPlatform.Search.Datasets.Images.ImageDecoder.Encode(data.Image(0), 8, 8, 1, ".png"));
        }

        _folder.Write("broken.png", [1, 2, 3]);
        var run = await Run("predict", "run/model", "bar.png", "broken.png", "missing.png", "bar.png", "--top", "2", "--json");

        Assert.Equal(ExitCode.UserError, run.ExitCode);
        Assert.Equal(["bar.png", "broken.png", "missing.png", "bar.png"], run.Json.Select(line => line.GetProperty("given").GetString()));
        Assert.Contains("no such file", run.Json[2].GetProperty("error").GetString());
        var predictions = run.Json[0].GetProperty("predictions");
        Assert.Equal(2, predictions.GetArrayLength());
        Assert.InRange(predictions[0].GetProperty("probability").GetDouble(), predictions[1].GetProperty("probability").GetDouble(), 1);
    }

    private async Task CheckExports()
    {
        var run = await Run("export", "run", "--format", "all", "--out", "elsewhere");

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.All(["model.onnx", "model.safetensors", "model.py", "architecture.json", "README.md"], name => Assert.True(File.Exists(_folder[$"elsewhere/{name}"])));
        Assert.Equal(5, run.Lines.Count);
        Assert.Equal(ExitCode.UsageError, (await Run("export", "run", "--format", "tflite")).ExitCode);
    }

    private async Task CheckDataThatDoNotFit()
    {
        await Run("dataset", "add", "idx", "--name", "larger", "--size", "9");
        var folders = Directory.CreateDirectory(_folder["folders"]).FullName;
        foreach (var (index, name) in new[] { "cat", "dog", "1" }.Index())
        {
            Directory.CreateDirectory(Path.Join(folders, name));
            for (var image = 0; image < 4; image++)
            {
                TinyPng.Write(Path.Join(folders, name, $"{image}.png"), 1, 8, 8, [.. Enumerable.Repeat((byte)((60 * index) + image), 64)]);
            }
        }

        Assert.Equal(ExitCode.Done, (await Run("dataset", "add", "folders", "--name", "animals")).ExitCode);

        var larger = await Run("evaluate", "run", "--dataset", "larger");
        var animals = await Run("evaluate", "run", "--dataset", "animals");
        var nothing = await Run("evaluate", "idx", "--dataset", "bars");

        Assert.Equal((ExitCode.UserError, ExitCode.UserError, ExitCode.UserError), (larger.ExitCode, animals.ExitCode, nothing.ExitCode));
        Assert.Contains("1×8×8", larger.Error);
        Assert.Contains("--size 8x8 --channels 1", larger.Error);
        Assert.Contains("2 classes that the model does not know: cat, dog.", animals.Error);
        Assert.Contains("holds no model", nothing.Error);
    }

    /// <summary>What was tried and what came of it, by number.</summary>
    private List<(int, string?, double)> Trials(string run) =>
    [
        .. File.ReadLines(_folder[$"{run}/trials.jsonl"]).Select(line => JsonDocument.Parse(line).RootElement)
            .Where(trial => trial.GetProperty("state").GetString() == "Completed")
            .OrderBy(trial => trial.GetProperty("number").GetInt32())
            .Select(trial => (trial.GetProperty("number").GetInt32(), trial.GetProperty("genotype").GetString(), trial.GetProperty("evaluation").GetProperty("score").GetDouble())),
    ];

    private async Task AddBars()
    {
        TinyDataset.WriteIdx(_folder["idx"]);
        var run = await Run("dataset", "add", "idx", "--name", "bars");
        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
    }

    private Task<NasRun> Search(string output, params string[] options) => Run(["search", "--dataset", "bars", "--out", output, .. Small, .. options]);

    private Task<NasRun> Run(params string[] arguments) => NasRun.Of(_folder, arguments);
}
