using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.InteropServices.Marshalling;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>
/// Tensors go down as their handle and are kept alive until the call is over, lest the finalizer frees a handle that
/// native code still reads; a handle that comes up becomes a tensor of the current dispose scope.
/// </summary>
[CustomMarshaller(typeof(Tensor), MarshalMode.ManagedToUnmanagedIn, typeof(In))]
[CustomMarshaller(typeof(Tensor), MarshalMode.ManagedToUnmanagedOut, typeof(Out))]
[CustomMarshaller(typeof(Tensor), MarshalMode.ElementOut, typeof(Element))]
internal static class TensorMarshaller
{
    internal struct In
    {
        private Tensor? _tensor;

        public void FromManaged(Tensor? tensor) => _tensor = tensor;
        public readonly IntPtr ToUnmanaged() => _tensor is null ? IntPtr.Zero : _tensor.Handle;
        public readonly void OnInvoked() => GC.KeepAlive(_tensor);
        public readonly void Free()
        {
        }
    }

    internal static class Out
    {
        public static Tensor ConvertToManaged(IntPtr handle) =>
            handle == IntPtr.Zero ? throw Native.Failure() : new Tensor(handle);
    }

    internal static class Element
    {
        public static Tensor ConvertToManaged(IntPtr handle) => Out.ConvertToManaged(handle);
        public static IntPtr ConvertToUnmanaged(Tensor tensor) => tensor.Handle;
    }
}

/// <summary>Several tensors on the way down. Null entries stand for "no tensor".</summary>
[NativeMarshalling(typeof(TensorListMarshaller))]
internal readonly struct TensorList
{
    private readonly object? _owner;

    private TensorList(IntPtr[] handles, object? owner) => (Handles, _owner) = (handles, owner);

    internal IntPtr[] Handles { get; }
    internal int Count => Handles.Length;

    internal static TensorList Of(IEnumerable<Tensor?>? tensors) => Of(tensors as Tensor?[] ?? tensors?.ToArray() ?? []);

    internal static TensorList Of(ReadOnlySpan<Tensor> tensors) => Of((Tensor?[])tensors.ToArray());

    internal static TensorList Of(Tensor?[] tensors) =>
        new(Array.ConvertAll(tensors, tensor => tensor?.Handle ?? IntPtr.Zero), tensors);

    internal void KeepAlive() => GC.KeepAlive(_owner);
}

[CustomMarshaller(typeof(TensorList), MarshalMode.ManagedToUnmanagedIn, typeof(In))]
internal static class TensorListMarshaller
{
    internal unsafe struct In
    {
        private TensorList _list;

        public void FromManaged(TensorList list) => _list = list;

        /// <summary>No tensors are a null pointer.</summary>
        public readonly ref IntPtr GetPinnableReference() =>
            ref _list.Count == 0 ? ref Unsafe.NullRef<IntPtr>() : ref MemoryMarshal.GetArrayDataReference(_list.Handles);

        public readonly IntPtr* ToUnmanaged() => (IntPtr*)Unsafe.AsPointer(ref GetPinnableReference());
        public readonly void OnInvoked() => _list.KeepAlive();
        public readonly void Free()
        {
        }
    }
}

[CustomMarshaller(typeof(Generator), MarshalMode.ManagedToUnmanagedIn, typeof(In))]
internal static class GeneratorMarshaller
{
    internal struct In
    {
        private Generator? _generator;

        public void FromManaged(Generator? generator) => _generator = generator;
        public readonly IntPtr ToUnmanaged() => _generator is null ? IntPtr.Zero : _generator.Handle;
        public readonly void OnInvoked() => GC.KeepAlive(_generator);
        public readonly void Free()
        {
        }
    }
}

/// <summary>What a native function without a tensor to return answers; failure is thrown.</summary>
[NativeMarshalling(typeof(DoneMarshaller))]
internal readonly struct Done;

[CustomMarshaller(typeof(Done), MarshalMode.ManagedToUnmanagedOut, typeof(DoneMarshaller))]
internal static class DoneMarshaller
{
    public static Done ConvertToManaged(int succeeded) => succeeded == 0 ? throw Native.Failure() : default;
}
