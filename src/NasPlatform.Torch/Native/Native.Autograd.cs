using System.Runtime.InteropServices;
using System.Runtime.InteropServices.Marshalling;
using static TorchSharp.torch;

namespace TorchSharp;

internal static partial class Native
{
    [LibraryImport(Library), SuppressGCTransition] internal static partial Flag nas_requires_grad(Tensor self);
    [LibraryImport(Library)] internal static partial Done nas_set_requires_grad(Tensor self, Flag value);
    [LibraryImport(Library), SuppressGCTransition] internal static partial Flag nas_is_leaf(Tensor self);
    [LibraryImport(Library)] internal static partial Done nas_retain_grad(Tensor self);
    [LibraryImport(Library), SuppressGCTransition] internal static partial Flag nas_has_grad(Tensor self);
    [LibraryImport(Library)] internal static partial Tensor nas_grad(Tensor self);
    [LibraryImport(Library)] internal static partial Done nas_set_grad(Tensor self, Tensor? grad);
    [LibraryImport(Library)] internal static partial Done nas_backward(TensorList tensors, int count, TensorList grads, int gradCount, Flag retainGraph, Flag createGraph, TensorList inputs, int inputCount);
    [LibraryImport(Library)]
    [return: MarshalUsing(CountElementName = nameof(count))]
    internal static partial Tensor[]? nas_autograd_grad(TensorList outputs, int outputCount, TensorList inputs, int inputCount, TensorList grads, int gradCount, Flag retainGraph, Flag createGraph, Flag allowUnused, out int count);
    [LibraryImport(Library), SuppressGCTransition] internal static partial Flag nas_defined(Tensor self);
    [LibraryImport(Library), SuppressGCTransition] internal static partial Flag nas_grad_enabled();
    [LibraryImport(Library), SuppressGCTransition] internal static partial void nas_set_grad_enabled(Flag enabled);
    [LibraryImport(Library), SuppressGCTransition] internal static partial Flag nas_inference_mode_enabled();
    [LibraryImport(Library)] internal static partial IntPtr nas_inference_mode(Flag enabled);
    [LibraryImport(Library)] internal static partial void nas_inference_mode_free(IntPtr guard);
}
