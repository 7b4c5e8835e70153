using System.Runtime.InteropServices;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>The version of libtorch.</summary>
    public static string __version__ => Marshal.PtrToStringUTF8(Native.nas_version())!; // a constant there

    /// <summary>Threads that one operator may use.</summary>
    public static int get_num_threads() => Native.nas_num_threads();
    public static void set_num_threads(int num) => Native.nas_set_num_threads(num);
    public static int get_num_interop_threads() => Native.nas_num_interop_threads();
    public static void set_num_interop_threads(int num) => Native.nas_set_num_interop_threads(num);
    public static bool cuda_is_available() => cuda.is_available();

    /// <summary>CUDA devices.</summary>
    public static class cuda
    {
        public static bool is_available() => device_count() > 0;
        public static bool is_cudnn_available() => is_available() && Native.nas_cuda_has_cudnn();
        public static int device_count() => Native.nas_cuda_device_count();
        public static void manual_seed(long seed) => torch.manual_seed(seed);
        public static void manual_seed_all(long seed) => torch.manual_seed(seed);

        /// <summary>Waits until the device has done all it was asked to do.</summary>
        public static void synchronize(Device? device = null) => Native.nas_cuda_synchronize(device?.index ?? -1);
    }
}
