using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp;

internal static partial class Native
{
    [LibraryImport(Library)] internal static partial Tensor nas_matmul(Tensor self, Tensor other);
    [LibraryImport(Library)] internal static partial Tensor nas_mm(Tensor self, Tensor other);
    [LibraryImport(Library)] internal static partial Tensor nas_mv(Tensor self, Tensor other);
    [LibraryImport(Library)] internal static partial Tensor nas_bmm(Tensor self, Tensor other);
    [LibraryImport(Library)] internal static partial Tensor nas_dot(Tensor self, Tensor other);
    [LibraryImport(Library)] internal static partial Tensor nas_outer(Tensor self, Tensor other);
    [LibraryImport(Library)] internal static partial Tensor nas_addmm(Tensor self, Tensor first, Tensor second, double beta, double alpha);
    [LibraryImport(Library)] internal static partial Tensor nas_addmv(Tensor self, Tensor first, Tensor second, double beta, double alpha);
    [LibraryImport(Library)] internal static partial Tensor nas_baddbmm(Tensor self, Tensor first, Tensor second, double beta, double alpha);
    [LibraryImport(Library)] internal static partial Done nas_addmm_(Tensor self, Tensor first, Tensor second, double beta, double alpha);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] internal static partial Tensor nas_einsum(string equation, TensorList tensors, int count);
}
