using NasPlatform.Search;
using NasPlatform.Search.Export;
using NasPlatform.Search.Networks;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Export;

public sealed class ExportFormatTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ExportFormatTests() => SampleModels.Write(_folder["model"], SampleModels.Describe(Graph()));

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("safetensors", "model.safetensors")]
    [InlineData("onnx", "model.onnx")]
    [InlineData("pytorch", "model.py", "model.safetensors")]
    [InlineData("json", "architecture.json")]
    [InlineData("card", "README.md")]
    public void Each_format_writes_its_files_to_a_folder_that_need_not_be_there(string name, params string[] files)
    {
        using var package = ModelPackage.Open(_folder["model"]);

        var written = ExportFormat.Named(name).Write(package, _folder["deep/out"], TestContext.Current.CancellationToken);

        Assert.Equal(files.Select(file => _folder[$"deep/out/{file}"]), written);
        Assert.Equal(files.Order(), Directory.GetFiles(_folder["deep/out"]).Select(Path.GetFileName).Order());
        Assert.All(written, path => Assert.True(new FileInfo(path).Length > 0));
    }

    [Fact]
    public void All_formats_are_written_into_the_model_s_own_folder_twice_with_the_same_bytes()
    {
        using var package = ModelPackage.Open(_folder["model"]);
        var before = File.ReadAllBytes(_folder["model/model.safetensors"]);

        var written = ExportFormat.WriteAll(package, _folder["model"], TestContext.Current.CancellationToken);
        var first = written.ToDictionary(path => path, File.ReadAllBytes);
        ExportFormat.WriteAll(package, _folder["model"], TestContext.Current.CancellationToken);

        Assert.Equal(["README.md", "architecture.json", "model.onnx", "model.py", "model.safetensors"], written.Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.All(first, file => Assert.Equal(file.Value, File.ReadAllBytes(file.Key)));
        Assert.Equal(before, first[_folder["model/model.safetensors"]]);
        Assert.Equal(5, Directory.GetFiles(_folder["model"]).Length);
        ModelPackage.Open(_folder["model"]).Dispose();
    }

    [Fact]
    public void An_unknown_format_is_refused_with_the_known_ones()
    {
        var error = Assert.Throws<UserErrorException>(() => ExportFormat.Named("onx"));

        Assert.Equal("There is no export format 'onx'. Did you mean 'onnx'? Known: safetensors, onnx, pytorch, json, card.", error.Message);
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_named()
    {
        using var package = ModelPackage.Open(_folder["model"]);
        _folder.Write("file", "");

        var error = Assert.Throws<UserErrorException>(() => ExportFormat.Json.Write(package, _folder["file"], TestContext.Current.CancellationToken));

        Assert.StartsWith($"{_folder["file/architecture.json"]} cannot be written: ", error.Message, StringComparison.Ordinal);
    }

    private static LayerGraph Graph() => SampleModels.Build("chain", "3x3/1x1/24", new(3, 16, 12, 4), ("layers", "1"));
}
