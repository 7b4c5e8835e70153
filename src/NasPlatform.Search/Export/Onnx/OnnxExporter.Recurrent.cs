using NasPlatform.Search.Networks;
using static NasPlatform.Search.Export.Onnx.OnnxGraphWriter;

namespace NasPlatform.Search.Export.Onnx;

/// <summary>Texts, sequences and recurrent cells.</summary>
internal sealed partial class OnnxExporter
{
    // The matrices of embeddings, which tied layers use again.
    private readonly Dictionary<string, string> _embeddings = [];

    private string Embed(Layer layer, string tokens, string output) =>
        _writer.Node("Gather", layer.Name, output, [_embeddings[layer.Name] = Weight(WeightSpec.Of(layer)[0]), tokens], Attribute("axis", 0));

    // A full layer on every vector of a sequence; Gemm takes one sequence of vectors and not a batch of them.
    private string LinearOfSteps(Layer layer, string input, string[] weights, string output)
    {
        var turned = _writer.Node("Transpose", $"{layer.Name}/turned", _writer.Fresh($"{layer.Name}/turned"), [weights[0]], Attribute("perm", 1, 0));
        if (weights.Length == 1)
        {
            return _writer.Node("MatMul", layer.Name, output, [input, turned]);
        }

        var product = _writer.Node("MatMul", $"{layer.Name}/product", _writer.Fresh($"{layer.Name}/product"), [input, turned]);
        return _writer.Node("Add", layer.Name, output, [product, weights[1]]);
    }

    private string ToSequence(string name, string input, string output)
    {
        var rows = _writer.Node("Squeeze", $"{name}/rows", _writer.Fresh($"{name}/rows"), [input, _writer.Wholes($"{name}/axes", 2)]);
        return _writer.Node("Transpose", name, output, [rows], Attribute("perm", 0, 2, 1));
    }

    private string LastStep(string name, string input, string output)
    {
        var last = Cut($"{name}/last", input, _writer.Fresh($"{name}/last"), [1], [-1], [long.MaxValue]);
        return _writer.Node("Squeeze", name, output, [last, _writer.Wholes($"{name}/step", 1)]);
    }

    private string Multiply(string name, string[] inputs, string output)
    {
        var product = inputs[0];
        for (var factor = 1; factor < inputs.Length; factor++)
        {
            var isLast = factor == inputs.Length - 1;
            var part = $"{name}/product{factor}";
            product = _writer.Node("Mul", isLast ? name : part, isLast ? output : _writer.Fresh(part), [product, inputs[factor]]);
        }

        return product;
    }

    private string Lerp(string name, string[] inputs, string output)
    {
        var way = _writer.Node("Sub", $"{name}/way", _writer.Fresh($"{name}/way"), [inputs[2], inputs[1]]);
        var part = _writer.Node("Mul", $"{name}/part", _writer.Fresh($"{name}/part"), [inputs[0], way]);
        return _writer.Node("Add", name, output, [inputs[1], part]);
    }

    // The cell is the body of a Scan: it takes the states and a step, and gives the states after and, as what is collected, the first of them.
    private string Recurrent(RecurrentCell cell, Layer layer, string input, string output)
    {
        var network = _writer;
        string[] start = [.. cell.States.Select(state => $"{layer.Name}/{state.Before.Name}/start").Zip(cell.States, (name, state) => Zeros(name, state.Before.Shape, input, _writer.Fresh(name)))];
        _writer = network.Inner(layer.Name);
        var weights = WeightSpec.Of(layer).ToLookup(spec => spec.Holder);
        var values = new string[cell.Layers.Length];
        foreach (var before in cell.States.Select(state => state.Before).Append(cell.Input))
        {
            values[before.Index] = _writer.Input($"{layer.Name}/step/{before.Name}", OnnxElement.Float32, before.Shape.Dimensions);
        }

        foreach (var inner in cell.Layers.Where(inner => inner.Op is not Op.Input))
        {
            string[] inputs = [.. inner.Inputs.Select(read => values[read.Index])];
            values[inner.Index] = inner.Op is Op.Dropout ? inputs[0] : Add(inner, inputs, weights[inner], _writer.Fresh($"{layer.Name}/{inner.Name}"));
        }

        // Names of their own: a state may be another's, or what was given.
        foreach (var after in cell.States.Select(state => state.After).Append(cell.Output))
        {
            var name = _writer.Fresh($"{layer.Name}/after");
            _writer.Output(_writer.Node("Identity", name, name, [values[after.Index]]), after.Shape.Dimensions);
        }

        var body = _writer.Graph;
        _writer = network;
        _writer.Node(
            "Scan",
            layer.Name,
            [.. cell.States.Select(state => _writer.Fresh($"{layer.Name}/{state.Before.Name}/last")), output],
            [.. start, input],
            Attribute("num_scan_inputs", 1),
            Attribute("scan_input_axes", [1L]),
            Attribute("scan_output_axes", [1L]),
            Attribute("body", body));
        return output;
    }
}
