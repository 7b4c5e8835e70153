using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace TorchSharp;

/// <summary>
/// The functions of libnas_torch, one declaration each. What they return is owned by the managed object made of it;
/// a failure inside libtorch is thrown as an <see cref="ExternalException"/> with libtorch's message.
/// </summary>
internal static partial class Native
{
    internal const string Library = "nas_torch";

    /// <summary>What libtorch said of the last failure on this thread.</summary>
    internal static ExternalException Failure() =>
        new(Marshal.PtrToStringUTF8(nas_last_error()) ?? "libtorch failed without a message.");

    [LibraryImport(Library), SuppressGCTransition] internal static partial IntPtr nas_last_error();
    [LibraryImport(Library), SuppressGCTransition] internal static partial long nas_live_tensors();
    [LibraryImport(Library)] internal static partial void nas_tensor_free(IntPtr tensor);
}
