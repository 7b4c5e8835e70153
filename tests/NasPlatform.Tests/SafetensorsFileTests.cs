using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using NasPlatform.Search;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests;

public sealed class SafetensorsFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_is_written_is_read_back()
    {
        var path = _folder["a.safetensors"];
        float[] weights = [1.5f, -2, 3, 0, 0, 6];

        SafetensorsFile.Write(path,
        [
            new("pixels", TensorType.U8, [3], new byte[] { 7, 8, 9 }),
            new("weights", TensorType.F32, [2, 3], MemoryMarshal.AsBytes<float>(weights).ToArray()),
            new("step", TensorType.I64, [], BitConverter.GetBytes(42L)),
            new("none", TensorType.BF16, [0, 5], Array.Empty<byte>()),
        ], new Dictionary<string, string> { ["classes"] = "[\"кот\",\"犬\"]" });
        using var file = SafetensorsFile.Open(path);

        Assert.Equal(["step", "weights", "none", "pixels"], file.Names);
        Assert.Equal([2, 3], file["weights"].Shape);
        Assert.Equal((TensorType.F32, 24), (file["weights"].Type, file["weights"].ByteLength));
        Assert.Equal(weights, MemoryMarshal.Cast<byte, float>(file.Bytes("weights")).ToArray());
        Assert.Equal(42, BinaryPrimitives.ReadInt64LittleEndian(file.Bytes("step")));
        Assert.Equal([8, 9], file.Bytes("pixels", 1, 2).ToArray());
        Assert.Equal(0, file.Bytes("none").Length);
        Assert.Equal("[\"кот\",\"犬\"]", file.Metadata["classes"]);
        Assert.Equal(["a.safetensors"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void The_data_of_a_written_file_starts_at_a_multiple_of_8_after_an_object_padded_with_spaces()
    {
        var path = _folder["a.safetensors"];
        for (var length = 1; length < 10; length++)
        {
            SafetensorsFile.Write(path, [new(new string('n', length), TensorType.F64, [1], new byte[8])]);

            var bytes = File.ReadAllBytes(path);
            var headerLength = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
            Assert.Equal(0, headerLength % 8);
            Assert.Equal((byte)'{', bytes[8]);
            Assert.EndsWith("}", Encoding.UTF8.GetString(bytes, 8, headerLength).TrimEnd(' '));
            Assert.Equal(8 + headerLength + 8, bytes.Length);
        }
    }

    [Fact]
    public void A_failed_write_leaves_the_old_file_and_nothing_else()
    {
        var path = _folder["a.safetensors"];
        SafetensorsFile.Write(path, [new("x", TensorType.U8, [1], new byte[] { 5 })]);

        Assert.Throws<ArgumentException>(() => SafetensorsFile.Write(path, [new("x", TensorType.U8, [2], new byte[] { 6 })]));
        Assert.Throws<ArgumentException>(() => SafetensorsFile.Write(path, [new("x", TensorType.U8, [1], new byte[] { 6 }), new("x", TensorType.U8, [1], new byte[] { 6 })]));
        Assert.Throws<InvalidDataException>(() => SafetensorsFile.Write(path, [new("x", TensorType.U8, [1], _ => throw new InvalidDataException())]));

        using var file = SafetensorsFile.Open(path);
        Assert.Equal([5], file.Bytes("x").ToArray());
        Assert.Single(Directory.GetFiles(_folder.Path));
    }

    // The layout of the reference implementation in Python: keys in any order, offsets too, no padding needed.
    [Fact]
    public void Files_of_other_writers_are_read()
    {
        var path = Raw("""{"b":{"dtype":"I32","shape":[2],"data_offsets":[4,12]},"__metadata__":{"format":"pt"},"a":{"dtype":"F16","shape":[2,1],"data_offsets":[0,4]}}""", 12);

        using var file = SafetensorsFile.Open(path);

        Assert.Equal(["a", "b"], file.Names);
        Assert.Equal([4, 5, 6, 7, 8, 9, 10, 11], file.Bytes("b").ToArray());
        Assert.Equal("pt", file.Metadata["format"]);
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", 3, "its tensors take 4 bytes but 3 bytes follow the header (the file was cut short)")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", 5, "its tensors take 4 bytes but 5 bytes follow the header (something was appended)")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[2],"data_offsets":[3,5]}}""", 5, "tensor 'b' starts at byte 3 of the data where byte 4 is due (an overlap)")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[2],"data_offsets":[5,7]}}""", 7, "tensor 'b' starts at byte 5 of the data where byte 4 is due (a gap)")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,4]}}""", 4, "tensor 'a' of shape [4] needs 16 bytes but has 4")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[4,0]}}""", 4, "tensor 'a' has no valid data_offsets")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4,4]}}""", 4, "tensor 'a' has no valid data_offsets")]
    [InlineData("""{"a":{"dtype":"U8","shape":[-1,-4],"data_offsets":[0,4]}}""", 4, "tensor 'a' has a dimension of -1")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,4]}}""", 4, "tensor 'a' has a shape that is too large")]
    [InlineData("""{"a":{"dtype":"U8","shape":[1.5],"data_offsets":[0,1]}}""", 1, "tensor 'a' has a shape or offset that is no whole number")]
    [InlineData("""{"a":{"dtype":"Q9","shape":[1],"data_offsets":[0,1]}}""", 1, "tensor 'a' has the element type 'Q9'; known are BOOL, U8, I32, I64, F16, BF16, F32, F64")]
    [InlineData("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}""", 1, "its header is not the JSON it should be")]
    [InlineData("""{"a":{"dtype":"U8","data_offsets":[0,1]}}""", 1, "its header is not the JSON it should be")]
    [InlineData("""{"a":7}""", 0, "its header is not the JSON it should be")]
    [InlineData("""[]""", 0, "its header is not the JSON it should be")]
    [InlineData("""{"a":""", 0, "its header is not the JSON it should be")]
    public void A_malformed_header_is_refused_with_the_reason(string header, int dataLength, string reason)
    {
        var path = Raw(header, dataLength);

        var error = Assert.Throws<UserErrorException>(() => SafetensorsFile.Open(path));

        Assert.StartsWith($"{path} is not a valid safetensors file: {reason}", error.Message);
    }

    [Theory]
    [InlineData(new byte[0], "it has only 0 bytes")]
    [InlineData(new byte[] { 1, 2, 3 }, "it has only 3 bytes")]
    [InlineData(new byte[] { 255, 255, 255, 255, 255, 255, 255, 255, 0 }, "its header would be 18446744073709551615 bytes long")]
    [InlineData(new byte[] { 9, 0, 0, 0, 0, 0, 0, 0, 123, 125 }, "its header would be 9 bytes long")]
    public void A_header_length_that_lies_is_refused(byte[] content, string reason)
    {
        var path = _folder.Write("bad.safetensors", content);

        Assert.Contains(reason, Assert.Throws<UserErrorException>(() => SafetensorsFile.Open(path)).Message);
    }

    [Fact]
    public void A_missing_file_and_an_unknown_tensor_are_named()
    {
        var path = _folder["a.safetensors"];
        Assert.Contains(path, Assert.Throws<UserErrorException>(() => SafetensorsFile.Open(path)).Message);

        SafetensorsFile.Write(path, [new("weight", TensorType.U8, [1], new byte[1])]);
        using var file = SafetensorsFile.Open(path);
        Assert.Contains("Did you mean 'weight'?", Assert.Throws<UserErrorException>(() => file["wieght"]).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Bytes("weight", 1, 1).Length);
    }

    [Fact]
    public void A_tensor_beyond_2_GB_is_read_in_parts()
    {
        const long length = (1L << 31) + 16;
        var path = _folder["big.safetensors"];
        // A hole in the file costs no disk.
        SafetensorsFile.Write(path, [new("big", TensorType.U8, [length], stream =>
        {
            stream.Seek(length - 1, SeekOrigin.Current);
            stream.WriteByte(77);
        })]);

        using var file = SafetensorsFile.Open(path);

        Assert.Equal(length, file["big"].ByteLength);
        Assert.Equal([0, 77], file.Bytes("big", length - 2, 2).ToArray());
        Assert.Throws<OverflowException>(() => file.Bytes("big").Length);
    }

    [Fact]
    public void Nothing_is_read_after_disposal()
    {
        var path = _folder["a.safetensors"];
        SafetensorsFile.Write(path, [new("x", TensorType.U8, [1], new byte[1])]);
        var file = SafetensorsFile.Open(path);

        file.Dispose();

        Assert.Throws<ObjectDisposedException>(() => file.Bytes("x").Length);
    }

    private string Raw(string header, int dataLength)
    {
        var json = Encoding.UTF8.GetBytes(header);
        byte[] length = BitConverter.GetBytes((long)json.Length);
        return _folder.Write("raw.safetensors", [.. length, .. json, .. Enumerable.Range(0, dataLength).Select(i => (byte)i)]);
    }
}
