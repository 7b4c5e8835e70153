using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace NasPlatform.Search.Benchmarks.Formats;

/// <summary>
/// A TFRecord file: for each record its length in 8 bytes, little-endian, the masked CRC-32C of these, the bytes, and their masked CRC-32C (TensorFlow, <c>core/lib/io/record_writer</c>).
/// </summary>
internal static class RecordFile
{
    public const string Suffix = ".tfrecord";

    /// <summary>Records of the tables are hundreds of bytes long.</summary>
    private const int LongestRecord = 1 << 20;

    /// <summary>The records, one after the other.</summary>
    /// <exception cref="UserErrorException">The file cannot be read, is cut off or damaged; the message names the record.</exception>
    public static IEnumerable<byte[]> Read(string path)
    {
        using var stream = Open(path);
        var head = new byte[12];
        for (var number = 1; ; number++)
        {
            var read = stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
            if (read == 0)
            {
                yield break;
            }

            var length = BinaryPrimitives.ReadUInt64LittleEndian(head);
            if (read < head.Length || !IsWhole(head.AsSpan(0, 8), head.AsSpan(8)) || length > LongestRecord)
            {
                throw Damaged(number);
            }

            var record = new byte[length + 4];
            if (stream.ReadAtLeast(record, record.Length, throwOnEndOfStream: false) < record.Length || !IsWhole(record.AsSpan(..^4), record.AsSpan(^4..)))
            {
                throw Damaged(number);
            }

            yield return record[..^4];
        }

        UserErrorException Damaged(int number) => new($"{Path.GetFileName(path)}, record {number:N0}: it is cut off or damaged. Copy or download the file again.");
    }

    /// <summary>TensorFlow's mask, so that a checksum of data that hold checksums is no weaker.</summary>
    internal static uint MaskedChecksum(ReadOnlySpan<byte> data) => BitOperations.RotateRight(Checksum(data), 15) + 0xA282EAD8;

    /// <summary>CRC-32C (Castagnoli).</summary>
    internal static uint Checksum(ReadOnlySpan<byte> data)
    {
        var checksum = uint.MaxValue;
        var words = MemoryMarshal.Cast<byte, ulong>(data);
        foreach (var word in words)
        {
            checksum = BitOperations.Crc32C(checksum, word);
        }

        foreach (var value in data[(words.Length * sizeof(ulong))..])
        {
            checksum = BitOperations.Crc32C(checksum, value);
        }

        return ~checksum;
    }

    private static bool IsWhole(ReadOnlySpan<byte> data, ReadOnlySpan<byte> checksum) => MaskedChecksum(data) == BinaryPrimitives.ReadUInt32LittleEndian(checksum);

    private static FileStream Open(string path)
    {
        try
        {
            return new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20, FileOptions.SequentialScan);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{path} cannot be read: {error.Message}", error);
        }
    }
}
