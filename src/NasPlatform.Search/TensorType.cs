namespace NasPlatform.Search;

/// <summary>The element types that safetensors files hold here, little-endian.</summary>
public enum TensorType
{
    /// <summary>One byte, 0 or 1.</summary>
    Bool,

    /// <summary>An unsigned byte.</summary>
    U8,

    /// <summary>A 32-bit signed integer.</summary>
    I32,

    /// <summary>A 64-bit signed integer.</summary>
    I64,

    /// <summary>An IEEE half.</summary>
    F16,

    /// <summary>The upper half of an IEEE single.</summary>
    BF16,

    /// <summary>An IEEE single.</summary>
    F32,

    /// <summary>An IEEE double.</summary>
    F64,
}

/// <summary>A tensor as a safetensors file describes it.</summary>
/// <param name="Type">Its element type.</param>
/// <param name="Shape">Its dimensions, outermost first; empty for a scalar.</param>
/// <param name="ByteLength">The product of the shape times the size of an element.</param>
public sealed record TensorInfo(TensorType Type, IReadOnlyList<long> Shape, long ByteLength);

/// <summary>A tensor to be written.</summary>
/// <param name="Name">Its name, unique in the file.</param>
/// <param name="Type">Its element type.</param>
/// <param name="Shape">Its dimensions, outermost first.</param>
/// <param name="WriteTo">Called once, at its turn: writes exactly the tensor's bytes, row-major and little-endian.</param>
public sealed record TensorEntry(string Name, TensorType Type, IReadOnlyList<long> Shape, Action<Stream> WriteTo)
{
    /// <summary>A tensor whose bytes are at hand.</summary>
    public TensorEntry(string name, TensorType type, IReadOnlyList<long> shape, ReadOnlyMemory<byte> bytes)
        : this(name, type, shape, stream => stream.Write(bytes.Span))
    {
    }
}
