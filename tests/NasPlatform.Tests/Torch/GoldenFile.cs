using System.Text.Json;

namespace NasPlatform.Tests.Torch;

/// <summary>What PyTorch does, written by golden.py beside this file.</summary>
internal sealed record GoldenFile(
    Dictionary<string, Dictionary<string, double[]>> Optimisers,
    Dictionary<string, double[][]> Schedules,
    Dictionary<string, Dictionary<string, double[]>> Initial)
{
    private static readonly JsonSerializerOptions Lenient = new() { PropertyNameCaseInsensitive = true };

    internal static GoldenFile Values { get; } = Read();

    private static GoldenFile Read()
    {
        using Stream stream = typeof(GoldenFile).Assembly.GetManifestResourceStream("Torch.golden.json")!; // embedded by the project
        return JsonSerializer.Deserialize<GoldenFile>(stream, Lenient)!; // the file is not the word null
    }
}
