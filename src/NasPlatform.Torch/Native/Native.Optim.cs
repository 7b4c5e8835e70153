using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp;

internal static partial class Native
{
    [LibraryImport(Library)] internal static partial Done nas_sgd_step(TensorList parameters, int count, Span<IntPtr> buffers, SgdOptions options);
    [LibraryImport(Library)] internal static partial Done nas_adam_step(TensorList parameters, int count, TensorList averages, TensorList squares, TensorList largest, Span<long> steps, AdamOptions options);
    [LibraryImport(Library)] internal static partial Done nas_rmsprop_step(TensorList parameters, int count, TensorList squares, TensorList means, TensorList buffers, RmsPropOptions options);
    [LibraryImport(Library)] internal static partial Done nas_zero_grad(TensorList parameters, int count, Flag setToNone);
    [LibraryImport(Library)] internal static partial Done nas_clip_grad_norm_(TensorList parameters, int count, double maxNorm, double normType, out double total);
    [LibraryImport(Library)] internal static partial Done nas_clip_grad_value_(TensorList parameters, int count, double limit);

    [StructLayout(LayoutKind.Sequential)]
    internal readonly struct SgdOptions
    {
        public double LearningRate { get; init; }
        public double Momentum { get; init; }
        public double Dampening { get; init; }
        public double WeightDecay { get; init; }
        public Flag Nesterov { get; init; }
        public Flag Maximize { get; init; }
    }

    [StructLayout(LayoutKind.Sequential)]
    internal readonly struct AdamOptions
    {
        public double LearningRate { get; init; }
        public double Beta1 { get; init; }
        public double Beta2 { get; init; }
        public double Epsilon { get; init; }
        public double WeightDecay { get; init; }
        public Flag Decoupled { get; init; }
        public Flag Maximize { get; init; }
    }

    [StructLayout(LayoutKind.Sequential)]
    internal readonly struct RmsPropOptions
    {
        public double LearningRate { get; init; }
        public double Alpha { get; init; }
        public double Epsilon { get; init; }
        public double WeightDecay { get; init; }
        public double Momentum { get; init; }
        public Flag Maximize { get; init; }
    }
}
