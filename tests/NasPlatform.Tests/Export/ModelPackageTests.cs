using System.Text.Json.Nodes;
using NasPlatform.Search;
using NasPlatform.Search.Export;
using NasPlatform.Search.Networks;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Export;

public sealed class ModelPackageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_is_written_is_opened_again()
    {
        var written = SampleModels.Write(_folder["model"], SampleModels.Describe(Graph()));

        using var package = ModelPackage.Open(_folder["model"]);

        Assert.Equal(written.ToJson(), package.Description.ToJson());
        Assert.Equal(written.Classes, package.Description.Classes);
        Assert.Equal(ArchitectureKey.Of(written.Graph), ArchitectureKey.Of(package.Description.Graph));
        var weights = written.Graph.Layers.SelectMany(WeightSpec.Of).ToList();
        Assert.Equal(weights.Select(spec => spec.Name).Order(), package.Weights.Names.Order());
        Assert.Equal(24 * 3 * 3 * 3, package.Values(weights[0]).Length);
        Assert.Equal("pt", package.Weights.Metadata["format"]);
        Assert.Contains("T-shirt", package.Weights.Metadata["classes"], StringComparison.Ordinal);
        Assert.Equal("[0.3,0.26,0.22]", package.Weights.Metadata["std"]);
    }

    [Fact]
    public void Zeros_of_images_and_vectors_survive_the_file()
    {
        var graph = SampleModels.EveryOp(new(3, 19, 14, 7));

        var again = ModelDescription.FromJson(SampleModels.Describe(graph).ToJson());

        Assert.Equal(graph.Layers.Select(layer => layer.ToString()), again.Graph.Layers.Select(layer => layer.ToString()));
    }

    [Fact]
    public void A_run_folder_leads_to_its_model()
    {
        SampleModels.Write(_folder["run/model"], SampleModels.Describe(Graph()));

        using var package = ModelPackage.Open(_folder["run"]);

        Assert.Equal(_folder["run/model"], package.Folder);
    }

    [Fact]
    public void A_folder_without_a_model_is_refused()
    {
        Assert.Equal($"There is no folder {_folder["absent"]}. Give the folder of a finished run or of a model.", Error("absent"));
        Assert.Contains("holds no model: there is no architecture.json in it nor in its folder 'model'", Error(""), StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_weights_are_named()
    {
        SampleModels.Write(_folder["a"], SampleModels.Describe(Graph()));
        File.Delete(_folder["a/model.safetensors"]);

        Assert.StartsWith($"{_folder["a/model.safetensors"]} cannot be read", Error("a"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_that_is_missing_or_of_another_shape_is_named()
    {
        SampleModels.Write(_folder["a"], SampleModels.Describe(Graph()));
        using (var package = ModelPackage.Open(_folder["a"]))
        {
            var names = package.Weights.Names;
            Save("b", package.Weights, names.Where(name => name != "layer1.norm.running_var"), shape => [.. shape]);
            Save("c", package.Weights, names, shape => [.. shape.Reverse()]);
        }

        Assert.EndsWith("it has no tensor 'layer1.norm.running_var'.", Error("b"), StringComparison.Ordinal);
        Assert.EndsWith("tensor 'layer1.conv.weight' is F32 [3, 3, 3, 24] and must be F32 [24, 3, 3, 3].", Error("c"), StringComparison.Ordinal);

        void Save(string folder, SafetensorsFile file, IEnumerable<string> names, Func<IReadOnlyList<long>, long[]> reshape)
        {
            _folder.Write($"{folder}/architecture.json", File.ReadAllText(_folder["a/architecture.json"]));
            SafetensorsFile.Write(
                _folder[$"{folder}/model.safetensors"],
                names.Select(name => new TensorEntry(name, file[name].Type, reshape(file[name].Shape), file.Bytes(name).ToArray())));
        }
    }

    [Theory]
    [InlineData("nonsense", "is not a valid model description: 'nonsense' is an invalid JSON literal")]
    [InlineData("[]", "is not a valid model description: its field 'format' is missing.")]
    [InlineData("""{"format":"nasplatform-model/9"}""", "its format is 'nasplatform-model/9', and this program reads 'nasplatform-model/2'.")]
    [InlineData("""{"format":"nasplatform-model/2"}""", "missing required properties")]
    public void A_file_that_is_no_description_is_refused(string text, string reason)
    {
        _folder.Write("architecture.json", text);

        Assert.Contains(reason, Error(""), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/input/fit", "\"squeeze\"", "its fit is 'squeeze' and must be one of crop, pad, stretch")]
    [InlineData("/input/height", "27", "its input is 3×27×12 and its network takes 3×16×12")]
    [InlineData("/input/std", "[0.1, 0, 0.1]", "its normalisation must be one mean and one std above 0 for each of 3 channels")]
    [InlineData("/classes", "[\"one\"]", "it names 1 classes and its network has 4 logits")]
    [InlineData("/classes", "null", "classes")]
    [InlineData("/metrics/testAccuracyByClass", "[]", "it has the test accuracy of 0 classes and names 4")]
    [InlineData("/graph/layers/1/op/stride", null, "stride")]
    [InlineData("/graph/layers/1/op/groups", "2", "2 groups do not divide 3 input")]
    [InlineData("/graph/layers/1/op/op", "\"teleport\"", "teleport")]
    [InlineData("/graph/layers/2/inputs", "[\"nowhere\"]", "Layer 'layer1/norm' reads 'nowhere', which does not come before it")]
    [InlineData("/graph/layers/2/op", "{\"op\":\"input\"}", "Layer 'layer1/norm' is an input, and only the first layer can be")]
    [InlineData("/graph/layers/2/op", "{\"op\":\"zero\"}", "Layer 'layer1/norm' must have one input, and the shape of an image, a sequence or a vector", "/graph/layers/2/shape", "[1, 2, 3, 4]")]
    [InlineData("/graph/output", "\"layer1/relu\"", "the output must be one logit a class")]
    public void A_description_that_contradicts_itself_is_refused(string place, string? value, string reason, string? otherPlace = null, string? otherValue = null)
    {
        SampleModels.Write(_folder["a"], SampleModels.Describe(Graph()));
        var path = _folder["a/architecture.json"];
        var document = JsonNode.Parse(File.ReadAllText(path))!; // not null: it is an object
        Set(document, place, value);
        if (otherPlace is not null)
        {
            Set(document, otherPlace, otherValue);
        }

        File.WriteAllText(path, document.ToJsonString());

        var message = Error("a");
        Assert.StartsWith($"{path} is not a valid model description: ", message, StringComparison.Ordinal);
        Assert.Contains(reason, message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_contradicts_itself_is_not_written()
    {
        var description = SampleModels.Describe(Graph()) with { Classes = ["one"] };

        var error = Assert.Throws<UserErrorException>(() => SampleModels.Write(_folder["a"], description));

        Assert.Contains("it names 1 classes and its network has 4 logits", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["a"]));
    }

    [Fact]
    public void A_weight_of_another_shape_is_not_written()
    {
        Assert.Throws<ArgumentException>(() =>
            ModelPackage.Write(_folder["a"], SampleModels.Describe(Graph()), spec => new(spec.Name, TensorType.F32, [1], new byte[4])));
        Assert.False(Directory.Exists(_folder["a"]));
    }

    [Fact]
    public void A_model_whose_writing_broke_off_is_no_model()
    {
        SampleModels.Write(_folder["a"], SampleModels.Describe(Graph()));

        Assert.Throws<InvalidDataException>(() => ModelPackage.Write(
            _folder["a"], SampleModels.Describe(Graph()), spec => new(spec.Name, TensorType.F32, spec.Shape, _ => throw new InvalidDataException())));

        Assert.Contains("holds no model", Error("a"), StringComparison.Ordinal);
    }

    private static LayerGraph Graph() => SampleModels.Build("chain", "3x3/1x1/24", new(3, 16, 12, 4), ("layers", "1"));

    private string Error(string folder) => Assert.Throws<UserErrorException>(() => ModelPackage.Open(_folder[folder])).Message;

    // Replaces what lies at a path such as /graph/layers/1, or removes it.
    private static void Set(JsonNode node, string place, string? value)
    {
        var parts = place.Split('/', StringSplitOptions.RemoveEmptyEntries);
        foreach (var part in parts[..^1])
        {
            node = int.TryParse(part, out var index) ? node[index]! : node[part]!; // not null: the tests name what is there
        }

        Assert.True(node.AsObject().Remove(parts[^1]));
        if (value is not null)
        {
            // A discriminator must come first.
            node.AsObject().Insert(0, parts[^1], JsonNode.Parse(value));
        }
    }
}
