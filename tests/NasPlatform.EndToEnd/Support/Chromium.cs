using Microsoft.Playwright;

namespace NasPlatform.EndToEnd.Support;

/// <summary>Debian's Chromium, headless. Tests that need it are skipped where it is not installed.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private const string Path = "/usr/bin/chromium";

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public static bool IsThere => File.Exists(Path);

    public async ValueTask InitializeAsync()
    {
        if (IsThere)
        {
            _playwright = await Playwright.CreateAsync();
            _browser = await _playwright.Chromium.LaunchAsync(new()
            {
                ExecutablePath = Path,
                Args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-quic", "--no-first-run", "--disable-component-update", "--disable-sync"],
            });
        }
    }

    /// <summary>A person's browser: nobody's cookies but theirs.</summary>
    /// <param name="state">The cookies of another context, to go on as the same person.</param>
    public async Task<IBrowserContext> OpenAsync(Uri address, int width = 1440, int height = 900, ColorScheme scheme = ColorScheme.Light, string? state = null)
    {
        Assert.SkipUnless(IsThere, "needs Debian's chromium");
        var context = await _browser!.NewContextAsync(new() // not null: it was launched, see the line above
        {
            BaseURL = address.ToString(),
            ViewportSize = new() { Width = width, Height = height },
            ColorScheme = scheme,
            AcceptDownloads = true,
            StorageState = state,
        });
        context.SetDefaultTimeout(60_000);
        Assertions.SetDefaultExpectTimeout(60_000); // patience costs nothing where all is well
        return context;
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }
}
