using System.Runtime.CompilerServices;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        [IndexerName("TensorItems")]
        public Tensor this[long i1]
        {
            get => index(TensorIndex.Single(i1));
            set => index_put_(value, TensorIndex.Single(i1));
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2]
        {
            get => index(TensorIndex.Single(i1), TensorIndex.Single(i2));
            set => index_put_(value, TensorIndex.Single(i1), TensorIndex.Single(i2));
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3]
        {
            get => index(TensorIndex.Single(i1), TensorIndex.Single(i2), TensorIndex.Single(i3));
            set => index_put_(value, TensorIndex.Single(i1), TensorIndex.Single(i2), TensorIndex.Single(i3));
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3, long i4]
        {
            get => index(TensorIndex.Single(i1), TensorIndex.Single(i2), TensorIndex.Single(i3), TensorIndex.Single(i4));
            set => index_put_(value, TensorIndex.Single(i1), TensorIndex.Single(i2), TensorIndex.Single(i3), TensorIndex.Single(i4));
        }

        [IndexerName("TensorItems")]
        public Tensor this[params long[] indices]
        {
            get => index(Array.ConvertAll(indices, index => TensorIndex.Single(index)));
            set => index_put_(value, Array.ConvertAll(indices, index => TensorIndex.Single(index)));
        }

        [IndexerName("TensorItems")]
        public Tensor this[params TensorIndex[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        [IndexerName("TensorItems")]
        public Tensor this[params Tensor[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        /// <summary>The part that the expression names, one entry per dimension; a view where all entries are numbers and slices.</summary>
        public Tensor index(params TensorIndex[] indices)
        {
            Tensor part = Native.nas_index(this, IndexItem.Of(indices), indices.Length);
            GC.KeepAlive(indices);
            return part;
        }

        public Tensor index(params Tensor[] indices) => index(Array.ConvertAll(indices, TensorIndex.Tensor));

        public Tensor index_put_(Tensor value, params TensorIndex[] indices)
        {
            Native.nas_index_put_(this, IndexItem.Of(indices), indices.Length, value);
            GC.KeepAlive(indices);
            return this;
        }

        public Tensor index_put_(Scalar value, params TensorIndex[] indices)
        {
            Native.nas_index_put_number_(this, IndexItem.Of(indices), indices.Length, value.Number);
            GC.KeepAlive(indices);
            return this;
        }

        public Tensor index_put_(Tensor value, params Tensor[] indices) => index_put_(value, indices, false);
        public Tensor index_put_(Scalar value, params Tensor[] indices) => index_put_(value, Array.ConvertAll(indices, TensorIndex.Tensor));
        public Tensor index_put_(Tensor value, Tensor[] indices, bool accumulate = false) =>
            Same(Native.nas_index_put_accumulate_(this, TensorList.Of(indices), indices.Length, value, accumulate));

        public Tensor index_select(long dim, Tensor index) => Native.nas_index_select(this, dim, index);
        public Tensor gather(long dim, Tensor index) => Native.nas_gather(this, dim, index);
        public Tensor take(Tensor index) => Native.nas_take(this, index);
        public Tensor masked_select(Tensor mask) => Native.nas_masked_select(this, mask);
        public Tensor masked_fill(Tensor mask, Scalar value) => Native.nas_masked_fill(this, mask, value.Number);
        public Tensor masked_fill_(Tensor mask, Scalar value) => Same(Native.nas_masked_fill_(this, mask, value.Number));
        /// <summary>The indices of all elements that are not zero, one row each.</summary>
        public Tensor nonzero() => Native.nas_nonzero(this);
        public Tensor scatter(long dim, Tensor index, Tensor src) => Native.nas_scatter(this, dim, index, src);
        public Tensor scatter_(long dim, Tensor index, Tensor src) => Same(Native.nas_scatter_(this, dim, index, src));
        public Tensor scatter_add(long dim, Tensor index, Tensor src) => Native.nas_scatter_add(this, dim, index, src);
        public Tensor scatter_add_(long dim, Tensor index, Tensor src) => Same(Native.nas_scatter_add_(this, dim, index, src));
        public Tensor index_add(long dim, Tensor index, Tensor source, Scalar alpha) => Native.nas_index_add(this, dim, index, source, alpha.Number);
        public Tensor index_add_(long dim, Tensor index, Tensor source, Scalar alpha) => Same(Native.nas_index_add_(this, dim, index, source, alpha.Number));
        public Tensor index_copy(long dim, Tensor index, Tensor source) => Native.nas_index_copy(this, dim, index, source);
        public Tensor index_copy_(long dim, Tensor index, Tensor source) => Same(Native.nas_index_copy_(this, dim, index, source));
        public Tensor index_fill(long dim, Tensor index, Scalar value) => Native.nas_index_fill(this, dim, index, value.Number);
        public Tensor index_fill_(long dim, Tensor index, Scalar value) => Same(Native.nas_index_fill_(this, dim, index, value.Number));
    }
}
