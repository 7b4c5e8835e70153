using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using NasPlatform.Tests.Support;
using NasPlatform.Web;

namespace NasPlatform.Tests.Api;

/// <summary>Files in chunks: what arrives counts only whole, checked and in order.</summary>
public sealed class UploadTests(PlatformFixture platform) : IClassFixture<PlatformFixture>
{
    private readonly HttpClient _http = platform.CreateClient();
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_file_arrives_in_chunks_as_it_was_sent()
    {
        var sent = RandomNumberGenerator.GetBytes(300_000);
        var id = await BeginAsync(sent.Length);

        for (var at = 0; at < sent.Length; at += 100_000)
        {
            using var answer = await PutAsync(id, at, sent[at..(at + 100_000)]);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        var state = await StateAsync(id);
        Assert.True(state.GetProperty("isComplete").GetBoolean());
        Assert.Equal(sent, await File.ReadAllBytesAsync(FileOf(id), _cancellation));
    }

    [Fact]
    public async Task A_chunk_with_another_hash_does_not_count_and_can_be_sent_again()
    {
        var sent = RandomNumberGenerator.GetBytes(1000);
        var id = await BeginAsync(sent.Length);

        using var damaged = await PutAsync(id, 0, sent, SHA256.HashData([1]));
        var between = await StateAsync(id);
        using var again = await PutAsync(id, 0, sent);

        Assert.Equal(HttpStatusCode.BadRequest, damaged.StatusCode);
        Assert.Equal(0, between.GetProperty("received").GetInt64());
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
    }

    [Fact]
    public async Task A_connection_that_drops_costs_no_more_than_its_chunk()
    {
        var sent = RandomNumberGenerator.GetBytes(200_000);
        var id = await BeginAsync(sent.Length);
        using (await PutAsync(id, 0, sent[..100_000]))
        {
            using var connection = new TcpClient();
            await connection.ConnectAsync(platform.Address.Host, platform.Address.Port, _cancellation);
            var head = $"PUT /api/v1/uploads/{id}?offset=100000 HTTP/1.1\r\nHost: {platform.Address.Authority}\r\nContent-Length: 100000\r\nContent-Digest: {Digest(SHA256.HashData(sent[100_000..]))}\r\n\r\n";
            await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head), _cancellation);
            await connection.GetStream().WriteAsync(sent.AsMemory(100_000, 40_000), _cancellation);
        }

        var dropped = await StateAsync(id);
        HttpStatusCode rest;
        do
        {
            // The server may still be waiting for what was cut off.
            using var answer = await PutAsync(id, 100_000, sent[100_000..]);
            rest = answer.StatusCode;
        }
        while (rest == HttpStatusCode.Conflict);

        Assert.Equal(100_000, dropped.GetProperty("received").GetInt64());
        Assert.Equal(HttpStatusCode.OK, rest);
        Assert.Equal(sent, await File.ReadAllBytesAsync(FileOf(id), _cancellation));
    }

    [Fact]
    public async Task A_chunk_out_of_order_or_beyond_the_end_is_refused()
    {
        var id = await BeginAsync(1000);

        using var later = await PutAsync(id, 500, new byte[10]);
        using var longer = await PutAsync(id, 0, new byte[1001]);
        using var huge = await PutAsync(await BeginAsync(100_000_000), 0, new byte[(8 << 20) + 1]);

        Assert.Equal(
            [HttpStatusCode.Conflict, HttpStatusCode.RequestEntityTooLarge, HttpStatusCode.RequestEntityTooLarge], new[] { later.StatusCode, longer.StatusCode, huge.StatusCode });
    }

    [Theory]
    [InlineData("../../etc/passwd", 10, HttpStatusCode.Created)]
    [InlineData("C:\\windows\\x.zip", 10, HttpStatusCode.Created)]
    [InlineData("line\nbreak.zip", 10, HttpStatusCode.BadRequest)]
    [InlineData("", 10, HttpStatusCode.BadRequest)]
    [InlineData("empty.zip", 0, HttpStatusCode.BadRequest)]
    [InlineData("huge.zip", 1L << 50, HttpStatusCode.RequestEntityTooLarge)]
    public async Task A_name_never_becomes_a_path_and_what_will_not_do_is_refused_before_it_is_sent(string name, long length, HttpStatusCode status)
    {
        using var answer = await _http.PostAsJsonAsync("/api/v1/uploads", new { fileName = name, length }, _cancellation);

        Assert.Equal(status, answer.StatusCode);
        if (status == HttpStatusCode.Created)
        {
            var id = (await answer.Content.ReadFromJsonAsync<JsonElement>(_cancellation)).GetProperty("id").GetGuid();
            using var put = await PutAsync(id, 0, new byte[10]);
            Assert.Equal(Path.Join(platform.DataFolder, "uploads", id.ToString("N")), FileOf(id));
            Assert.True(File.Exists(FileOf(id)));
        }
    }

    [Fact]
    public async Task A_cancelled_upload_is_gone_with_its_file()
    {
        var id = await BeginAsync(100);
        using var sent = await PutAsync(id, 0, new byte[50]);

        using var removed = await _http.DeleteAsync($"/api/v1/uploads/{id}", _cancellation);
        using var after = await _http.GetAsync($"/api/v1/uploads/{id}", _cancellation);

        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NotFound), (removed.StatusCode, after.StatusCode));
        Assert.False(File.Exists(FileOf(id)));
    }

    [Fact]
    public async Task A_dataset_is_not_made_of_half_a_file()
    {
        var id = await BeginAsync(100);

        using var early = await _http.PostAsJsonAsync("/api/v1/datasets", new { name = "early", upload = id }, _cancellation);

        Assert.Equal(HttpStatusCode.Conflict, early.StatusCode);
    }

    private async Task<Guid> BeginAsync(long length)
    {
        using var answer = await _http.PostAsJsonAsync("/api/v1/uploads", new { fileName = "photos.zip", length }, _cancellation);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>(_cancellation)).GetProperty("id").GetGuid();
    }

    private async Task<HttpResponseMessage> PutAsync(Guid id, long offset, byte[] chunk, byte[]? hash = null)
    {
        using var content = new ByteArrayContent(chunk);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        using var request = new HttpRequestMessage(HttpMethod.Put, $"/api/v1/uploads/{id}?offset={offset}") { Content = content };
        request.Headers.ExpectContinue = chunk.Length > 8 << 20; // what is refused by its length is not sent
        request.Headers.Add("Content-Digest", Digest(hash ?? SHA256.HashData(chunk)));
        return await _http.SendAsync(request, _cancellation);
    }

    private Task<JsonElement> StateAsync(Guid id) => _http.GetFromJsonAsync<JsonElement>($"/api/v1/uploads/{id}", _cancellation);

    private string FileOf(Guid id) => platform.Get<DataFolders>().Upload(id);

    private static string Digest(byte[] hash) => $"sha-256=:{Convert.ToBase64String(hash)}:";
}
