using System.IO.Compression;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using NasPlatform.EndToEnd.Support;
using NasPlatform.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace NasPlatform.EndToEnd;

/// <summary>
/// What a person does from the first start to a shared result, in a real browser, on Fashion-MNIST, with each database. One long walk: each step needs what came
/// before it, as for a person.
/// </summary>
[Collection(OneAtATime.Name)]
public sealed class JourneyTests(Chromium chromium) : IClassFixture<Chromium>
{
    private const string FashionMnist = "/usr/share/datasets/fashion-mnist";
    private const string Password = "correct horse battery";
    /// <summary>Patience with training on a machine that others use too: runners give way to everything else.</summary>
    private const int MostMs = 900_000;

    [Theory]
    [InlineData("SQLite")]
    [InlineData("PostgreSQL")]
    public async Task From_the_first_start_to_a_shared_result(string database)
    {
        Assert.SkipUnless(Chromium.IsThere, "needs Debian's chromium");
        Assert.SkipUnless(Directory.Exists(FashionMnist), "needs Debian's dataset-fashion-mnist");
        using var folder = new TemporaryFolder();
        var postgres = database == "PostgreSQL" ? await (await PostgresServer.RequireAsync()).CreateDatabaseAsync() : null;
        var isSeen = postgres is null;
        var server = await PlatformProcess.StartAsync(folder["data"], postgres, 0);
        try
        {
            await using var context = await chromium.OpenAsync(server.Address);
            var page = await context.NewPageAsync();
            if (isSeen)
            {
                await SeeAsync(null, server.Address, ["/setup"], path => path);
            }

            await SetUpAsync(page, server.SetupCode());
            await SeeFashionMnistTakenInAsync(page);
            await UploadAsync(page, folder);
            var experiment = await StartAsync(page);
            await PauseAndResumeAsync(page);
            server = await RestartAsync(server, folder["data"], postgres);
            await SeeItCompletedAsync(page, experiment);
            await SeeTheModelAsync(page, experiment, folder);
            await SeeATrialAsync(page, experiment);
            await FindItInTheListAsync(page, experiment);
            await ShareAsync(page, experiment, server.Address, isSeen);
            await RepeatExtendCancelAndDeleteAsync(page, experiment);
            if (isSeen)
            {
                await SeeAsync(null, server.Address, ["/login"], path => path);
                await SeeAsync(context, server.Address, PagesOf(experiment), path => path.Replace(experiment, "experiment", StringComparison.Ordinal));
            }
        }
        catch (Exception error) when (error is PlaywrightException or TimeoutException)
        {
            throw new InvalidOperationException($"{error.Message}\nThe server printed:\n{server.Output}", error);
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    /// <summary>1. The first start asks for an administrator with the code of the terminal.</summary>
    private static async Task SetUpAsync(IPage page, string code)
    {
        await page.GotoAsync("/");
        await Expect(page).ToHaveURLAsync(new Regex("/setup$"));
        await page.GetByLabel("Code").FillAsync("WRNG-WRNG-WRNG");
        await FillAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await page.GetByLabel("Code").FillAsync(code);
        await FillAsync();
        await Expect(page).ToHaveURLAsync(new Regex("127.0.0.1:[0-9]+/$"));
        await Expect(page.GetByText("No experiment").First).ToBeVisibleAsync();

        async Task FillAsync()
        {
            await page.GetByLabel("Your name").FillAsync("Ada");
            await page.GetByLabel("E-mail").FillAsync("ada@example.org");
            await page.GetByLabel("Password").FillAsync(Password);
            await page.GetByRole(AriaRole.Button, new() { Name = "Make the account" }).ClickAsync();
        }
    }

    private static async Task SeeFashionMnistTakenInAsync(IPage page)
    {
        await page.GotoAsync("/datasets");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "fashion-mnist" })).ToBeVisibleAsync();
        await Expect(page.GetByText("70,000").First).ToBeVisibleAsync(new() { Timeout = MostMs });
    }

    /// <summary>2. An upload goes on after a dropped connection; the dataset's page shows what is in it and what was wrong with which file.</summary>
    private static async Task UploadAsync(IPage page, TemporaryFolder folder)
    {
        var drops = 0;
        await page.RouteAsync("**/api/v1/uploads/**", async route =>
        {
            if (route.Request.Method == "PUT" && drops++ == 0)
            {
                await route.AbortAsync("connectionreset");
            }
            else
            {
                await route.ContinueAsync();
            }
        });
        await page.GotoAsync("/datasets/new");
        await page.Locator("input[type=file]").SetInputFilesAsync(Shapes(folder));
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("shapes");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add the dataset" }).ClickAsync();
        await Expect(page).ToHaveURLAsync(new Regex("/datasets/shapes"), new() { Timeout = 60_000 });
        await Expect(page.Locator(".gallery img").First).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await page.UnrouteAllAsync();
        Assert.True(drops >= 2, "The chunk whose connection was dropped was not sent again.");
        await Expect(page.GetByText("broken.png").First).ToBeAttachedAsync();
        Assert.True(await page.Locator(".gallery img").First.EvaluateAsync<bool>("image => image.decode().then(() => image.naturalWidth > 0)"));
    }

    /// <summary>3. What else can be done with an experiment: repeat it with changes, rename it, add trials, cancel it, delete it.</summary>
    private static async Task RepeatExtendCancelAndDeleteAsync(IPage page, string experiment)
    {
        await page.GotoAsync($"/experiments/new?from={experiment.Split('/')[^1]}");
        await UntilLiveAsync(page);
        await Expect(page.Locator("#trials")).ToHaveValueAsync("5");
        await Expect(page.Locator("#strategy")).ToHaveValueAsync("reinforce");
        await page.Locator("#name").FillAsync("Once more");
        await page.Locator("#name").PressAsync("Tab");
        await page.GetByRole(AriaRole.Button, new() { Name = "Start", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Once more" })).ToBeVisibleAsync();
        await Expect(page.GetByText("Trial 1").First).ToBeVisibleAsync(new() { Timeout = MostMs });

        await DoAsync("Rename");
        await page.Locator("#new-name").FillAsync("Once again");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Rename" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Once again" })).ToBeVisibleAsync();
        await DoAsync("Add trials or time");
        await page.Locator("#more-trials").FillAsync("200");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Add" }).ClickAsync();
        await Expect(page.GetByText("of 205 at most")).ToBeVisibleAsync();
        await DoAsync("Cancel the experiment");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Cancel it" }).ClickAsync();
        await Expect(page.GetByText("Cancelled", new() { Exact = true }).First).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await DoAsync("Delete");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Expect(page).ToHaveURLAsync(new Regex("/experiments$"));
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "First look" })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Once again" })).ToHaveCountAsync(0);

        async Task DoAsync(string item)
        {
            await page.Locator("main details.menu > summary").ClickAsync();
            await page.Locator("main details.menu").GetByRole(AriaRole.Button, new() { Name = item, Exact = true }).ClickAsync();
        }
    }

    /// <summary>3. A new experiment, and its trials appear without a reload.</summary>
    /// <returns>Its address.</returns>
    private static async Task<string> StartAsync(IPage page)
    {
        await page.GotoAsync("/experiments/new");
        await UntilLiveAsync(page);
        await page.Locator("label.card", new() { HasText = "fashion-mnist" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "By trials" }).ClickAsync();
        await SetAsync("#trials", "5");
        await page.GetByRole(AriaRole.Heading, new() { Name = "Everything else" }).ClickAsync();
        await page.SelectOptionAsync("#strategy", "reinforce");
        await SetAsync("#fraction", "3");
        await SetAsync("#final-epochs", "1");
        await SetAsync("#name", "First look");
        await page.GetByRole(AriaRole.Button, new() { Name = "Start", Exact = true }).ClickAsync();
        await Expect(page).ToHaveURLAsync(new Regex("/experiments/[0-9a-f-]{36}$"));
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "First look" })).ToBeVisibleAsync();
        await Expect(page.GetByText("Trial 1").First).ToBeVisibleAsync(new() { Timeout = MostMs });
        return new Uri(page.Url).AbsolutePath;

        async Task SetAsync(string field, string value)
        {
            await page.Locator(field).FillAsync(value);
            await page.Locator(field).PressAsync("Tab");
        }
    }

    /// <summary>A person cannot reach a form that is inert; this program could.</summary>
    private static Task UntilLiveAsync(IPage page) => Expect(page.Locator("form[inert]")).ToHaveCountAsync(0);

    private static async Task PauseAndResumeAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "Pause" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Resume" })).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await page.GetByRole(AriaRole.Button, new() { Name = "Resume" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Pause" })).ToBeVisibleAsync(new() { Timeout = 60_000 });
    }

    /// <summary>A power cut in the middle; what was running goes on.</summary>
    private static async Task<PlatformProcess> RestartAsync(PlatformProcess server, string data, string? postgres)
    {
        await server.KillAsync();
        await server.DisposeAsync();
        return await PlatformProcess.StartAsync(data, postgres, server.Address.Port);
    }

    private static async Task SeeItCompletedAsync(IPage page, string experiment)
    {
        await page.GotoAsync(experiment);
        await Expect(page.GetByText("Completed", new() { Exact = true }).First).ToBeVisibleAsync(new() { Timeout = MostMs });
        await page.GotoAsync($"{experiment}/log");
        await Expect(page.GetByText("Ada started it.").First).ToBeVisibleAsync();
        await page.GotoAsync($"{experiment}/trials");
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(5);
    }

    /// <summary>6. The winner was tested once and exported with a certificate, and can be had in every format.</summary>
    private static async Task SeeTheModelAsync(IPage page, string experiment, TemporaryFolder folder)
    {
        await page.GotoAsync($"{experiment}/model");
        await Expect(page.GetByText("10,000 test images, measured once")).ToBeVisibleAsync();
        if (Directory.Exists(Path.Join(Repository.Root, "build", "node_modules", "onnxruntime-node")))
        {
            await Expect(page.Locator("main").GetByText("Agrees", new() { Exact = true })).ToBeVisibleAsync();
        }

        foreach (var name in new[] { "model.onnx", "model.safetensors", "model.py", "architecture.json", "README.md", "parity.json" })
        {
            var download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { Name = name }).ClickAsync());
            await download.SaveAsAsync(folder[name]);
            Assert.True(new FileInfo(folder[name]).Length > 100, $"{name} is too short.");
        }
    }

    /// <summary>4. An architecture is drawn: the cell, the whole network, and the decisions that made it.</summary>
    private static async Task SeeATrialAsync(IPage page, string experiment)
    {
        await page.GotoAsync($"{experiment}/trials/1");
        await Expect(page.Locator("main svg").First).ToBeVisibleAsync();
        await Expect(page.GetByText("nor_conv_3x3").Or(page.GetByText("3×3")).First).ToBeVisibleAsync();
    }

    /// <summary>5. The list is sorted, filtered and searched on the server, and its state is in the address.</summary>
    private static async Task FindItInTheListAsync(IPage page, string experiment)
    {
        await page.GotoAsync("/experiments?search=nothing-like-it");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "First look" })).ToHaveCountAsync(0);
        await page.GotoAsync("/experiments?search=first&state=completed");
        await page.GetByRole(AriaRole.Link, new() { Name = "First look" }).ClickAsync();
        await Expect(page).ToHaveURLAsync(new Regex($"{experiment}$"));
        var csv = await page.APIRequest.GetAsync($"/api/v1{experiment}/trials.csv");
        Assert.Equal(6, (await csv.TextAsync()).TrimEnd().Split('\n').Length);
    }

    /// <summary>7. A colleague without an account sees the result by a link, until it is revoked.</summary>
    private async Task ShareAsync(IPage page, string experiment, Uri address, bool isSeen)
    {
        await page.GotoAsync($"{experiment}/share");
        await UntilLiveAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Make a link" }).ClickAsync();
        var link = await page.Locator(".made code").InnerTextAsync();
        await using var stranger = await chromium.OpenAsync(address);
        var shared = await stranger.NewPageAsync();
        await shared.GotoAsync(link);
        await Expect(shared.GetByText("First look").First).ToBeVisibleAsync();
        await Expect(shared.GetByText("On the test split").First).ToBeVisibleAsync();
        Assert.Equal(401, (await shared.APIRequest.GetAsync($"/api/v1{experiment}")).Status);
        var path = new Uri(link).AbsolutePath;
        if (isSeen)
        {
            await SeeAsync(null, address, [path, $"{path}/architecture", $"{path}/trials", $"{path}/model", $"{path}/log"], part => part.Replace(path, "shared", StringComparison.Ordinal));
        }

        await page.GetByRole(AriaRole.Button, new() { Name = "Revoke" }).First.ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Revoke" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Links" }).GetByText("revoked")).ToBeVisibleAsync();
        await Expect(page.Locator(".made code")).ToHaveCountAsync(0);
        var answer = await shared.GotoAsync(link);
        Assert.Equal(404, answer?.Status);
        await Expect(shared.GetByText("This link does not work")).ToBeVisibleAsync();
        if (isSeen)
        {
            await SeeAsync(null, address, [path], _ => "shared-ended");
        }
    }

    private static string[] PagesOf(string experiment) =>
    [
        "/experiments", "/experiments/new", experiment, $"{experiment}/trials", $"{experiment}/model", $"{experiment}/log", $"{experiment}/settings", $"{experiment}/share",
        $"{experiment}/trials/1", "/datasets", "/datasets/new", "/datasets/fashion-mnist", "/models", "/spaces", "/spaces/nasbench201", "/queue", "/account", "/admin/users",
        "/admin/audit", "/nothing-here",
    ];

    /// <summary>Pages fit three widths in light and dark, and leave pictures of themselves to look at. With one database: they look the same whatever is below.</summary>
    /// <param name="signedIn">Who looks; null for a stranger.</param>
    /// <param name="server">Where.</param>
    /// <param name="pages">Addresses.</param>
    /// <param name="nameOf">What a picture is called.</param>
    private async Task SeeAsync(IBrowserContext? signedIn, Uri server, string[] pages, Func<string, string> nameOf)
    {
        var pictures = Directory.CreateDirectory(Path.Join(Repository.Root, "build", "screenshots")).FullName;
        var state = signedIn is null ? null : await signedIn.StorageStateAsync();
        foreach (var (width, height) in new[] { (1440, 900), (1024, 768), (390, 844) })
        {
            foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
            {
                await using var context = await chromium.OpenAsync(server, width, height, scheme, state);
                var page = await context.NewPageAsync();
                foreach (var path in pages)
                {
                    await page.GotoAsync(path, new() { WaitUntil = WaitUntilState.Load });
                    await Expect(page.Locator("h1").First).ToBeVisibleAsync();
                    if (await page.Locator(".chart").CountAsync() > 0)
                    {
                        await Expect(page.Locator(".chart canvas").First).ToBeVisibleAsync();
                    }

                    await page.WaitForTimeoutAsync(300);
                    await page.ScreenshotAsync(new() { Path = Path.Join(pictures, $"{nameOf(path).Trim('/').Replace('/', '-')}-{width}-{scheme}.png"), FullPage = true });
                    var overflow = await page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
                    Assert.True(overflow <= 0, $"{nameOf(path)} is {overflow} pixels wider than a window of {width}.");
                }
            }
        }
    }

    /// <summary>Two classes of small pictures, and one file that is none.</summary>
    private static string Shapes(TemporaryFolder folder)
    {
        var root = Path.Join(folder.Path, "shapes");
        for (var number = 0; number < 40; number++)
        {
            var isBright = number % 2 == 0;
            var path = Path.Join(root, isBright ? "bright" : "dark", $"{number}.png");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!); // not null: a file lies in a folder
            TinyPng.Write(path, 1, 8, 8, [.. Enumerable.Range(0, 64).Select(place => (byte)((isBright ? 150 : 20) + place + number))]);
        }

        File.WriteAllText(Path.Join(root, "dark", "broken.png"), "no picture");
        var zip = folder["shapes.zip"];
        ZipFile.CreateFromDirectory(root, zip);
        return zip;
    }
}

/// <summary>Tests that need the machine for themselves.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class OneAtATime
{
    public const string Name = "one at a time";
}
