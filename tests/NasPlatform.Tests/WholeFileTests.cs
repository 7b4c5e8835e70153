using NasPlatform.Search;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests;

public sealed class WholeFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_write_that_breaks_off_leaves_the_old_file_and_nothing_else()
    {
        var path = _folder["deep/file"];
        WholeFile.Write(path, stream => stream.WriteByte(1));

        Assert.Throws<InvalidDataException>(() => WholeFile.Write(path, stream =>
        {
            stream.WriteByte(2);
            throw new InvalidDataException();
        }));

        Assert.Equal([1], File.ReadAllBytes(path));
        Assert.Single(Directory.GetFiles(_folder["deep"]));
    }

    [Fact]
    public void A_path_that_cannot_be_written_is_named()
    {
        _folder.Write("file", "");

        var error = Assert.Throws<UserErrorException>(() => WholeFile.Write(_folder["file/below"], _ => { }));

        Assert.StartsWith($"{_folder["file/below"]} cannot be written: ", error.Message, StringComparison.Ordinal);
    }
}
