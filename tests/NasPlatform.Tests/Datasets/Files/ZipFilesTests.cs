using System.IO.Compression;
using System.Text;
using NasPlatform.Search;
using NasPlatform.Search.Datasets;
using NasPlatform.Search.Datasets.Files;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Datasets.Files;

public sealed class ZipFilesTests : IDisposable
{
    private static readonly DatasetLimits Limits = new();
    private static readonly byte[] Content = [.. Enumerable.Range(0, 3000).Select(i => (byte)(i / 7))];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Stored_and_deflated_files_of_common_tools_are_read()
    {
        var path = _folder["a.zip"];
        using (var zip = ZipFile.Open(path, ZipArchiveMode.Create))
        {
            foreach (var (name, level) in new[] { ("b/2.png", CompressionLevel.Optimal), ("a/1.png", CompressionLevel.NoCompression), ("猫/ñandú.png", CompressionLevel.Fastest) })
            {
                using var entry = zip.CreateEntry(name, level).Open();
                entry.Write(Content);
            }
            zip.CreateEntry("empty/");
            zip.CreateEntry("a/none.png");
        }

        using var files = SourceFiles.Open(path, Limits);

        Assert.Equal("zip archive", files.Kind);
        Assert.Equal([("a/1.png", 3000), ("a/none.png", 0), ("b/2.png", 3000), ("猫/ñandú.png", 3000L)], files.Files.Select(file => (file.Name, file.Length)));
        Assert.Equal([Content, [], Content, Content], ReadAll(files));
        Assert.Equal(2, files.Find("b/2.png"));
        Assert.Equal(-1, files.Find("b/3.png"));
    }

    [Fact]
    public void An_archive_written_to_a_pipe_with_lengths_after_the_data_is_read()
    {
        var output = new MemoryStream();
        using (var zip = new ZipArchive(new UnseekableStream(output), ZipArchiveMode.Create))
        {
            using var entry = zip.CreateEntry("a.png").Open();
            entry.Write(Content);
        }

        using var files = SourceFiles.Open(_folder.Write("a.zip", output.ToArray()), Limits);

        Assert.Equal([Content], ReadAll(files));
    }

    [Fact]
    public void What_file_managers_leave_behind_is_left_out()
    {
        var zip = new TinyZip();
        foreach (var name in new[] { "__MACOSX/a/._1.png", "a/.DS_Store", "a/Thumbs.db", ".git/x.png", "a/desktop.ini", "a/1.png" })
            zip.Add(name, Content);

        Assert.Equal(["a/1.png"], Open(zip).Files.Select(file => file.Name));
    }

    [Theory]
    [InlineData("../evil.png")]
    [InlineData("a/../../evil.png")]
    [InlineData("/etc/evil.png")]
    [InlineData("\\evil.png")]
    [InlineData("a\\..\\..\\evil.png")]
    [InlineData("C:\\evil.png")]
    [InlineData("c:evil.png")]
    public void Names_that_lead_out_are_refused(string name)
    {
        var message = Refusal(new TinyZip().Add("a/1.png", Content).Add(name, Content));

        Assert.Contains($"has an entry '{name}' that leads out of its folder; nothing was read", message);
    }

    [Theory]
    [InlineData("a/\n.png", "'a/?.png'")]
    [InlineData("a/\0.png", "'a/?.png'")]
    [InlineData(".", "'.'")]
    public void Names_that_no_file_can_have_are_refused(string name, string shown) =>
        Assert.Contains($"has an entry with the name {shown}", Refusal(new TinyZip().Add(name, Content)));

    [Theory]
    [InlineData(0xA000u)]
    [InlineData(0x1000u)]
    [InlineData(0x2000u)]
    [InlineData(0x6000u)]
    public void Links_pipes_and_devices_are_refused(uint kind) =>
        Assert.Contains("'a/1.png' in", Refusal(new TinyZip().Add(new TinyZip.Entry("a/1.png", "/etc/passwd"u8.ToArray()) { ExternalAttributes = (kind | 0x1FF) << 16 })));

