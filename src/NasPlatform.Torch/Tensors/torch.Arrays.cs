using System.Runtime.InteropServices;

namespace TorchSharp;

public static partial class torch
{
    public static Tensor tensor(float[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        FromMemory<float>(rawArray, [rawArray.Length], dtype, device, Unnamed(names, requires_grad));
    public static Tensor tensor(float[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        FromMemory<float>(rawArray, dimensions, dtype, device, Unnamed(names, requires_grad));
    public static Tensor tensor(float[,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        from_array(rawArray, dtype, device, requires_grad, names);
    public static Tensor tensor(float[,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        from_array(rawArray, dtype, device, requires_grad, names);
    public static Tensor tensor(float[,,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        from_array(rawArray, dtype, device, requires_grad, names);
    public static Tensor tensor(IList<float> rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        FromMemory<float>(rawArray as float[] ?? rawArray.ToArray(), [rawArray.Count], dtype, device, Unnamed(names, requires_grad));

    public static Tensor tensor(double[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        FromMemory<double>(rawArray, [rawArray.Length], dtype, device, Unnamed(names, requires_grad));
    public static Tensor tensor(double[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        FromMemory<double>(rawArray, dimensions, dtype, device, Unnamed(names, requires_grad));
    public static Tensor tensor(double[,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        from_array(rawArray, dtype, device, requires_grad, names);
    public static Tensor tensor(double[,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        from_array(rawArray, dtype, device, requires_grad, names);
    public static Tensor tensor(double[,,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        from_array(rawArray, dtype, device, requires_grad, names);
    public static Tensor tensor(IList<double> rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        FromMemory<double>(rawArray as double[] ?? rawArray.ToArray(), [rawArray.Count], dtype, device, Unnamed(names, requires_grad));

    public static Tensor tensor(long[] dataArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        FromMemory<long>(dataArray, [dataArray.Length], dtype, device, Unnamed(names, requires_grad));
    public static Tensor tensor(long[] dataArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        FromMemory<long>(dataArray, dimensions, dtype, device, Unnamed(names, requires_grad));
    public static Tensor tensor(long[,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        from_array(rawArray, dtype, device, requires_grad, names);
    public static Tensor tensor(long[,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        from_array(rawArray, dtype, device, requires_grad, names);
    public static Tensor tensor(long[,,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        from_array(rawArray, dtype, device, requires_grad, names);
    public static Tensor tensor(IList<long> rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        FromMemory<long>(rawArray as long[] ?? rawArray.ToArray(), [rawArray.Count], dtype, device, Unnamed(names, requires_grad));

    public static Tensor tensor(int[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        FromMemory<int>(rawArray, [rawArray.Length], dtype, device, Unnamed(names, requires_grad));
    public static Tensor tensor(int[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        FromMemory<int>(rawArray, dimensions, dtype, device, Unnamed(names, requires_grad));
    public static Tensor tensor(int[,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        from_array(rawArray, dtype, device, requires_grad, names);
    public static Tensor tensor(int[,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        from_array(rawArray, dtype, device, requires_grad, names);
    public static Tensor tensor(int[,,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        from_array(rawArray, dtype, device, requires_grad, names);
    public static Tensor tensor(IList<int> rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        FromMemory<int>(rawArray as int[] ?? rawArray.ToArray(), [rawArray.Count], dtype, device, Unnamed(names, requires_grad));

    public static Tensor tensor(byte[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        FromMemory<byte>(rawArray, [rawArray.Length], dtype, device, Unnamed(names, requires_grad));
    public static Tensor tensor(byte[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        FromMemory<byte>(rawArray, dimensions, dtype, device, Unnamed(names, requires_grad));
    public static Tensor tensor(byte[,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        from_array(rawArray, dtype, device, requires_grad, names);
    public static Tensor tensor(byte[,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        from_array(rawArray, dtype, device, requires_grad, names);
    public static Tensor tensor(byte[,,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        from_array(rawArray, dtype, device, requires_grad, names);
    public static Tensor tensor(IList<byte> rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        FromMemory<byte>(rawArray as byte[] ?? rawArray.ToArray(), [rawArray.Count], dtype, device, Unnamed(names, requires_grad));

    public static Tensor tensor(bool[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        FromMemory<bool>(rawArray, [rawArray.Length], dtype, device, Unnamed(names, requires_grad));
    public static Tensor tensor(bool[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        FromMemory<bool>(rawArray, dimensions, dtype, device, Unnamed(names, requires_grad));
    public static Tensor tensor(bool[,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        from_array(rawArray, dtype, device, requires_grad, names);
    public static Tensor tensor(bool[,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        from_array(rawArray, dtype, device, requires_grad, names);
    public static Tensor tensor(bool[,,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        from_array(rawArray, dtype, device, requires_grad, names);
    public static Tensor tensor(IList<bool> rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        FromMemory<bool>(rawArray as bool[] ?? rawArray.ToArray(), [rawArray.Count], dtype, device, Unnamed(names, requires_grad));

    public static Tensor tensor(short[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        FromMemory<short>(rawArray, [rawArray.Length], dtype, device, Unnamed(names, requires_grad));
    public static Tensor tensor(short[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        FromMemory<short>(rawArray, dimensions, dtype, device, Unnamed(names, requires_grad));

    public static Tensor tensor(sbyte[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        FromMemory<sbyte>(rawArray, [rawArray.Length], dtype, device, Unnamed(names, requires_grad));
    public static Tensor tensor(sbyte[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        FromMemory<sbyte>(rawArray, dimensions, dtype, device, Unnamed(names, requires_grad));

    public static Tensor tensor(float scalar, Device? device = null, bool requires_grad = false) =>
        Native.nas_scalar_tensor((double)scalar, Placement.New(ScalarType.Float32, device, requires_grad));
    public static Tensor tensor(int scalar, Device? device = null, bool requires_grad = false) =>
        Native.nas_scalar_tensor((long)scalar, Placement.New(ScalarType.Int32, device, requires_grad));
    public static Tensor tensor(byte scalar, Device? device = null, bool requires_grad = false) =>
        Native.nas_scalar_tensor((long)scalar, Placement.New(ScalarType.Byte, device, requires_grad));
    public static Tensor tensor(short scalar, Device? device = null, bool requires_grad = false) =>
        Native.nas_scalar_tensor((long)scalar, Placement.New(ScalarType.Int16, device, requires_grad));
    public static Tensor tensor(sbyte scalar, Device? device = null, bool requires_grad = false) =>
        Native.nas_scalar_tensor((long)scalar, Placement.New(ScalarType.Int8, device, requires_grad));
    public static Tensor tensor(double scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Native.nas_scalar_tensor(scalar, Placement.New(dtype ?? ScalarType.Float64, device, requires_grad));
    public static Tensor tensor(long scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Native.nas_scalar_tensor(scalar, Placement.New(dtype ?? ScalarType.Int64, device, requires_grad));
    public static Tensor tensor(bool scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Native.nas_scalar_tensor(scalar, Placement.New(dtype ?? ScalarType.Bool, device, requires_grad));

    /// <summary>A copy of an array of any rank.</summary>
    public static Tensor from_array(Array rawArray, Device? device = null) => from_array(rawArray, null, device);

    public static unsafe Tensor from_array(Array rawArray, ScalarType? dtype, Device? device = null, bool requires_grad = false, string[]? names = null)
    {
        ScalarType type = ElementTypes.Of(rawArray.GetType().GetElementType()!); // arrays have an element type
        long[] size = new long[rawArray.Rank];
        for (int i = 0; i < size.Length; i++) size[i] = rawArray.GetLongLength(i);
        fixed (byte* data = &MemoryMarshal.GetArrayDataReference(rawArray))
            return Native.nas_from_memory(data, (sbyte)type, size, size.Length, Placement.New(dtype ?? type, device, Unnamed(names, requires_grad)));
    }

    /// <summary>
    /// A tensor over an array's own memory, from element <paramref name="offset"/> on. The array stays in place until the
    /// last view of it is gone; what is written to one is seen in the other.
    /// </summary>
    public static unsafe Tensor frombuffer(Array rawArray, ScalarType dtype, long count = -1, long offset = 0, bool requires_grad = false)
    {
        if (ElementTypes.Of(rawArray.GetType().GetElementType()!) != dtype) // arrays have an element type
            throw new ArgumentException($"An array of {rawArray.GetType().GetElementType()} does not hold {dtype}.", nameof(rawArray));
        long available = rawArray.LongLength - offset;
        long taken = count < 0 ? available : count;
        if (offset < 0 || taken > available) throw new ArgumentException($"{taken} elements from {offset} on are more than the array's {rawArray.LongLength}.", nameof(count));
        GCHandle pin = GCHandle.Alloc(rawArray, GCHandleType.Pinned);
        byte* data = (byte*)pin.AddrOfPinnedObject() + offset * dtype.ElementSize();
        return Native.nas_over_memory(data, (sbyte)dtype, [taken], 1, &Unpin, (void*)GCHandle.ToIntPtr(pin)).with_requires_grad(requires_grad);
    }

    /// <summary>The first <paramref name="size"/> elements of a file, mapped into memory: nothing is read before it is used.</summary>
    /// <param name="filename">The file.</param>
    /// <param name="shared">True to have what is written to the tensor go to the file; the file is grown to the size if need be.</param>
    /// <param name="size">How many elements.</param>
    /// <param name="dtype">Their type.</param>
    /// <param name="device">The processor, if anything.</param>
    /// <param name="requires_grad">Whether gradients are gathered.</param>
    public static Tensor from_file(string filename, bool? shared = null, long? size = 0, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Native.nas_from_file(filename, shared ?? false, size ?? 0, Placement.New(dtype, device, requires_grad));

    [UnmanagedCallersOnly]
    private static unsafe void Unpin(void* pin) => GCHandle.FromIntPtr((IntPtr)pin).Free();

    private static unsafe Tensor FromMemory<T>(ReadOnlySpan<T> values, ReadOnlySpan<long> size, ScalarType? dtype, Device? device, bool requiresGrad)
        where T : unmanaged
    {
        long count = 1;
        foreach (long extent in size) count *= extent;
        if (count != values.Length)
            throw new ArgumentException($"{values.Length} elements do not fill a tensor of shape [{string.Join(", ", size.ToArray())}].");
        fixed (T* data = values)
            return Native.nas_from_memory(data, (sbyte)ElementTypes.Of<T>(), size, size.Length, Placement.New(dtype ?? ElementTypes.Of<T>(), device, requiresGrad));
    }
}
