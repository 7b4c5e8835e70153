using System.Buffers.Binary;
using System.Text;
using Google.Protobuf;
using NasPlatform.Search;
using NasPlatform.Search.Benchmarks;
using NasPlatform.Search.Benchmarks.Formats;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Benchmarks;

public sealed class NasBench101RecordsTests : IDisposable
{
    private const string Empty = "043721b9c7fe8c5fad811d47d83132ec";
    private const string OneConvolution = "b49ac8c578b4561d79ac7087988f1c61";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_checksum_is_Castagnolis() => Assert.Equal(0xE3069283, RecordFile.Checksum("123456789"u8));

    [Fact]
    public void A_record_file_answers_as_the_benchmarks_own_interface_does()
    {
        var table = Import(
        [
            .. Record(Empty, 4, "0100", "input,output", 882_570, 0.25),
            .. Record(Empty, 108, "0100", "input,output", 882_570, 0.5),
            .. Record(Empty, 108, "0100", "input,output", 882_570, 0.75),
            .. Record(OneConvolution, 108, "010001000", "input,conv3x3-bn-relu,output", 10_177_674, 0.8),
        ]);

        var cifar10 = table.Dataset("cifar10");
        Assert.Equal((2, "nasbench101"), (table.Count, table.Name));
        Assert.Equal([2, 4, 54, 108], cifar10.Budgets.Select(budget => budget.Epochs));
        var row = table.Find(table.Space.Find("empty")) ?? -1;
        Assert.Equal(new Measurement(1, 0.75, 0.73, 100), cifar10.Full.Single(row, 1));
        Assert.Equal(new Measurement(1, 0.625, 0.605, 100), cifar10.Full.Mean(row));
        Assert.Equal(new Measurement(0.5, 0.375, 0.355, 50), Rounded(cifar10.Budget(54).Single(row, 1)));
        Assert.Equal([0, 1], cifar10.Full.RepeatsOf(row));
        Assert.Equal([0], cifar10.Full.RepeatsOf(table.Find(table.Space.Find("one conv3x3")) ?? -1));
        Assert.Equal(10_177_674, cifar10.Parameters(cifar10.Full.Best));
    }

    [Fact]
    public void A_file_that_is_cut_off_or_changed_is_refused_with_the_record()
    {
        var whole = Record(Empty, 4, "0100", "input,output", 882_570, 0.25);
        var changed = (byte[])[.. whole, .. whole];
        changed[^20]++;

        Assert.Contains("table.tfrecord, record 2: it is cut off or damaged", Refusal([.. whole, .. whole[..^1]]));
        Assert.Contains("table.tfrecord, record 2: it is cut off or damaged", Refusal([.. whole, .. whole[..5]]));
        Assert.Contains("table.tfrecord, record 2: it is cut off or damaged", Refusal(changed));
    }

    [Theory]
    [InlineData(Empty, "010001000", "input,conv3x3-bn-relu,output", "is not the hash of its cell, which is b49ac8c578b4561d79ac7087988f1c61")]
    [InlineData(Empty, "0000", "input,output", "'0000 input,output' is no cell of the space")]
    [InlineData(Empty, "01", "input,output", "'01 input,output' is no cell of the space")]
    [InlineData(OneConvolution, "010001000", "input,conv9x9,output", "is no cell of the space")]
    public void A_record_with_a_mistake_is_refused(string hash, string matrix, string operations, string message) =>
        Assert.Contains(message, Refusal(Record(hash, 4, matrix, operations, 1, 0.25)));

    [Fact]
    public void A_record_of_something_else_is_refused()
    {
        Assert.Contains("record 1: it is no training of a cell", Refusal(Framed("[1,2]"u8.ToArray())));
        Assert.Contains("record 1: it is no training of a cell", Refusal(Framed("not JSON"u8.ToArray())));
        Assert.Contains("record 1: it is no training of a cell", Refusal(Framed(Encoding.UTF8.GetBytes($"[\"{Empty}\",4,\"0100\",\"input,output\",\"CgA=\"]"))));
    }

    private static Measurement Rounded(Measurement measured) => measured with { Test = Math.Round(measured.Test ?? 0, 9) };

    private static byte[] Record(string hash, int epochs, string matrix, string operations, int parameters, double valid)
    {
        var metrics = Message(output =>
        {
            foreach (var done in new[] { 0, 0.5, 1 })
            {
                output.WriteTag(1, WireFormat.WireType.LengthDelimited);
                output.WriteBytes(ByteString.CopyFrom(Message(evaluation =>
                {
                    double[] fields = [done * epochs, done * 100, done, valid * (0.5 + (done / 2)) - (done == 0.5 ? valid / 4 : 0), 0];
                    fields[4] = fields[3] - 0.02;
                    for (var field = 1; field <= fields.Length; field++)
                    {
                        evaluation.WriteTag(field, WireFormat.WireType.Fixed64);
                        evaluation.WriteDouble(fields[field - 1]);
                    }

                    evaluation.WriteTag(6, WireFormat.WireType.LengthDelimited);
                    evaluation.WriteString("checkpoint");
                })));
            }

            output.WriteTag(2, WireFormat.WireType.Varint);
            output.WriteInt32(parameters);
            output.WriteTag(3, WireFormat.WireType.Fixed64);
            output.WriteDouble(1234.5);
        });
        return Framed(Encoding.UTF8.GetBytes($"[\"{hash}\",{epochs},\"{matrix}\",\"{operations}\",\"{Convert.ToBase64String(metrics)}\"]"));
    }

    private static byte[] Message(Action<CodedOutputStream> write)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            write(output);
        }

        return stream.ToArray();
    }

    private static byte[] Framed(byte[] data)
    {
        var framed = new byte[data.Length + 16];
        BinaryPrimitives.WriteUInt64LittleEndian(framed, (ulong)data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(framed.AsSpan(8), RecordFile.MaskedChecksum(framed.AsSpan(0, 8)));
        data.CopyTo(framed, 12);
        BinaryPrimitives.WriteUInt32LittleEndian(framed.AsSpan(data.Length + 12), RecordFile.MaskedChecksum(data));
        return framed;
    }

    private string Refusal(byte[] content) => Assert.Throws<UserErrorException>(() => Import(content)).Message;

    private BenchmarkTable Import(byte[] content)
    {
        var catalog = new BenchmarkCatalog(_folder["data"]);
        return catalog.Open(catalog.Import([_folder.Write("table.tfrecord", content)], cancellation: TestContext.Current.CancellationToken).Name);
    }
}