    [Theory]
    [InlineData(0x801)]
    [InlineData(0x840)]
    [InlineData(0x2800)]
    public void Encrypted_entries_are_refused(int flags) =>
        Assert.Contains("'a/1.png' in", Refusal(new TinyZip().Add(new TinyZip.Entry("a/1.png", Content) { Flags = flags }), "is encrypted; unpack the archive with its password"));

    [Fact]
    public void Unknown_methods_are_refused() =>
        Assert.Contains("is packed by method 14; pack the folder with 'deflate' or 'store'", Refusal(new TinyZip().Add(new TinyZip.Entry("a/1.png", Content) { Method = 14 })));

    [Fact]
    public void Entries_that_share_their_data_are_refused()
    {
        var zip = new TinyZip().Add("a/1.png", Content).Add(new TinyZip.Entry("a/2.png", Content) { OffsetOf = 0 });

        Assert.Contains("overlaps another entry, as in a bomb", Refusal(zip));
    }

    [Fact]
    public void An_entry_that_reaches_into_the_next_is_refused()
    {
        var bytes = new TinyZip().Add("a/1.png", Content).Add("a/2.png", Content).ToBytes();
        // Both lengths of the first, in the directory only.
        var first = bytes.AsSpan().IndexOf("PK\x01\x02"u8);
        BitConverter.TryWriteBytes(bytes.AsSpan(first + 20), 3500);
        BitConverter.TryWriteBytes(bytes.AsSpan(first + 24), 3500);

        Assert.Contains("'a/1.png' in", Refusal(bytes, "overlaps another entry"));
    }

    [Fact]
    public void A_local_header_that_pushes_its_data_into_the_next_entry_is_refused_when_read()
    {
        var bytes = new TinyZip().Add("a/1.png", Content).Add("a/2.png", Content).ToBytes();
        bytes[28] = 200; // Length of the extra field.

        using var files = SourceFiles.Open(_folder.Write("bad.zip", bytes), Limits);

        Assert.Contains("overlaps another entry", Assert.Throws<UserErrorException>(() => ReadAll(files)).Message);
    }

    [Fact]
    public void The_same_name_twice_is_refused() =>
        Assert.Contains("holds 'a/1.png' twice", Refusal(new TinyZip().Add("a/1.png", Content).Add("a//1.png", Content)));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_wrong_checksum_is_the_damage_of_one_file(bool deflate)
    {
        var zip = new TinyZip().Add("a/1.png", Content).Add(new TinyZip.Entry("a/2.png", Content) { Crc = 1234, Deflate = deflate }).Add("a/3.png", Content);
        using var files = SourceFiles.Open(_folder.Write("bad.zip", zip.ToBytes()), Limits);

        Assert.Equal([Content], ReadAll(files, 0));
        Assert.Equal("its checksum is wrong: the archive is damaged", Assert.Throws<InvalidDataException>(() => ReadAll(files, 1)).Message);
        Assert.Equal([Content], ReadAll(files, 2));
    }

    [Theory]
    [InlineData(2999, "it has more bytes than the archive says (2,999)")]
    [InlineData(3001, "it has fewer bytes than the archive says (3,001)")]
    public void A_length_that_lies_is_the_damage_of_one_file(uint length, string reason)
    {
        var zip = new TinyZip().Add(new TinyZip.Entry("a/1.png", Content) { Deflate = true, Length = length });
        using var files = SourceFiles.Open(_folder.Write("bad.zip", zip.ToBytes()), Limits);

        Assert.Equal(reason, Assert.Throws<InvalidDataException>(() => ReadAll(files)).Message);
    }

    [Fact]
    public void Bombs_are_refused_by_what_their_directory_says()
    {
        var zeros = new TinyZip.Entry("a/1.png", new byte[2_000_000]) { Deflate = true };

        Assert.Contains("unpacks to more than 200 times its size, as a bomb does", Refusal(new TinyZip().Add(zeros)));
        Assert.Contains("unpacks to 2,000,000 bytes; the limit is 1,999,999", Refusal(new TinyZip().Add(zeros).ToBytes(), limits: Limits with { MaxEntryBytes = 1_999_999 }));
        Assert.Contains("unpacks to more than 5,999 bytes", Refusal(new TinyZip().Add("a", Content).Add("b", Content).ToBytes(), limits: Limits with { MaxArchiveBytes = 5999 }));
        Assert.Contains("has 2 entries; the limit is 1", Refusal(new TinyZip().Add("a", Content).Add("b", Content).ToBytes(), limits: Limits with { MaxEntries = 1 }));
    }

