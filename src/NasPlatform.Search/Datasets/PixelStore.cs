using System.IO.Hashing;
using Microsoft.Win32.SafeHandles;
using NasPlatform.Search.Datasets.Images;

namespace NasPlatform.Search.Datasets;

/// <summary>
/// Decoded images on their way into a dataset, each at its place in a temporary file, whatever the order in which they are ready.
/// Of each it keeps a hash and sums, so that nothing must be read twice. Safe for use by several threads.
/// </summary>
internal sealed class PixelStore : IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly ImageShape _shape;
    private readonly UInt128[] _hashes;
    private readonly ulong[] _sums;
    private readonly ulong[] _squares;

    public PixelStore(string path, ImageShape shape, int count)
    {
        _file = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.None, FileOptions.DeleteOnClose);
        _shape = shape;
        _hashes = new UInt128[count];
        _sums = new ulong[count * shape.Channels];
        _squares = new ulong[count * shape.Channels];
    }

    public void Put(int index, ReadOnlySpan<byte> image)
    {
        RandomAccess.Write(_file, image, (long)index * _shape.ByteCount);
        _hashes[index] = XxHash128.HashToUInt128(image);
        var plane = _shape.Height * _shape.Width;
        for (var channel = 0; channel < _shape.Channels; channel++)
        {
            ulong sum = 0, square = 0;
            foreach (var value in image.Slice(channel * plane, plane))
            {
                sum += value;
                square += (uint)(value * value);
            }
            _sums[index * _shape.Channels + channel] = sum;
            _squares[index * _shape.Channels + channel] = square;
        }
    }

    public UInt128 HashOf(int index) => _hashes[index];

    /// <summary>Mean and standard deviation of each channel over all pixels of the given images, 0 to 1.</summary>
    public (double[] Mean, double[] Std) MeanAndStd(IEnumerable<int> indices)
    {
        var sums = new Int128[_shape.Channels];
        var squares = new Int128[_shape.Channels];
        Int128 count = 0;
        foreach (var index in indices)
        {
            count += _shape.Height * _shape.Width;
            for (var channel = 0; channel < _shape.Channels; channel++)
            {
                sums[channel] += _sums[index * _shape.Channels + channel];
                squares[channel] += _squares[index * _shape.Channels + channel];
            }
        }
        // Whole numbers until the last step, so that nothing cancels.
        var mean = sums.Select(sum => (double)sum / (double)count / 255).ToArray();
        var std = sums.Zip(squares, (sum, square) => Math.Sqrt((double)(count * square - sum * sum)) / (double)count / 255).ToArray();
        return (mean, std);
    }

    /// <summary>Writes the given images one after another.</summary>
    public void CopyTo(Stream stream, ReadOnlySpan<int> indices, CancellationToken cancellation)
    {
        var image = new byte[_shape.ByteCount];
        foreach (var index in indices)
        {
            cancellation.ThrowIfCancellationRequested();
            for (var done = 0; done < image.Length;)
            {
                var read = RandomAccess.Read(_file, image.AsSpan(done), (long)index * image.Length + done);
                if (read == 0)
                    throw new EndOfStreamException("The temporary file of decoded images ended early.");
                done += read;
            }
            stream.Write(image);
        }
    }

    public void Dispose() => _file.Dispose();
}
