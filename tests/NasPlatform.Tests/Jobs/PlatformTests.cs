using Microsoft.EntityFrameworkCore;
using NasPlatform.Search.Export;
using NasPlatform.Tests.Support;
using NasPlatform.Web.Artifacts;
using NasPlatform.Web.Store;

namespace NasPlatform.Tests.Jobs;

public sealed class PlatformTests
{
    [Fact]
    public async Task An_experiment_goes_from_start_to_a_certified_model()
    {
        await using var platform = await PlatformFixture.StartAsync();

        var id = await platform.BeginAsync();
        var experiment = await platform.WaitForAsync(id, ExperimentState.Completed);

        Assert.Equal((4, 4, 2), (experiment.TrialCount, experiment.EndedCount, experiment.FinalEpochs));
        await using var context = platform.Store.Open();
        var model = await context.Models.SingleAsync(model => model.ExperimentId == id, TestContext.Current.CancellationToken);
        Assert.Equal(experiment.TestAccuracy, model.TestAccuracy);
        Assert.NotEqual(Parity.Differs, ParityCertificate.FromJson(model.Parity).Parity);
        var files = await context.Artifacts.Where(artifact => artifact.ModelId == model.Id).ToListAsync(TestContext.Current.CancellationToken);
        Assert.Subset(files.Select(file => file.FileName).ToHashSet(), new HashSet<string> { "model.onnx", "model.py", "model.safetensors", "architecture.json", "README.md" });
        Assert.All(files, file =>
        {
            using var stored = platform.Get<ArtifactStore>().Open(file.Sha256);
            Assert.Equal(file.Length, stored.Length);
        });
    }
}
