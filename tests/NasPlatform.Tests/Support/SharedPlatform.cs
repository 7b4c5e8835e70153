namespace NasPlatform.Tests.Support;

/// <summary>One platform for the tests of a class, started by the first that asks for it: <c>IClassFixture&lt;SharedPlatform&gt;</c>.</summary>
public sealed class SharedPlatform : IAsyncDisposable
{
    private PlatformFixture? _platform;

    /// <summary>Skips the test where the database is not to be had.</summary>
    public async Task<PlatformFixture> GetAsync(TestDatabase database) => _platform ??= await PlatformFixture.StartAsync(await database.CreateAsync());

    public ValueTask DisposeAsync() => _platform?.DisposeAsync() ?? ValueTask.CompletedTask;
}
