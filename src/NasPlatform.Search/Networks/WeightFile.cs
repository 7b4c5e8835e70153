using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Search.Networks;

/// <summary>Carries tensors to and from safetensors files.</summary>
public static class WeightFile
{
    /// <summary>A tensor to be written, in PyTorch's layout whatever its memory format and device.</summary>
    public static TensorEntry Entry(string name, Tensor value) =>
        new(name, TypeOf(value.dtype), value.shape, stream =>
        {
            using var host = value.detach().cpu();
            using var plain = host.contiguous();
            stream.Write(plain.bytes);
        });

    /// <summary>A float32 tensor of a file, on the CPU. Dispose it.</summary>
    /// <exception cref="UserErrorException">The file lacks it.</exception>
    public static Tensor Read(SafetensorsFile file, string name)
    {
        var info = file[name];
        if (info.Type != TensorType.F32)
        {
            throw new UserErrorException($"{file.Path}: tensor '{name}' is {info.Type}; weights are F32.");
        }

        var value = empty([.. info.Shape], dtype: float32);
        file.Bytes(name).CopyTo(value.bytes);
        return value;
    }

    private static TensorType TypeOf(ScalarType type) => type switch
    {
        ScalarType.Float32 => TensorType.F32,
        ScalarType.Int64 => TensorType.I64,
        ScalarType.Byte => TensorType.U8,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Only float32, int64 and uint8 tensors are written."),
    };
}
