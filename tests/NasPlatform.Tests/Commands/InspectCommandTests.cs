using NasPlatform.Tests.Support;
using NasPlatform.Web.Commands;

namespace NasPlatform.Tests.Commands;

public sealed class InspectCommandTests : IDisposable
{
    private const string Cell = "|nor_conv_3x3~0|+|nor_conv_3x3~0|skip_connect~1|+|skip_connect~0|none~1|avg_pool_3x3~2|";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_line_of_the_input_is_answered_in_order()
    {
        var run = await NasRun.Of(_folder, ["inspect", "nasbench201", "--stdin"], $"{Cell}\nnonsense\n\n{Cell}\n");

        Assert.Equal(ExitCode.UserError, run.ExitCode);
        Assert.Equal([true, false, false, true], run.Json.Select(answer => answer.GetProperty("valid").GetBoolean()));
        Assert.Equal([1, 2, 3, 4], run.Json.Select(answer => answer.GetProperty("line").GetInt32()));
        Assert.Contains("nonsense", run.Json[1].GetProperty("reason").GetString());
        Assert.Equal(Cell, run.Json[3].GetProperty("genotype").GetString());
        Assert.Matches("^[0-9a-f]{32}$", run.Json[3].GetProperty("key").GetString());
        Assert.Empty(run.Error);
    }

    [Fact]
    public async Task Costs_are_those_that_NAS_Bench_201_publishes()
    {
        // Its documentation's example, for CIFAR-10: 0.802426 million parameters, 113.95137 million multiply-adds.
        var run = await NasRun.Of(_folder, ["inspect", "nasbench201", "|nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_3x3~1|skip_connect~2|"]);

        var answer = Assert.Single(run.Json);
        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.Equal(802_426, answer.GetProperty("parameters").GetInt64());
        Assert.Equal(113_951_370, answer.GetProperty("multiplyAdds").GetInt64());
    }

    [Fact]
    public async Task A_forward_pass_gives_finite_logits_of_the_output_s_shape()
    {
        var run = await NasRun.Of(_folder, ["space", "inspect", "nasbench201", "--set", "cells=1", "--task", "1x28x28/7", "--forward", Cell]);

        var answer = Assert.Single(run.Json);
        var forward = answer.GetProperty("forward");
        Assert.Equal([7], answer.GetProperty("output").EnumerateArray().Select(side => side.GetInt32()));
        Assert.Equal([2, 7], forward.GetProperty("shape").EnumerateArray().Select(side => side.GetInt32()));
        Assert.True(forward.GetProperty("finite").GetBoolean());
        Assert.Equal(answer.GetProperty("parameters").GetInt64(), forward.GetProperty("parameters").GetInt64());
    }

    [Fact]
    public async Task A_network_too_large_for_the_machine_is_refused_before_it_is_built()
    {
        var run = await NasRun.Of(_folder, ["inspect", "chain", "--set", "layers=1", "--set", "filters=4096", "--task", "3x16384x16384/10", "--forward", "7x7/1x1/4096"]);

        Assert.Equal(ExitCode.UserError, run.ExitCode);
        Assert.Matches("takes about [0-9.]+ GB and there are [0-9.]+ GB", run.Error);
    }

    [Fact]
    public async Task A_network_that_does_not_fit_the_images_is_invalid_and_the_layer_is_named()
    {
        var run = await NasRun.Of(_folder, ["inspect", "nasbench201", "--task", "3x1x1/10", Cell]);

        Assert.Equal(ExitCode.UserError, run.ExitCode);
        Assert.Contains("stage2", Assert.Single(run.Json).GetProperty("reason").GetString());
    }

    [Fact]
    public async Task Layers_are_shown_as_a_table_whose_sums_are_the_networks()
    {
        var run = await NasRun.Of(_folder, ["inspect", "chain", "--set", "layers=1", "--task", "1x8x8/4", "--layers", "3x3/1x1/24"]);

        Assert.Contains(run.Lines, line => line.Contains("layer1/conv", StringComparison.Ordinal) && line.Contains("conv 3x3 24", StringComparison.Ordinal) && line.Contains("24×8×8", StringComparison.Ordinal));
        Assert.EndsWith("parameters, 13,924 multiply-adds for one image.", run.Lines[^1]);
    }

    [Fact]
    public async Task Layers_are_JSON_when_asked_for()
    {
        var run = await NasRun.Of(_folder, ["inspect", "chain", "--set", "layers=1", "--task", "1x8x8/4", "--layers", "--json", "3x3/1x1/24"]);

        var conv = Assert.Single(run.Json, layer => layer.GetProperty("name").GetString() == "layer1/conv");
        Assert.Equal([24, 8, 8], conv.GetProperty("shape").EnumerateArray().Select(side => side.GetInt32()));
        Assert.Equal(216, conv.GetProperty("parameters").GetInt64());
    }

    [Fact]
    public async Task A_relaxed_network_tells_its_rows_and_its_cost()
    {
        var run = await NasRun.Of(_folder, ["space", "inspect", "darts", "--relaxed", "--task", "3x32x32/100"]);
        var forward = await NasRun.Of(_folder, ["inspect", "mobile", "--set", "cells=1", "--set", "width=0.1", "--relaxed", "--forward"]);

        var answer = Assert.Single(run.Json);
        Assert.Equal(224, answer.GetProperty("architectureParameters").GetInt32());
        Assert.Equal(1_953_748, answer.GetProperty("parameters").GetInt64()); // DARTS-K3
        Assert.Equal(("normal/node2/edge0", 8), (answer.GetProperty("alphas")[0].GetProperty("name").GetString(), answer.GetProperty("alphas")[0].GetProperty("options").GetInt32()));
        Assert.True(Assert.Single(forward.Json).GetProperty("forward").GetProperty("finite").GetBoolean());
    }

    [Fact]
    public async Task The_layers_of_a_relaxed_network_are_shown()
    {
        var run = await NasRun.Of(_folder, ["inspect", "darts", "--set", "cells=3", "--set", "nodes=1", "--relaxed", "--layers"]);
        Assert.Contains(run.Lines, line => line.Contains("cell1/node2/edge0/mix", StringComparison.Ordinal) && line.Contains("mix by normal/node2/edge0", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_space_without_a_relaxed_network_names_those_that_have_one()
    {
        var run = await NasRun.Of(_folder, ["inspect", "chain", "--relaxed"]);

        Assert.Equal(ExitCode.UserError, run.ExitCode);
        Assert.Contains("Space 'chain' has no relaxed network at these settings. Spaces that have one: darts, darts-rnn, mobile.", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("inspect chain --relaxed --stdin")]
    [InlineData("inspect chain")]
    [InlineData("inspect chain --stdin 3x3/1x1/24")]
    [InlineData("inspect")]
    [InlineData("inspect chain --task 3x32/10 x")]
    public async Task A_wrong_command_line_is_a_usage_error(string line)
    {
        var run = await NasRun.Of(_folder, line.Split(' '));

        Assert.Equal(ExitCode.UsageError, run.ExitCode);
        Assert.StartsWith("nas: ", run.Error);
    }
}
