using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using NasPlatform.Search;
using NasPlatform.Search.Datasets;
using NasPlatform.Search.Datasets.Files;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Datasets.Files;

public sealed class TarFilesTests : IDisposable
{
    private static readonly DatasetLimits Limits = new();
    private static readonly byte[] Content = [.. Enumerable.Range(0, 3000).Select(i => (byte)(i / 7))];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(TarEntryFormat.V7, false)]
    [InlineData(TarEntryFormat.Ustar, true)]
    [InlineData(TarEntryFormat.Pax, true)]
    [InlineData(TarEntryFormat.Gnu, false)]
    public void Archives_of_common_tools_are_read(TarEntryFormat format, bool zipped)
    {
        var longName = format is TarEntryFormat.Pax or TarEntryFormat.Gnu ? new string('n', 180) + "/猫.png" : "b/2.png";
        var path = Write(zipped, format, ("./b/.hidden", TarEntryType.RegularFile), (longName, TarEntryType.RegularFile), ("a", TarEntryType.Directory), ("./a/1.png", TarEntryType.RegularFile));
        if (format == TarEntryFormat.V7)
        {
            // The old format has no mark to be told by.
            Assert.Equal("folder", SourceFiles.Open(path, Limits).Kind);
            return;
        }

        using var files = SourceFiles.Open(path, Limits);

        Assert.Equal("tar archive", files.Kind);
        Assert.Equal([("a/1.png", 3000), (longName, 3000L)], files.Files.Select(file => (file.Name, file.Length)));
        // In the archive's own order, and only what is wanted.
        Assert.Equal([1, 0], Read(files, 0, 1).Select(pair => pair.Index));
        Assert.Equal([0], Read(files, 0).Select(pair => pair.Index));
        Assert.All(Read(files, 0, 1), pair => Assert.Equal(Content, pair.Content));
    }

    [Fact]
    public void What_of_a_file_is_not_read_is_skipped()
    {
        using var files = SourceFiles.Open(Write(true, TarEntryFormat.Pax, ("a.png", TarEntryType.RegularFile), ("b.png", TarEntryType.RegularFile)), Limits);

        var starts = files.ReadStarts([0, 1], 10);

        Assert.Equal([Content[..10], Content[..10]], [starts[0], starts[1]]);
    }

    [Theory]
    [InlineData(TarEntryType.SymbolicLink, "a link")]
    [InlineData(TarEntryType.HardLink, "a link")]
    [InlineData(TarEntryType.Fifo, "a pipe")]
    [InlineData(TarEntryType.CharacterDevice, "a device")]
    public void Links_pipes_and_devices_are_refused(TarEntryType type, string kind) =>
        Assert.Contains($"is {kind}, not a file; nothing was read", Refusal(Write(true, TarEntryFormat.Pax, ("a/1.png", TarEntryType.RegularFile), ("a/2.png", type))));

    [Theory]
    [InlineData("../evil.png")]
    [InlineData("/etc/evil.png")]
    [InlineData("a/../../evil.png")]
    public void Names_that_lead_out_are_refused(string name) =>
        Assert.Contains($"'{name}' that leads out of its folder", Refusal(Write(false, TarEntryFormat.Pax, (name, TarEntryType.RegularFile))));

    [Fact]
    public void The_same_name_twice_is_refused() =>
        Assert.Contains("holds 'a.png' twice", Refusal(Write(false, TarEntryFormat.Pax, ("a.png", TarEntryType.RegularFile), ("./a.png", TarEntryType.RegularFile))));

    [Fact]
    public void Limits_hold()
    {
        var path = Write(true, TarEntryFormat.Pax, ("a.png", TarEntryType.RegularFile), ("b.png", TarEntryType.RegularFile));

        Assert.Contains("has 2 entries; the limit is 1", Refusal(path, Limits with { MaxEntries = 1 }));
        Assert.Contains("unpacks to 3,000 bytes; the limit is 2,999", Refusal(path, Limits with { MaxEntryBytes = 2999 }));
        Assert.Contains("unpacks to more than 5,999 bytes", Refusal(path, Limits with { MaxArchiveBytes = 5999 }));
    }

    [Fact]
    public void A_gzip_bomb_is_refused_while_it_unpacks()
    {
        var bytes = TarOf(TarEntryFormat.Ustar, ("a.png", new byte[20_000_000]));

        Assert.Contains("unpacks to more than 200 times its size", Refusal(_folder.Write("bomb.tar.gz", Zipped(bytes))));
    }

    [Fact]
    public void A_pax_header_of_absurd_size_is_refused()
    {
        var bytes = TarOf(TarEntryFormat.Pax, ("a.png", Content));
        // The first block is the pax header's; give it 2 GB and a right checksum.
        "17777777777"u8.CopyTo(bytes.AsSpan(124));
        Encoding.ASCII.GetBytes(Convert.ToString(bytes.Take(512).Select((value, i) => i is >= 148 and < 156 ? 32 : (int)value).Sum(), 8).PadLeft(6, '0') + "\0 ").CopyTo(bytes, 148);

        Assert.Contains("no tool writes such", Refusal(_folder.Write("bad.tar", bytes)));
    }

    [Fact]
    public void Archives_that_were_cut_or_mangled_are_refused()
    {
        var plain = TarOf(TarEntryFormat.Ustar, ("a.png", Content), ("b.png", Content));
        var zipped = Zipped(plain);

        Assert.Contains("The archive ends in the middle of 'a.png'", Refusal(_folder.Write("cut.tar", plain[..2000])));
        Assert.Contains("was cut short", Refusal(_folder.Write("cut.tar", plain[..(512 + 3072 + 100)])));
        Assert.Contains("cut", Refusal(_folder.Write("cut.tar.gz", zipped[..^(zipped.Length / 3)])));
        var mangled = plain.ToArray();
        mangled[512 + 3072 + 3] ^= 1;
        Assert.Contains("an entry's header has a wrong checksum", Refusal(_folder.Write("bad.tar", mangled)));
        var crc = zipped.ToArray();
        crc[^6] ^= 1;
        Assert.Contains("is damaged", Refusal(_folder.Write("bad.tar.gz", crc)));
    }

    [Theory]
    [InlineData(new byte[] { (byte)'7', (byte)'z', 0xBC, 0xAF, 0x27, 0x1C }, "7z")]
    [InlineData(new byte[] { (byte)'R', (byte)'a', (byte)'r', (byte)'!', 0x1A }, "rar")]
    [InlineData(new byte[] { 0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0 }, "xz")]
    [InlineData(new byte[] { (byte)'B', (byte)'Z', (byte)'h', (byte)'9' }, "bzip2")]
    [InlineData(new byte[] { 0x28, 0xB5, 0x2F, 0xFD }, "zstd")]
    public void Other_archives_are_named(byte[] start, string kind) =>
        Assert.Contains($"is a {kind} archive, which is not read; pack the folder as zip or tar.gz", Refusal(_folder.Write("x.bin", start)));

    private static string Refusal(string path, DatasetLimits? limits = null) => Assert.Throws<UserErrorException>(() =>
    {
        using var files = SourceFiles.Open(path, limits ?? Limits);
        Read(files, [.. Enumerable.Range(0, files.Files.Count)]);
    }).Message;

    private string Write(bool zipped, TarEntryFormat format, params (string Name, TarEntryType Type)[] entries)
    {
        var output = new MemoryStream();
        using (var tar = new TarWriter(output, format, leaveOpen: true))
            foreach (var (name, type) in entries)
                tar.WriteEntry(Entry(format, name, type));
        return _folder.Write(zipped ? "a.tar.gz" : "a.tar", zipped ? Zipped(output.ToArray()) : output.ToArray());
    }

    private static TarEntry Entry(TarEntryFormat format, string name, TarEntryType type)
    {
        if (format == TarEntryFormat.V7 && type == TarEntryType.RegularFile)
            type = TarEntryType.V7RegularFile;
        TarEntry entry = format switch
        {
            TarEntryFormat.V7 => new V7TarEntry(type, name),
            TarEntryFormat.Ustar => new UstarTarEntry(type, name),
            TarEntryFormat.Gnu => new GnuTarEntry(type, name),
            _ => new PaxTarEntry(type, name),
        };
        if (type is TarEntryType.RegularFile or TarEntryType.V7RegularFile)
            entry.DataStream = new MemoryStream(Content);
        if (type is TarEntryType.SymbolicLink or TarEntryType.HardLink)
            entry.LinkName = "/etc/passwd";
        return entry;
    }

    private static byte[] TarOf(TarEntryFormat format, params (string Name, byte[] Content)[] entries)
    {
        var output = new MemoryStream();
        using (var tar = new TarWriter(output, format, leaveOpen: true))
            foreach (var (name, content) in entries)
                tar.WriteEntry(format == TarEntryFormat.Pax
                    ? new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) }
                    : new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });
        return output.ToArray();
    }

    private static byte[] Zipped(byte[] bytes)
    {
        var output = new MemoryStream();
        using (var gzip = new GZipStream(output, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(bytes);
        return output.ToArray();
    }

    private static List<(int Index, byte[] Content)> Read(SourceFiles files, params int[] wanted)
    {
        var contents = new List<(int, byte[])>();
        foreach (var (index, content) in files.Read(wanted))
        {
            var copy = new MemoryStream();
            content.CopyTo(copy);
            contents.Add((index, copy.ToArray()));
        }
        return contents;
    }
}
