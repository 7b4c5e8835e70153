namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor contiguous() => Native.nas_contiguous(this, (int)memory_format.contiguous_format);
        public Tensor clone() => Native.nas_clone(this);
        /// <summary>Another handle of the same memory, recorded by autograd.</summary>
        public Tensor alias() => Native.nas_alias(this);
        /// <summary>The same memory without its history.</summary>
        public Tensor detach() => Native.nas_detach(this);
        public Tensor detach_() => Same(Native.nas_detach_(this));
        public Tensor copy_(Tensor source, bool nonBlocking = false) => Same(Native.nas_copy_(this, source, nonBlocking));
        /// <summary>From now on this tensor shows the other one's memory.</summary>
        public Tensor set_(Tensor source) => Same(Native.nas_set_(this, source));
        public Tensor pin_memory() => Native.nas_pin_memory(this);

        public Tensor to(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            Converted(Placement.Like(type), copy, disposeAfter, non_blocking);

        public Tensor to(Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            Converted(Placement.Like(null, device), copy, disposeAfter, non_blocking);

        public Tensor to(ScalarType type, Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            Converted(Placement.Like(type, device), copy, disposeAfter, non_blocking);

        public Tensor to(DeviceType deviceType, int deviceIndex = -1, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            to(new Device(deviceType, deviceIndex), copy, disposeAfter, non_blocking);

        public Tensor to(string device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            to(new Device(device), copy, disposeAfter, non_blocking);

        public Tensor to(Tensor other, bool non_blocking = false) => to(other.dtype, other.device, non_blocking: non_blocking);

        public Tensor to_type(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            to(type, copy, disposeAfter, non_blocking);

        public Tensor type(ScalarType dtype) => to(dtype);
        public Tensor type_as(Tensor tensor) => to(tensor.dtype);
        public Tensor cpu() => to(CPU);
        public Tensor cuda(Device? device = null, bool non_blocking = false) => to(device ?? CUDA, non_blocking: non_blocking);
        public Tensor @byte() => to(ScalarType.Byte);
        public Tensor @char() => to(ScalarType.Int8);
        public Tensor @short() => to(ScalarType.Int16);
        public Tensor @int() => to(ScalarType.Int32);
        public Tensor @long() => to(ScalarType.Int64);
        public Tensor half() => to(ScalarType.Float16);
        public Tensor bfloat16() => to(ScalarType.BFloat16);
        public Tensor @float() => to(ScalarType.Float32);
        public Tensor @double() => to(ScalarType.Float64);
        public Tensor @bool() => to(ScalarType.Bool);

        private Tensor Converted(Placement placement, bool copy, bool disposeAfter, bool nonBlocking)
        {
            Tensor converted = Native.nas_to(this, placement, nonBlocking, copy);
            if (disposeAfter) Dispose();
            return converted;
        }
    }
}
