using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using NasPlatform.EndToEnd.Support;
using NasPlatform.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace NasPlatform.EndToEnd;

/// <summary>A table of one's own in a real browser: imported, searched by two strategies, looked at again by its address.</summary>
[Collection(OneAtATime.Name)]
public sealed class BenchmarkTests(Chromium chromium) : IClassFixture<Chromium>
{
    private const int MostMs = 120_000;

    [Fact]
    public async Task From_a_file_to_strategies_side_by_side()
    {
        Assert.SkipUnless(Chromium.IsThere, "needs Debian's chromium");
        using var folder = new TemporaryFolder();
        await using var server = await PlatformProcess.StartAsync(folder["data"], null, 0, "--local");
        await using var context = await chromium.OpenAsync(server.Address);
        var page = await context.NewPageAsync();

        await page.GotoAsync("/benchmarks");
        await Expect(page.GetByText("No benchmark yet")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Import a table" }).ClickAsync();
        await page.Locator("input[type=file]").SetInputFilesAsync(Table(folder));
        await page.GetByLabel("Search space").SelectOptionAsync("nasbenchmacro");
        await page.GetByRole(AriaRole.Button, new() { Name = "Import it" }).ClickAsync();
        await Expect(page).ToHaveURLAsync(new Regex("/benchmarks/layers$"), new() { Timeout = MostMs });
        await Expect(page.GetByText("6,561").First).ToBeVisibleAsync();
        await Expect(page.Locator(".chart canvas").First).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Link, new() { Name = "Compare strategies" }).ClickAsync();
        await Expect(page.Locator("details.form:not([inert])")).ToBeVisibleAsync(); // a person cannot fill what is inert; this program could
        await page.GetByLabel("Seeds").FillAsync("20");
        await page.GetByRole(AriaRole.Button, new() { Name = "Run it" }).ClickAsync();
        await Expect(page).ToHaveURLAsync(new Regex("strategy=random.*strategy=evolution.*seeds=20"));
        await Expect(page.GetByText("Regret against simulated time")).ToBeVisibleAsync(new() { Timeout = MostMs });
        await Expect(page.Locator(".chart canvas").First).ToBeVisibleAsync();
        await FitsAsync(page);

        // Whoever opens the address sees the same.
        await using var another = await chromium.OpenAsync(server.Address, 390, 844, ColorScheme.Dark);
        var shared = await another.NewPageAsync();
        await shared.GotoAsync(page.Url);
        await Expect(shared.Locator(".chart canvas").First).ToBeVisibleAsync();
        await FitsAsync(shared);

        await page.GetByRole(AriaRole.Link, new() { Name = "Locality" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Walk" }).ClickAsync();
        await Expect(page.GetByText("Autocorrelation of test accuracy")).ToBeVisibleAsync(new() { Timeout = MostMs });
        await Expect(page.GetByText("Spearman")).ToBeVisibleAsync();
        await shared.GotoAsync(page.Url);
        await Expect(shared.Locator(".chart canvas").First).ToBeVisibleAsync();
        await FitsAsync(shared);
    }

    private static async Task FitsAsync(IPage page) =>
        Assert.True(await page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, $"{page.Url} is wider than its window.");

    /// <summary>All architectures of NAS-Bench-Macro with made-up figures: the more layers are large, the better and slower.</summary>
    private static string Table(TemporaryFolder folder)
    {
        var csv = new StringBuilder("architecture,valid@50,test@50,seconds@50,parameters\n");
        for (var number = 0; number < 6561; number++)
        {
            var (text, rest, large) = ("", number, 0);
            for (var layer = 0; layer < 8; layer++, rest /= 3)
            {
                text = $"{rest % 3}{text}";
                large += rest % 3;
            }

            csv.AppendLine(CultureInfo.InvariantCulture, $"{text},{0.7 + (large / 100.0) + (number % 7 / 1000.0)},{0.7 + (large / 100.0)},{100 + (10 * large)},{1000 + large}");
        }

        var path = Path.Join(folder.Path, "layers.csv");
        File.WriteAllText(path, csv.ToString());
        return path;
    }
}