    [Fact]
    public void A_bomb_that_lies_about_its_length_gives_no_more_than_it_said()
    {
        var zip = new TinyZip().Add(new TinyZip.Entry("a/1.png", new byte[50_000_000]) { Deflate = true, Length = 1000 });
        using var files = SourceFiles.Open(_folder.Write("bad.zip", zip.ToBytes()), Limits);
        var before = GC.GetTotalAllocatedBytes();

        Assert.Throws<InvalidDataException>(() => ReadAll(files));

        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 5_000_000);
    }

    [Fact]
    public void Old_names_are_decoded_and_unicode_extras_are_believed_while_they_fit()
    {
        var oldName = new TinyZip.Entry("", Content) { Flags = 0, RawName = [(byte)'a', 0x82, (byte)'.', (byte)'p', (byte)'n', (byte)'g'] };
        byte[] raw = [.. "x.png"u8];
        byte[] utf8 = Encoding.UTF8.GetBytes("кот.png");
        byte[] extra = [0x75, 0x70, (byte)(5 + utf8.Length), 0, 1, .. BitConverter.GetBytes(System.IO.Hashing.Crc32.HashToUInt32(raw)), .. utf8];
        var unicode = new TinyZip.Entry("", Content) { Flags = 0, RawName = raw, Extra = extra };

        Assert.Equal(["aé.png", "кот.png"], Open(new TinyZip().Add(oldName).Add(unicode)).Files.Select(file => file.Name));
    }

    [Fact]
    public void Archives_that_were_cut_or_mangled_are_refused()
    {
        var bytes = new TinyZip().Add("a/1.png", Content).Add("a/2.png", Content).ToBytes();

        Assert.Contains("is damaged: it has no table of contents at its end: it was cut short", Refusal(bytes[..^30]));
        Assert.Contains("is damaged", Refusal([.. bytes[..100], .. bytes[200..]]));
        var random = new RandomSource(2);
        for (var round = 0; round < 500; round++)
        {
            var mangled = bytes.ToArray();
            for (var i = 0; i < 3; i++)
                mangled[^(1 + random.Next(160))] = (byte)random.Next(256);
            try
            {
                using var files = SourceFiles.Open(_folder.Write("mangled.zip", mangled), Limits);
                ReadAll(files);
            }
            catch (Exception e) when (e is UserErrorException or InvalidDataException)
            {
                // Any other exception fails the test.
            }
        }
    }

    private SourceFiles Open(TinyZip zip) => SourceFiles.Open(_folder.Write("a.zip", zip.ToBytes()), Limits);

    private string Refusal(TinyZip zip) => Refusal(zip, "");

    private string Refusal(TinyZip zip, string alsoContains) => Refusal(zip.ToBytes(), alsoContains);

    private string Refusal(byte[] zip, string alsoContains = "", DatasetLimits? limits = null)
    {
        var path = _folder.Write("bad.zip", zip);
        var message = Assert.Throws<UserErrorException>(() => SourceFiles.Open(path, limits ?? Limits)).Message;
        Assert.Contains(path, message);
        Assert.Contains(alsoContains, message);
        return message;
    }

    private static List<byte[]> ReadAll(SourceFiles files, params int[] wanted)
    {
        var contents = new List<byte[]>();
        foreach (var (_, content) in files.Read(wanted.Length > 0 ? wanted : [.. Enumerable.Range(0, files.Files.Count)]))
        {
            var copy = new MemoryStream();
            content.CopyTo(copy);
            contents.Add(copy.ToArray());
        }
        return contents;
    }

    private sealed class UnseekableStream(Stream inner) : Stream
    {
        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
        public override void Flush() => inner.Flush();
        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);
    }
}
