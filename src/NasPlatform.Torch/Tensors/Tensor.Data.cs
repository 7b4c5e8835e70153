using TorchSharp.Utils;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>The elements as they lie in memory, for reading and writing; the tensor must be on the processor and contiguous.</summary>
        public unsafe Span<byte> bytes
        {
            get
            {
                RequireReadable();
                if (!is_contiguous()) throw new InvalidOperationException("The bytes of a tensor that is not contiguous cannot be taken; call contiguous() first.");
                return new Span<byte>((void*)Native.nas_data_ptr(this), checked((int)(NumberOfElements * ElementSize)));
            }
            set
            {
                Span<byte> mine = bytes;
                if (value.Length != mine.Length) throw new ArgumentException($"{value.Length} bytes were given for {mine.Length}.", nameof(value));
                value.CopyTo(mine);
            }
        }

        /// <summary>The elements by their index.</summary>
        /// <exception cref="ArgumentException"><typeparamref name="T"/> is not the type of the elements.</exception>
        public TensorAccessor<T> data<T>() where T : unmanaged
        {
            ElementTypes.Require<T>(dtype);
            RequireReadable();
            return new TensorAccessor<T>(this);
        }

        /// <summary>The value of a tensor of one element.</summary>
        /// <exception cref="ArgumentException"><typeparamref name="T"/> is not the type of the element, or there is not exactly one.</exception>
        public T item<T>() where T : unmanaged
        {
            ElementTypes.Require<T>(dtype);
            if (NumberOfElements != 1) throw new ArgumentException("The number of elements in the tensor must be 1.");
            Native.nas_item(this, out double real, out long integer);
            return ElementTypes.From<T>(real, integer);
        }

        /// <summary>The value of a tensor of one element, of any type.</summary>
        public Scalar ToScalar()
        {
            Native.nas_item(this, out double real, out long integer);
            return is_floating_point() ? real : dtype == ScalarType.Bool ? integer != 0 : integer;
        }

        private void RequireReadable()
        {
            if (device_type != DeviceType.CPU)
                throw new InvalidOperationException("Reading data from non-CPU memory is not supported. Move or copy the tensor to the cpu before reading.");
        }
    }
}
