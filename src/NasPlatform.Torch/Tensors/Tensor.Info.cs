namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public long Dimensions => Native.nas_dim(this);
        public long ndim => Dimensions;
        public long dim() => Dimensions;
        public long NumberOfElements => Native.nas_numel(this);
        public long numel() => NumberOfElements;
        public long ElementSize => Native.nas_element_size(this);
        public long element_size() => ElementSize;
        public long storage_offset() => Native.nas_storage_offset(this);

        public long[] shape
        {
            get
            {
                long[] sizes = new long[Dimensions];
                Native.nas_sizes(this, sizes);
                return sizes;
            }
        }

        public long[] size() => shape;

        public long size(int dim)
        {
            Native.nas_size(this, dim, out long size);
            return size;
        }

        /// <summary>How many elements further in memory the next one is, in each dimension.</summary>
        public long[] stride()
        {
            long[] strides = new long[Dimensions];
            Native.nas_strides(this, strides);
            return strides;
        }

        public long stride(int dim)
        {
            Native.nas_stride(this, dim, out long stride);
            return stride;
        }

        public ScalarType dtype => (ScalarType)Native.nas_dtype(this);
        public DeviceType device_type => (DeviceType)Native.nas_device_type(this);
        public int device_index => Native.nas_device_index(this);
        public Device device => new(device_type, device_index);

        public bool is_cuda => device_type == DeviceType.CUDA;
        public bool is_cpu() => device_type == DeviceType.CPU;
        public bool is_meta => device_type == DeviceType.META;
        public bool is_sparse => Native.nas_is_sparse(this);
        public bool is_pinned() => Native.nas_is_pinned(this);
        public bool is_contiguous() => Native.nas_is_contiguous(this, (int)memory_format.contiguous_format);
        public bool is_complex() => Native.nas_is_complex(this);
        public bool is_floating_point() => torch.is_floating_point(dtype);
        public bool is_integral() => torch.is_integral(dtype);
        public bool is_nonzero() => (bool)this;
    }
}
