namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor view(params long[] shape) => Native.nas_view(this, shape, shape.Length);
        public Tensor view_as(Tensor other) => view(other.shape);
        public Tensor reshape(params long[] shape) => Native.nas_reshape(this, shape, shape.Length);
        public Tensor flatten(long start_dim = 0, long end_dim = -1) => Native.nas_flatten(this, start_dim, end_dim);
        public Tensor unflatten(long dim, params long[] sizes) => Native.nas_unflatten(this, dim, sizes, sizes.Length);
        public Tensor permute(params long[] permutation) => Native.nas_permute(this, permutation, permutation.Length);
        public Tensor permute(IEnumerable<long> permutation) => permute(permutation.ToArray());
        public Tensor transpose(long dim0, long dim1) => Native.nas_transpose(this, dim0, dim1);
        public Tensor t() => Native.nas_t(this);
        public Tensor T => permute(Enumerable.Range(0, (int)Dimensions).Reverse().Select(dim => (long)dim));
        public Tensor squeeze(long? dim = null) => dim is { } one ? Native.nas_squeeze_dim(this, one) : Native.nas_squeeze(this);
        public Tensor unsqueeze(long dim) => Native.nas_unsqueeze(this, dim);
        public Tensor expand(params long[] sizes) => Native.nas_expand(this, sizes, sizes.Length, false);
        public Tensor expand(long[] sizes, bool isImplicit = false) => Native.nas_expand(this, sizes, sizes.Length, isImplicit);
        public Tensor expand(ReadOnlySpan<long> sizes, bool isImplicit = false) => Native.nas_expand(this, sizes, sizes.Length, isImplicit);
        public Tensor expand_as(Tensor other) => expand(other.shape);
        public Tensor broadcast_to(params long[] shape) => expand(shape);
        public Tensor repeat(params long[] sizes) => Native.nas_repeat(this, sizes, sizes.Length);
        public Tensor tile(long[] reps) => Native.nas_tile(this, reps, reps.Length);
        public Tensor flip(params long[] dims) => Native.nas_flip(this, dims, dims.Length);
        public Tensor roll(long shifts, long? dims = null) => Native.nas_roll(this, [shifts], 1, dims is { } dim ? [dim] : [], dims is null ? 0 : 1);
        public Tensor roll(long[] shifts, long[] dims) => Native.nas_roll(this, shifts, shifts.Length, dims, dims.Length);
        public Tensor narrow(long dim, long start, long length) => Native.nas_narrow(this, dim, start, length);
        public Tensor slice(long dim, long start, long finish, long step) => Native.nas_slice(this, dim, start, finish, step);
        public Tensor select(long dim, long index) => Native.nas_select(this, dim, index);
        public Tensor unfold(long dimension, long size, long step) => Native.nas_unfold(this, dimension, size, step);
        public Tensor diagonal(long offset = 0, long dim1 = 0, long dim2 = 1) => Native.nas_diagonal(this, offset, dim1, dim2);
        public Tensor diag(long diagonal = 0) => Native.nas_diag(this, diagonal);
        public Tensor tril(long diagonal = 0) => Native.nas_tril(this, diagonal);
        public Tensor triu(long diagonal = 0) => Native.nas_triu(this, diagonal);
        public Tensor as_strided(long[] size, long[] strides, long storageOffset = 0) => Native.nas_as_strided(this, size, strides, size.Length, storageOffset);

        public Tensor[] unbind(long dimension = 0) => Native.nas_unbind(this, dimension, out _) ?? throw Native.Failure();
        public Tensor[] chunk(long chunks, long dim = 0) => Native.nas_chunk(this, chunks, dim, out _) ?? throw Native.Failure();
        public Tensor[] split(long size, int dim = 0) => Native.nas_split(this, size, dim, out _) ?? throw Native.Failure();
        public Tensor[] split(long[] sizes, long dim = 0) => split(sizes.AsSpan(), dim);
        public Tensor[] split(ReadOnlySpan<long> sizes, long dim = 0) => Native.nas_split_sizes(this, sizes, sizes.Length, dim, out _) ?? throw Native.Failure();
    }
}
