using System.Runtime.InteropServices;
using Google.Protobuf;

namespace NasPlatform.Search.Export.Onnx;

/// <summary>Puts an ONNX graph together: named values, each given out by one node, and the constants they need.</summary>
internal sealed class OnnxGraphWriter(string name)
{
    /// <summary>What the first dimension of all values is called: how many examples there are is known only when the model is run.</summary>
    public const string Batch = "batch";

    private HashSet<string> _names = new(StringComparer.Ordinal);

    public OnnxGraph Graph { get; } = new() { Name = name };

    /// <summary>A name that no value has yet: the one that is wished for, or a longer one.</summary>
    public string Fresh(string wished)
    {
        var name = wished;
        for (var number = 2; !_names.Add(name); number++)
        {
            name = $"{wished}_{number}";
        }

        return name;
    }

    /// <summary>Declares an input of the graph, <c>[batch, dimensions]</c>.</summary>
    public string Input(string name, OnnxElement type, int[] dimensions)
    {
        Graph.Input.Add(Value(Fresh(name), type, dimensions));
        return name;
    }

    /// <summary>Declares a value, already given out by a node, as an output of the graph.</summary>
    public void Output(string name, int[] dimensions) => Graph.Output.Add(Value(name, OnnxElement.Float32, dimensions));

    /// <summary>States the shape of a value between nodes, for readers that do not infer it.</summary>
    public void Describe(string name, int[] dimensions) => Graph.ValueInfo.Add(Value(name, OnnxElement.Float32, dimensions));

    /// <summary>A graph that is an operator's setting, such as the body of a loop: its values have names of their own.</summary>
    public OnnxGraphWriter Inner(string name) => new(name) { _names = _names };

    /// <summary>Adds a node that gives out one value, and returns that value's name.</summary>
    public string Node(string operation, string name, string output, IEnumerable<string> inputs, params OnnxAttribute[] attributes)
    {
        Node(operation, name, [output], inputs, attributes);
        return output;
    }

    /// <summary>Adds a node that gives out several values.</summary>
    public void Node(string operation, string name, string[] outputs, IEnumerable<string> inputs, params OnnxAttribute[] attributes) =>
        Graph.Node.Add(new OnnxNode { Name = name, OpType = operation, Input = { inputs }, Output = { outputs }, Attribute = { attributes } });

    /// <summary>Adds a constant of float32 numbers, row-major.</summary>
    public string Floats(string name, IEnumerable<long> shape, ReadOnlySpan<float> numbers)
    {
        name = Fresh(name);
        var bytes = ByteString.CopyFrom(MemoryMarshal.AsBytes(numbers));
        Graph.Initializer.Add(new OnnxTensor { Name = name, DataType = OnnxElement.Float32, Dims = { shape }, RawData = bytes });
        return name;
    }

    /// <summary>Adds a constant list of whole numbers.</summary>
    public string Wholes(string name, params long[] numbers)
    {
        name = Fresh(name);
        var bytes = ByteString.CopyFrom(MemoryMarshal.AsBytes<long>(numbers));
        Graph.Initializer.Add(new OnnxTensor { Name = name, DataType = OnnxElement.Int64, Dims = { numbers.Length }, RawData = bytes });
        return name;
    }

    public static OnnxAttribute Attribute(string name, long value) => new() { Name = name, Type = OnnxAttribute.Types.Kind.Int, I = value };

    public static OnnxAttribute Attribute(string name, float value) => new() { Name = name, Type = OnnxAttribute.Types.Kind.Float, F = value };

    public static OnnxAttribute Attribute(string name, string value) =>
        new() { Name = name, Type = OnnxAttribute.Types.Kind.String, S = ByteString.CopyFromUtf8(value) };

    public static OnnxAttribute Attribute(string name, OnnxGraph value) => new() { Name = name, Type = OnnxAttribute.Types.Kind.Graph, G = value };

    public static OnnxAttribute Attribute(string name, params long[] values) => new() { Name = name, Type = OnnxAttribute.Types.Kind.Ints, Ints = { values } };

    private static OnnxValue Value(string name, OnnxElement type, int[] dimensions)
    {
        var sides = dimensions.Select(length => new OnnxType.Types.Dimension { DimValue = length });
        return new()
        {
            Name = name,
            Type = new()
            {
                TensorType = new()
                {
                    ElemType = type,
                    Shape = new() { Dim = { sides.Prepend(new OnnxType.Types.Dimension { DimParam = Batch }) } },
                },
            },
        };
    }
}
