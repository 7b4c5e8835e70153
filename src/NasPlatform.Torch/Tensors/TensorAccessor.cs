using System.Collections;
using static TorchSharp.torch;

namespace TorchSharp.Utils;

/// <summary>The elements of a tensor on the processor, in row-major order whatever their order in memory.</summary>
public sealed class TensorAccessor<T> : IDisposable, IEnumerable<T> where T : unmanaged
{
    private readonly Tensor _tensor;
    private readonly long[] _shape;
    private readonly long[] _strides;
    private readonly bool _contiguous;

    internal TensorAccessor(Tensor tensor)
    {
        _tensor = tensor.alias().DetachFromDisposeScope();
        _shape = tensor.shape;
        _strides = tensor.stride();
        _contiguous = tensor.is_contiguous();
        Count = tensor.NumberOfElements;
    }

    public long Count { get; }
    public bool IsReadOnly => false;

    /// <summary>One index of a flat position, or one per dimension.</summary>
    public unsafe T this[params long[] indices]
    {
        get
        {
            T value = Data[Offset(indices)];
            GC.KeepAlive(_tensor);
            return value;
        }
        set
        {
            Data[Offset(indices)] = value;
            GC.KeepAlive(_tensor);
        }
    }

    public T[] ToArray()
    {
        T[] values = new T[Count];
        CopyTo(values.AsSpan());
        return values;
    }

    public void CopyTo(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyTo(array.AsSpan(), arrayIndex, tensorIndex);

    public unsafe void CopyTo(Span<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        Span<T> target = array[arrayIndex..];
        int count = (int)Math.Min(target.Length, Count - tensorIndex);
        if (_contiguous) new Span<T>(Data + tensorIndex, count).CopyTo(target);
        else for (int i = 0; i < count; i++) target[i] = Data[FlatOffset(tensorIndex + i)];
        GC.KeepAlive(_tensor);
    }

    public void CopyFrom(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyFrom(array.AsSpan(), arrayIndex, tensorIndex);

    public unsafe void CopyFrom(ReadOnlySpan<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        ReadOnlySpan<T> source = array[arrayIndex..];
        int count = (int)Math.Min(source.Length, Count - tensorIndex);
        if (_contiguous) source[..count].CopyTo(new Span<T>(Data + tensorIndex, count));
        else for (int i = 0; i < count; i++) Data[FlatOffset(tensorIndex + i)] = source[i];
        GC.KeepAlive(_tensor);
    }

    public IEnumerator<T> GetEnumerator()
    {
        for (long i = 0; i < Count; i++) yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public void Dispose() => _tensor.Dispose();

    private unsafe T* Data => (T*)Native.nas_data_ptr(_tensor);

    private long Offset(long[] indices)
    {
        if (indices.Length == 1 && _shape.Length != 1) return FlatOffset(indices[0]);
        if (indices.Length != _shape.Length) throw new ArgumentException($"{indices.Length} indices were given for {_shape.Length} dimensions.");
        long offset = 0;
        for (int i = 0; i < indices.Length; i++)
        {
            if ((ulong)indices[i] >= (ulong)_shape[i]) throw new ArgumentOutOfRangeException(nameof(indices), $"Index {indices[i]} is out of a dimension of size {_shape[i]}.");
            offset += indices[i] * _strides[i];
        }
        return offset;
    }

    private long FlatOffset(long position)
    {
        if ((ulong)position >= (ulong)Count) throw new ArgumentOutOfRangeException(nameof(position), $"Position {position} is out of {Count} elements.");
        if (_contiguous) return position;
        long offset = 0;
        for (int i = _shape.Length - 1; i >= 0; i--)
        {
            offset += position % _shape[i] * _strides[i];
            position /= _shape[i];
        }
        return offset;
    }
}
