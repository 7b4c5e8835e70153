using System.Runtime.InteropServices.Marshalling;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>
    /// An n-dimensional array of one type on one device, with the members and meaning of TorchSharp's, which are
    /// PyTorch's. A failure in libtorch is thrown as an ExternalException with libtorch's message. Native memory is
    /// freed by <see cref="Dispose()"/>, by the dispose scope the tensor belongs to, or at last by the finalizer.
    /// </summary>
    [NativeMarshalling(typeof(TensorMarshaller))]
    public partial class Tensor : IDisposable
    {
        private IntPtr _handle;

        internal Tensor(IntPtr handle)
        {
            _handle = handle;
            DisposeScopeManager.Register(this);
        }

        ~Tensor() => Dispose(false);

        /// <summary>The native tensor. It stays this object's.</summary>
        public IntPtr Handle
        {
            get
            {
                IntPtr handle = _handle;
                return handle != IntPtr.Zero ? handle : throw new InvalidOperationException("Tensor invalid -- empty handle.");
            }
        }

        /// <summary>True once the tensor was disposed or its handle was given away.</summary>
        public bool IsInvalid => _handle == IntPtr.Zero;

        /// <summary>Tensors alive in native memory now.</summary>
        public static long TotalCount => Native.nas_live_tensors();

        internal DisposeScope? OwningDisposeScope { get; set; }
        internal int PlaceInScope { get; set; }

        public void Dispose()
        {
            OwningDisposeScope?.MarkAsDisposed(this);
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            IntPtr handle = Interlocked.Exchange(ref _handle, IntPtr.Zero);
            if (handle != IntPtr.Zero) Native.nas_tensor_free(handle);
        }

        /// <summary>Gives the native tensor to the caller; this object is invalid from now on.</summary>
        public IntPtr DecoupleFromNativeHandle()
        {
            IntPtr handle = Handle;
            OwningDisposeScope?.MarkAsDisposed(this);
            _handle = IntPtr.Zero;
            GC.SuppressFinalize(this);
            return handle;
        }

        /// <summary>Takes over a native tensor.</summary>
        public static Tensor UnsafeCreateTensor(IntPtr handle) => new(handle);

        /// <summary>Into the scope around the one it is in, or out of all scopes if there is none.</summary>
        public Tensor MoveToOuterDisposeScope()
        {
            OwningDisposeScope?.MoveToOuter(this);
            return this;
        }

        public Tensor MoveToOtherDisposeScope(Tensor other) => MoveToOtherDisposeScope(other.OwningDisposeScope);

        public Tensor MoveToOtherDisposeScope(DisposeScope? other)
        {
            DisposeScope.MoveInto(other, this);
            return this;
        }

        /// <summary>Out of every scope: from now on it lives until it is disposed.</summary>
        public Tensor DetachFromDisposeScope()
        {
            DisposeScope.MoveInto(null, this);
            return this;
        }

        /// <summary>Whether the other tensor has this one's shape and values.</summary>
        public bool Equals(Tensor? target)
        {
            if (target is null) return false;
            Native.nas_equal(this, target, out Flag equal);
            return equal;
        }

        public override bool Equals(object? obj) => obj is Tensor target && Equals(target);
        public override int GetHashCode() => base.GetHashCode();

        public override string ToString()
        {
            if (IsInvalid) return "disposed tensor";
            string text = $"[{string.Join('x', shape)}], type = {dtype}, device = {device}";
            return Dimensions == 0 && device_type != DeviceType.META ? $"{text}, value = {ToScalarText()}" : text;
        }

        private string ToScalarText()
        {
            Native.nas_item(this, out double real, out long integer);
            return is_floating_point() ? real.ToString() : dtype == ScalarType.Bool ? (integer != 0).ToString() : integer.ToString();
        }
    }
}
