using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp;

internal static partial class Native
{
    [LibraryImport(Library)] internal static partial Tensor nas_sum(Tensor self, ReadOnlySpan<long> dim, int count, Flag keepdim, sbyte type);
    [LibraryImport(Library)] internal static partial Tensor nas_mean(Tensor self, ReadOnlySpan<long> dim, int count, Flag keepdim, sbyte type);
    [LibraryImport(Library)] internal static partial Tensor nas_prod(Tensor self, sbyte type);
    [LibraryImport(Library)] internal static partial Tensor nas_prod_dim(Tensor self, long dim, Flag keepdim, sbyte type);
    [LibraryImport(Library)] internal static partial Tensor nas_var(Tensor self, ReadOnlySpan<long> dim, int count, Flag unbiased, Flag keepdim);
    [LibraryImport(Library)] internal static partial Tensor nas_std(Tensor self, ReadOnlySpan<long> dim, int count, Flag unbiased, Flag keepdim);
    [LibraryImport(Library)] internal static partial Tensor nas_norm(Tensor self, double p);
    [LibraryImport(Library)] internal static partial Tensor nas_norm_dim(Tensor self, double p, long dim, Flag keepdim);
    [LibraryImport(Library)] internal static partial Tensor nas_logsumexp(Tensor self, long dim, Flag keepdim);
    [LibraryImport(Library)] internal static partial Tensor nas_amax(Tensor self, ReadOnlySpan<long> dim, int count, Flag keepdim);
    [LibraryImport(Library)] internal static partial Tensor nas_amin(Tensor self, ReadOnlySpan<long> dim, int count, Flag keepdim);
    [LibraryImport(Library)] internal static partial Tensor nas_max(Tensor self);
    [LibraryImport(Library)] internal static partial Done nas_max_dim(Tensor self, long dim, Flag keepdim, out Tensor values, out Tensor indices);
    [LibraryImport(Library)] internal static partial Tensor nas_min(Tensor self);
    [LibraryImport(Library)] internal static partial Done nas_min_dim(Tensor self, long dim, Flag keepdim, out Tensor values, out Tensor indices);
    [LibraryImport(Library)] internal static partial Tensor nas_median(Tensor self);
    [LibraryImport(Library)] internal static partial Tensor nas_argmax(Tensor self);
    [LibraryImport(Library)] internal static partial Tensor nas_argmax_dim(Tensor self, long dim, Flag keepdim);
    [LibraryImport(Library)] internal static partial Tensor nas_argmin(Tensor self);
    [LibraryImport(Library)] internal static partial Tensor nas_argmin_dim(Tensor self, long dim, Flag keepdim);
    [LibraryImport(Library)] internal static partial Tensor nas_all(Tensor self);
    [LibraryImport(Library)] internal static partial Tensor nas_all_dim(Tensor self, long dim, Flag keepdim);
    [LibraryImport(Library)] internal static partial Tensor nas_any(Tensor self);
    [LibraryImport(Library)] internal static partial Tensor nas_any_dim(Tensor self, long dim, Flag keepdim);
    [LibraryImport(Library)] internal static partial Done nas_topk(Tensor self, long k, long dim, Flag largest, Flag sorted, out Tensor values, out Tensor indices);
    [LibraryImport(Library)] internal static partial Done nas_sort(Tensor self, long dim, Flag descending, Flag stable, out Tensor values, out Tensor indices);
    [LibraryImport(Library)] internal static partial Tensor nas_argsort(Tensor self, long dim, Flag descending);
    [LibraryImport(Library)] internal static partial Tensor nas_cumsum(Tensor self, long dim, sbyte type);
    [LibraryImport(Library)] internal static partial Tensor nas_cumprod(Tensor self, long dim, sbyte type);
    [LibraryImport(Library)] internal static partial Tensor nas_softmax(Tensor self, long dim, sbyte type);
    [LibraryImport(Library)] internal static partial Tensor nas_log_softmax(Tensor self, long dim, sbyte type);
    [LibraryImport(Library)] internal static partial Tensor nas_bincount(Tensor self, Tensor? weights, long minlength);
    [LibraryImport(Library)] internal static partial Tensor nas_count_nonzero(Tensor self, ReadOnlySpan<long> dim, int count);
}
