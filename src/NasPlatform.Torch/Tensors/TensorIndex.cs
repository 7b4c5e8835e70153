namespace TorchSharp;

public static partial class torch
{
    /// <summary>One entry of an index expression: a number, a slice, a tensor, a new dimension or an ellipsis.</summary>
    public struct TensorIndex
    {
        public static readonly TensorIndex None = new(IndexKind.None);
        public static readonly TensorIndex Null = None;
        public static readonly TensorIndex Ellipsis = new(IndexKind.Ellipsis);
        public static readonly TensorIndex Colon = Slice();

        private TensorIndex(IndexKind kind, long? start = null, long? stop = null, long? step = null, Tensor? tensor = null) =>
            (Kind, Start, Stop, Step, Index) = (kind, start, stop, step, tensor);

        internal IndexKind Kind { get; }
        internal long? Start { get; }
        internal long? Stop { get; }
        internal long? Step { get; }
        internal Tensor? Index { get; }

        /// <summary>From <paramref name="start"/> to before <paramref name="stop"/>; negative numbers count from the end.</summary>
        public static TensorIndex Slice(long? start = null, long? stop = null, long? step = null) => new(IndexKind.Slice, start, stop, step);
        public static TensorIndex Slice((int? start, int? stop) range) => Slice(range.start, range.stop);
        public static TensorIndex Slice(Range range) => Slice(From(range.Start), range.End is { IsFromEnd: true, Value: 0 } ? null : From(range.End));
        public static TensorIndex Single(long? index) => new(IndexKind.Single, index);
        public static TensorIndex Bool(bool value) => new(IndexKind.Bool, value ? 1 : 0);
        public static TensorIndex Tensor(Tensor tensor) => new(IndexKind.Tensor, tensor: tensor);

        public static implicit operator TensorIndex(long value) => Single(value);
        public static implicit operator TensorIndex(Index index) => Single(From(index));
        public static implicit operator TensorIndex(Range range) => Slice(range);
        public static implicit operator TensorIndex((int? start, int? stop) range) => Slice(range);

        private static long From(Index index) => index.IsFromEnd ? -index.Value : index.Value;
    }
}
