namespace TorchSharp;

/// <summary>Sizes in two dimensions, however they were given.</summary>
internal static class Sizes
{
    internal static long[] Both(long size) => [size, size];
    internal static long[] Both((long height, long width) size) => [size.height, size.width];

    /// <summary>None is the default, one stands for both.</summary>
    internal static long[] Both(long[]? size, long otherwise) => size switch
    {
        null => [otherwise, otherwise],
        [long both] => [both, both],
        [_, _] => size,
        _ => throw new ArgumentException($"One size or two are wanted, not {size.Length}."),
    };
}
