using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using NasPlatform.Tests.Support;
using NasPlatform.Web.Artifacts;
using NasPlatform.Web.Models;
using NasPlatform.Web.Store;

namespace NasPlatform.Tests.Api;

/// <summary>Models and their files by REST.</summary>
public sealed class ModelEndpointTests(PlatformFixture platform) : IClassFixture<PlatformFixture>
{
    private readonly HttpClient _http = platform.CreateClient();
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_file_comes_whole_or_in_parts_with_its_hash()
    {
        var (id, content) = await InsertAsync();
        var path = $"/api/v1/models/{id}/files/model.onnx";

        using var whole = await _http.GetAsync(path, _cancellation);
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Range = new RangeHeaderValue(1000, 1999);
        using var part = await _http.SendAsync(request, _cancellation);

        Assert.Equal(content, await whole.Content.ReadAsByteArrayAsync(_cancellation));
        Assert.Equal($"sha-256=:{Convert.ToBase64String(SHA256.HashData(content))}:", Assert.Single(whole.Headers.GetValues("Repr-Digest")));
        Assert.Equal("nosniff", Assert.Single(whole.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal(("attachment", "model.onnx"), (whole.Content.Headers.ContentDisposition?.DispositionType, whole.Content.Headers.ContentDisposition?.FileName));
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal(content[1000..2000], await part.Content.ReadAsByteArrayAsync(_cancellation));
    }

    [Fact]
    public async Task All_files_come_as_one_archive()
    {
        var (id, content) = await InsertAsync();

        using var answer = await _http.GetAsync($"/api/v1/models/{id}/files.zip", _cancellation);
        using var archive = new ZipArchive(await answer.Content.ReadAsStreamAsync(_cancellation));

        Assert.Equal(["README.md", "model.onnx"], archive.Entries.Select(entry => entry.FullName));
        using var unpacked = new MemoryStream();
        await using var stored = await archive.GetEntry("model.onnx")!.OpenAsync(_cancellation); // not null: see above
        await stored.CopyToAsync(unpacked, _cancellation);
        Assert.Equal(content, unpacked.ToArray());
        Assert.Equal("a-model.zip", answer.Content.Headers.ContentDisposition?.FileName);
    }

    [Fact]
    public async Task A_model_is_listed_and_shown_with_its_files()
    {
        var (id, content) = await InsertAsync();

        var list = await _http.GetFromJsonAsync<JsonElement>("/api/v1/models?sort=testScore&search=A MODEL", _cancellation);
        var model = await _http.GetFromJsonAsync<JsonElement>($"/api/v1/models/{id}", _cancellation);

        Assert.Contains(list.GetProperty("items").EnumerateArray(), item => item.GetProperty("id").GetGuid() == id);
        Assert.Equal("described", model.GetProperty("description").GetProperty("name").GetString());
        Assert.Equal(content.Length, model.GetProperty("files").EnumerateArray().Single(file => file.GetProperty("name").GetString() == "model.onnx").GetProperty("length").GetInt64());
    }

    [Theory]
    [InlineData("..%2F..%2Fnas.db")]
    [InlineData("%2e%2e%2fnas.db")]
    [InlineData("nas.db")]
    public async Task Only_a_model_s_own_files_are_there(string name)
    {
        var (id, _) = await InsertAsync();

        using var answer = await _http.GetAsync($"/api/v1/models/{id}/files/{name}", _cancellation);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Theory]
    [InlineData("../../etc/passwd", "etc-passwd")]
    [InlineData("my model\r\nSet-Cookie: x.zip", "my-model-Set-Cookie-x.zip")]
    [InlineData("größe.zip", "gr-e.zip")]
    [InlineData("....zip", "model.zip")]
    [InlineData("", "model")]
    public void A_download_s_name_is_one_on_every_system(string given, string safe) => Assert.Equal(safe, ModelFiles.SafeName(given));

    private async Task<(Guid Id, byte[] Content)> InsertAsync()
    {
        using var folder = new TemporaryFolder();
        var content = RandomNumberGenerator.GetBytes(200_000);
        await File.WriteAllBytesAsync(folder["model.onnx"], content, _cancellation);
        await File.WriteAllTextAsync(folder["README.md"], "A card.", _cancellation);
        var artifacts = platform.Get<ArtifactStore>();
        var experiment = Stored.Experiment();
        var id = Guid.CreateVersion7();
        List<Artifact> files = [];
        foreach (var name in new[] { "model.onnx", "README.md" })
        {
            var (sha256, length) = await artifacts.WriteAsync(folder[name], _cancellation);
            files.Add(new() { Id = Guid.CreateVersion7(), ModelId = id, FileName = name, Format = "onnx", Length = length, Sha256 = sha256 });
        }

        await platform.Store.WriteAsync(
            async (context, again) =>
            {
                context.Experiments.Add(experiment);
                context.Models.Add(new()
                {
                    Id = id,
                    ExperimentId = experiment.Id,
                    Name = "a model",
                    TrialNumber = 1,
                    Genotype = "3x3/1x1/8",
                    TestScore = 0.9,
                    ParameterCount = 10,
                    MultiplyAdds = 20,
                    Description = """{"name":"described"}""",
                    Parity = "{}",
                    CreatedAt = experiment.CreatedAt,
                });
                await context.SaveChangesAsync(again);
                context.Artifacts.AddRange(files);
            },
            _cancellation);
        return (id, content);
    }
}
