using NasPlatform.Search;
using NasPlatform.Search.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Benchmarks.Cases;

/// <summary>The batches of noise on which both sides of a case train: <c>batch.safetensors</c> in its folder.</summary>
internal static class BatchFile
{
    private const string Name = "batch.safetensors";

    /// <summary>Writes a batch for each prefix: <c>inputs</c> and <c>targets</c> behind it.</summary>
    public static void Write(string folder, TaskShape task, int batch, params ReadOnlySpan<string> prefixes)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(1, CPU);
        var isText = task.Kind == TaskKind.LanguageModelling;
        long[] shape = [batch, .. task.Input.Dimensions];
        var entries = new List<TensorEntry>();
        foreach (var prefix in prefixes)
        {
            entries.Add(WeightFile.Entry($"{prefix}inputs", isText ? randint(task.Outputs, shape, dtype: int64, generator: random) : randn(shape, generator: random)));
            entries.Add(WeightFile.Entry($"{prefix}targets", randint(task.Outputs, isText ? shape : [batch], dtype: int64, generator: random)));
        }

        SafetensorsFile.Write(Path.Combine(folder, Name), entries);
    }

    /// <summary>A written batch; it lives in no dispose scope.</summary>
    public static (Tensor Inputs, Tensor Targets) Read(string folder, string prefix = "")
    {
        using var file = SafetensorsFile.Open(Path.Combine(folder, Name));
        return (Of($"{prefix}inputs"), Of($"{prefix}targets"));

        Tensor Of(string name)
        {
            var info = file[name];
            var tensor = empty([.. info.Shape], dtype: info.Type == TensorType.I64 ? int64 : float32);
            file.Bytes(name).CopyTo(tensor.bytes);
            return tensor.DetachFromDisposeScope();
        }
    }
}
