using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using NasPlatform.Tests.Support;
using NasPlatform.Web;
using NasPlatform.Web.Artifacts;
using NasPlatform.Web.Jobs;
using NasPlatform.Web.Store;

namespace NasPlatform.Tests.Jobs;

public sealed class HousekeepingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_nothing_names_goes_when_it_is_a_day_old_and_the_rest_stays()
    {
        await using var fixture = await StoreFixture.CreateAsync(TestDatabase.Sqlite);
        var folders = new DataFolders(_folder.Path);
        var artifacts = new ArtifactStore(folders.Artifacts);
        var experiment = await fixture.AddExperimentAsync();
        var named = (await artifacts.WriteAsync(_folder.Write("a", "named"), Cancellation)).Sha256;
        var unnamed = (await artifacts.WriteAsync(_folder.Write("b", "unnamed"), Cancellation)).Sha256;
        await NameAsync(fixture.Store, experiment, named);
        var upload = Guid.NewGuid();
        _folder.Write($"uploads/{upload:N}", "abandoned");
        _folder.Write($"experiments/{experiment:N}/final.safetensors", "of a waiting one");
        var (over, fresh) = (Guid.NewGuid(), Guid.NewGuid());
        _folder.Write($"experiments/{over:N}/final.safetensors", "of a deleted one");
        Age(_folder.Path);
        _folder.Write($"experiments/{fresh:N}/final.safetensors", "of a deleted one that still runs");
        var housekeeping = new Housekeeping(fixture.Store, folders, TimeProvider.System, NullLogger<Housekeeping>.Instance);

        Assert.Equal(3, await housekeeping.TidyAsync(Cancellation));

        artifacts.Open(named).Dispose();
        Assert.Throws<FileNotFoundException>(() => artifacts.Open(unnamed));
        Assert.False(File.Exists(folders.Upload(upload)));
        Assert.Equal([true, false, true], new[] { experiment, over, fresh }.Select(id => Directory.Exists(folders.Experiment(id))));
        Assert.Equal(0, await housekeeping.TidyAsync(Cancellation));
    }

    private static void Age(string folder)
    {
        foreach (var entry in new DirectoryInfo(folder).GetFileSystemInfos("*", SearchOption.AllDirectories))
        {
            entry.LastWriteTimeUtc -= Housekeeping.Age + TimeSpan.FromMinutes(1);
        }
    }

    private static Task NameAsync(PlatformStore store, Guid experiment, string sha256) => store.WriteAsync(
        (context, _) =>
        {
            var model = new StoredModel
            {
                Id = Guid.NewGuid(),
                ExperimentId = experiment,
                Name = "m",
                TrialNumber = 1,
                Genotype = "g",
                TestScore = 1,
                ParameterCount = 1,
                MultiplyAdds = 1,
                Description = "{}",
                Parity = "{}",
                CreatedAt = TimeProvider.System.GetUtcNow(),
            };
            context.Models.Add(model);
            context.Artifacts.Add(new() { Id = Guid.NewGuid(), ModelId = model.Id, FileName = "a", Format = "onnx", Length = 5, Sha256 = sha256 });
            return Task.CompletedTask;
        },
        Cancellation);
}
