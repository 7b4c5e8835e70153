namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor sum(ScalarType? type = null) => Native.nas_sum(this, [], 0, false, Code(type));
        public Tensor sum(long dim, bool keepdim = false, ScalarType? type = null) => sum([dim], keepdim, type);
        public Tensor sum(long dim0, long dim1, bool keepdim = false, ScalarType? type = null) => sum([dim0, dim1], keepdim, type);
        public Tensor sum(long dim0, long dim1, long dim2, bool keepdim = false, ScalarType? type = null) => sum([dim0, dim1, dim2], keepdim, type);
        public Tensor sum(long[] dim, bool keepdim = false, ScalarType? type = null) => sum(dim.AsSpan(), keepdim, type);
        public Tensor sum(ReadOnlySpan<long> dim, bool keepdim = false, ScalarType? type = null) => Native.nas_sum(this, dim, dim.Length, keepdim, Code(type));

        public Tensor mean() => Native.nas_mean(this, [], 0, false, -1);
        public Tensor mean(long[] dimensions, bool keepdim = false, ScalarType? type = null) => Native.nas_mean(this, dimensions, dimensions.Length, keepdim, Code(type));

        public Tensor prod(ScalarType? type = null) => Native.nas_prod(this, Code(type));
        public Tensor prod(long dim, bool keepdim = false, ScalarType? type = null) => Native.nas_prod_dim(this, dim, keepdim, Code(type));

        public Tensor var(bool unbiased = true) => Native.nas_var(this, [], 0, unbiased, false);
        public Tensor var(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => var([dim], unbiased, keepdim, type);
        public Tensor var(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => var(dimensions.AsSpan(), unbiased, keepdim, type);
        public Tensor var(ReadOnlySpan<long> dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            As(type, Native.nas_var(this, dimensions, dimensions.Length, unbiased, keepdim));

        public Tensor std(bool unbiased = true) => Native.nas_std(this, [], 0, unbiased, false);
        public Tensor std(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => std([dim], unbiased, keepdim, type);
        public Tensor std(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => std(dimensions.AsSpan(), unbiased, keepdim, type);
        public Tensor std(ReadOnlySpan<long> dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            As(type, Native.nas_std(this, dimensions, dimensions.Length, unbiased, keepdim));

        public Tensor norm(float p = 2) => Native.nas_norm(this, p);
        public Tensor norm(int dim, bool keepdim = false, float p = 2) => Native.nas_norm_dim(this, p, dim, keepdim);
        public Tensor logsumexp(long dim, bool keepdim = false) => Native.nas_logsumexp(this, dim, keepdim);

        public Tensor amax(params long[] dims) => Native.nas_amax(this, dims, dims.Length, false);
        public Tensor amin(params long[] dims) => Native.nas_amin(this, dims, dims.Length, false);

        public Tensor max() => Native.nas_max(this);
        public Tensor min() => Native.nas_min(this);
        public Tensor median() => Native.nas_median(this);

        public (Tensor values, Tensor indexes) max(long dim, bool keepdim = false)
        {
            Native.nas_max_dim(this, dim, keepdim, out Tensor values, out Tensor indexes);
            return (values, indexes);
        }

        public (Tensor values, Tensor indexes) min(long dim, bool keepdim = false)
        {
            Native.nas_min_dim(this, dim, keepdim, out Tensor values, out Tensor indexes);
            return (values, indexes);
        }

        public Tensor argmax() => Native.nas_argmax(this);
        public Tensor argmax(long dim, bool keepdim = false) => Native.nas_argmax_dim(this, dim, keepdim);
        public Tensor argmin() => Native.nas_argmin(this);
        public Tensor argmin(long dim, bool keepdim = false) => Native.nas_argmin_dim(this, dim, keepdim);
        public Tensor all() => Native.nas_all(this);
        public Tensor all(long dim, bool keepdim = false) => Native.nas_all_dim(this, dim, keepdim);
        public Tensor any() => Native.nas_any(this);
        public Tensor any(long dim, bool keepdim = false) => Native.nas_any_dim(this, dim, keepdim);
        public Tensor count_nonzero(long[]? dims = null) => Native.nas_count_nonzero(this, dims, dims?.Length ?? 0);
        public Tensor bincount(Tensor? weights, long minlength = 0) => Native.nas_bincount(this, weights, minlength);

        public (Tensor values, Tensor indexes) topk(int k, int dim = -1, bool largest = true, bool sorted = true)
        {
            Native.nas_topk(this, k, dim, largest, sorted, out Tensor values, out Tensor indexes);
            return (values, indexes);
        }

        public (Tensor Values, Tensor Indices) sort(long dim = -1, bool descending = false, bool stable = false)
        {
            Native.nas_sort(this, dim, descending, stable, out Tensor values, out Tensor indices);
            return (values, indices);
        }

        public Tensor argsort(long dim = -1, bool descending = false) => Native.nas_argsort(this, dim, descending);
        public Tensor cumsum(long dim, ScalarType? type = null) => Native.nas_cumsum(this, dim, Code(type));
        public Tensor cumprod(long dim, ScalarType? type = null) => Native.nas_cumprod(this, dim, Code(type));

        private static Tensor As(ScalarType? type, Tensor result) => type is { } dtype ? result.to(dtype, disposeAfter: true) : result;
    }
}
