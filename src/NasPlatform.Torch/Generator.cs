using System.Runtime.InteropServices.Marshalling;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Seeds libtorch's own generators on every device, and gives the processor's.</summary>
    public static Generator manual_seed(long seed)
    {
        Native.nas_manual_seed(seed);
        return Generator.Default;
    }

    public static long initial_seed() => Generator.Default.initial_seed();
    public static Tensor get_rng_state() => Generator.Default.get_state();
    public static void set_rng_state(Tensor new_state) => Generator.Default.set_state(new_state);

    /// <summary>libtorch's own generator.</summary>
    public static class random
    {
        public static Generator manual_seed(long seed) => torch.manual_seed(seed);
        public static long initial_seed() => torch.initial_seed();
        public static Tensor get_rng_state() => torch.get_rng_state();
        public static void set_rng_state(Tensor new_state) => torch.set_rng_state(new_state);
    }

    /// <summary>A stream of random numbers that its seed determines. Not to be shared between threads.</summary>
    [NativeMarshalling(typeof(GeneratorMarshaller))]
    public class Generator : IDisposable
    {
        private IntPtr _handle;

        public Generator(ulong seed = 0, Device? device = null)
            : this(Native.nas_generator((long)seed, (int)(device ?? CPU).type, (device ?? CPU).index), device ?? CPU)
        {
        }

        private Generator(IntPtr handle, Device device)
        {
            if (handle == IntPtr.Zero) throw Native.Failure();
            _handle = handle;
            this.device = device;
        }

        ~Generator() => Dispose(false);

        /// <summary>The processor's generator that operators draw from when they are given none.</summary>
        public static Generator Default => new(Native.nas_default_generator((int)DeviceType.CPU, -1), CPU);

        public Device device { get; }

        public IntPtr Handle => _handle != IntPtr.Zero ? _handle : throw new ObjectDisposedException(nameof(Generator));

        public Generator manual_seed(long seed)
        {
            Native.nas_generator_set_seed(this, seed);
            return this;
        }

        /// <summary>Seeds from the system's entropy, and tells with what.</summary>
        public long seed()
        {
            Native.nas_generator_new_seed(this, out long seed);
            return seed;
        }

        public long initial_seed() => Native.nas_generator_seed(this);
        public Tensor get_state() => Native.nas_generator_state(this);
        public void set_state(Tensor value) => Native.nas_generator_set_state(this, value);

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            IntPtr handle = Interlocked.Exchange(ref _handle, IntPtr.Zero);
            if (handle != IntPtr.Zero) Native.nas_generator_free(handle);
        }
    }
}
