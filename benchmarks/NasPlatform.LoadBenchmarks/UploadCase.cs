using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using NasPlatform.Web.Uploads;

namespace NasPlatform.LoadBenchmarks;

/// <summary>A large file in chunks: the server's memory before, at its peak and after.</summary>
internal static class UploadCase
{
    public static async Task RunAsync(long length)
    {
        await using var server = new MeasuredServer();
        await server.FillAsync(_ => { });
        await server.StartAsync();
        using (await server.Client.GetAsync("/api/v1/uploads"))
        {
            await Task.Delay(TimeSpan.FromSeconds(2));
        }

        var before = server.MemoryBytes;
        using var begun = await server.Client.PostAsJsonAsync("/api/v1/uploads", new { fileName = "large.zip", length });
        var id = (await begun.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid();
        var chunk = new byte[UploadLimits.LargestChunk];
        new Random(1).NextBytes(chunk);
        var (most, started) = (before, TimeProvider.System.GetTimestamp());
        for (var at = 0L; at < length; at += chunk.Length)
        {
            using var content = new ByteArrayContent(chunk, 0, (int)Math.Min(chunk.Length, length - at));
            using var request = new HttpRequestMessage(HttpMethod.Put, $"/api/v1/uploads/{id}?offset={at}") { Content = content };
            request.Headers.Add("Content-Digest", $"sha-256=:{Convert.ToBase64String(SHA256.HashData(chunk.AsSpan(0, (int)Math.Min(chunk.Length, length - at))))}:");
            using var answer = await server.Client.SendAsync(request);
            if (!answer.IsSuccessStatusCode)
            {
                throw new InvalidOperationException($"The chunk at {at} was refused: {await answer.Content.ReadAsStringAsync()}");
            }

            most = Math.Max(most, server.MemoryBytes);
        }

        var seconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds;
        await Task.Delay(TimeSpan.FromSeconds(2));
        Console.WriteLine($"{length >> 20} MiB in {seconds:0.0} s, {(length >> 20) / seconds:0} MiB/s");
        Console.WriteLine($"server memory MiB: {before >> 20} before, {most >> 20} at most while it was sent (since its start {server.PeakBytes >> 20}), {server.MemoryBytes >> 20} after");
    }
}
