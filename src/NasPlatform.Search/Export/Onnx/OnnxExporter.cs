using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Networks;
using static NasPlatform.Search.Export.Onnx.OnnxGraphWriter;

namespace NasPlatform.Search.Export.Onnx;

/// <summary>
/// Writes a model as ONNX, operator set 17, IR version 8. Input, not normalised, as that is the graph's first step: <c>image</c>, float32 <c>[batch, channels, height, width]</c>, 0 (black) to
/// 1, red-green-blue or grey; <c>series</c>, float32 <c>[batch, variables, steps]</c>; <c>row</c>, float32 <c>[batch, features]</c>; <c>tokens</c>, int64 <c>[batch, steps]</c>. Outputs:
/// <c>logits</c> and <c>probabilities</c> (their softmax), float32 <c>[batch, classes]</c> or <c>[batch, steps, vocabulary]</c>; or <c>prediction</c>, in the data's unit, <c>[batch, numbers]</c>,
/// of a forecast <c>[batch, targets, horizon]</c>. Nodes are named as the layers. A batch norm that alone reads a convolution is folded into
/// it; what does nothing outside training is left out. Everything else a user must know is in the file's metadata.
/// </summary>
internal sealed partial class OnnxExporter
{
    /// <summary>The output that classifiers and language models are asked for.</summary>
    public const string Probabilities = "probabilities";

    /// <summary>The output of what predicts numbers.</summary>
    public const string Prediction = "prediction";

    private const int IrVersion = 8;
    private const int OperatorSet = 17;

    // A protocol buffer holds at most 2^31 - 1 bytes; nodes and names are given the last 48 MB.
    private const long MostWeightBytes = 2_100_000_000;

    private readonly ModelPackage _package;
    private readonly LayerGraph _graph;
    private readonly Dictionary<Layer, Layer> _normOfConv;
    private readonly string[] _values;
    private readonly string _given;
    private readonly string _outputs;
    private OnnxGraphWriter _writer;

    private OnnxExporter(ModelPackage package)
    {
        _package = package;
        _graph = package.Description.Graph;
        _normOfConv = FoldedNorms(_graph);
        _values = new string[_graph.Layers.Length];
        _writer = new("network");
        var task = _graph.Task;
        _given = _writer.Input(InputName(task.Kind), task.Kind == TaskKind.LanguageModelling ? OnnxElement.Int64 : OnnxElement.Float32, InputDimensions(task));
        _outputs = _writer.Fresh(task.Kind.IsRegression ? "deviations" : "logits");
    }

    /// <summary>The dimensions of one example, as the file takes it.</summary>
    public static int[] InputDimensions(TaskShape task) => task.Kind is TaskKind.SequenceClassification or TaskKind.Forecasting ? [task.Channels, task.Width] : task.Input.Dimensions;

    private static string InputName(TaskKind kind) => kind switch
    {
        TaskKind.ImageClassification => "image",
        TaskKind.SequenceClassification or TaskKind.Forecasting => "series",
        TaskKind.TabularClassification or TaskKind.TabularRegression => "row",
        TaskKind.LanguageModelling => "tokens",
    };

    /// <exception cref="UserErrorException">The weights are more than an ONNX file holds.</exception>
    public static OnnxModel Export(ModelPackage package)
    {
        var weightBytes = package.Description.Graph.Layers.SelectMany(WeightSpec.Of).Sum(spec => package.Weights[spec.Name].ByteLength);
        if (weightBytes > MostWeightBytes)
        {
            throw new UserErrorException(
                $"The model's weights are {weightBytes / 1_000_000:N0} MB and an ONNX file holds at most {MostWeightBytes / 1_000_000:N0} MB; export safetensors and pytorch instead.");
        }

        var description = package.Description;
        return new()
        {
            IrVersion = IrVersion,
            ProducerName = "NasPlatform",
            ProducerVersion = description.ProgramVersion,
            DocString = $"{description.Name}: {description.Task.Words}{(description.Classes.Count > 0 ? $", {description.Classes.Count} {(description.Task.IsClassification ? "classes" : "tokens")}" : "")}",
            OpsetImport = { new OnnxOperatorSet { Domain = "", Version = OperatorSet } },
            Graph = new OnnxExporter(package).Write(),
            MetadataProps = { Properties(description).Select(pair => new OnnxProperty { Key = pair.Key, Value = pair.Value }) },
        };
    }

    private static IEnumerable<(string Key, string Value)> Properties(ModelDescription description)
    {
        var input = description.Input;
        yield return ("name", description.Name);
        yield return ("task", description.Task.Words);
        yield return ("input_size", JsonSerializer.Serialize(InputDimensions(description.Graph.Task)));
        if (description.Classes.Count > 0)
        {
            yield return ("classes", JsonSerializer.Serialize(description.Classes));
        }

        if (input.Mean.Count > 0)
        {
            yield return ("normalization", "inside");
            yield return ("mean", JsonSerializer.Serialize(input.Mean));
            yield return ("std", JsonSerializer.Serialize(input.Std));
        }

        if (input.Fit is { } fit)
        {
            yield return ("input_range", "[0, 1]");
            yield return ("fit", fit);
        }

        if (input.Columns.Count > 0)
        {
            yield return ("columns", JsonSerializer.Serialize(input.Columns, JsonSerializerOptions.Web));
        }

        if (description.Output is { } output)
        {
            yield return ("predicted", JsonSerializer.Serialize(output.Names));
            yield return ("horizon", output.Horizon.ToString(CultureInfo.InvariantCulture));
        }
        yield return ("dataset", description.Dataset.Name);
        yield return ("space", description.Architecture.Space);
        yield return ("space_settings", JsonSerializer.Serialize(description.Architecture.SpaceSettings));
        yield return ("genotype", description.Architecture.Genotype);
        yield return ("architecture_key", description.Architecture.Key);
        var metric = description.Task.Metric;
        yield return ($"test_{metric.Words.Replace(' ', '_')}", metric.Value(description.Metrics.TestScore).ToString(CultureInfo.InvariantCulture));
    }

    // Reader by convolution: where nothing else reads the convolution, the batch norm becomes part of its weights.
    private static Dictionary<Layer, Layer> FoldedNorms(LayerGraph graph)
    {
        var uses = graph.UseCounts();
        return graph.Layers
            .Where(layer => layer.Op is Op.BatchNorm && layer.Inputs[0].Op is Op.Conv2d && uses[layer.Inputs[0].Index] == 1)
            .ToDictionary(norm => norm.Inputs[0]);
    }

    private OnnxGraph Write()
    {
        var producer = _graph.Output;
        while (IsPassedThrough(producer))
        {
            producer = producer.Inputs[0];
        }

        foreach (var layer in _graph.Layers)
        {
            if (IsPassedThrough(layer))
            {
                _values[layer.Index] = _values[layer.Inputs[0].Index];
                continue;
            }

            var output = layer == producer ? _outputs : _writer.Fresh(_normOfConv.GetValueOrDefault(layer, layer).Name);
            _values[layer.Index] = Add(layer, output);
            if (layer != producer)
            {
                _writer.Describe(_values[layer.Index], layer.Shape.Dimensions);
            }
        }

        if (_package.Description.Output is { } predicted)
        {
            _writer.Output(InUnit(predicted), predicted.Horizon == 0 ? [predicted.Names.Count] : [predicted.Names.Count, predicted.Horizon]);
            return _writer.Graph;
        }

        var probabilities = _writer.Node("Softmax", Probabilities, _writer.Fresh(Probabilities), [_outputs], Attribute("axis", -1));
        _writer.Output(_outputs, _graph.Output.Shape.Dimensions);
        _writer.Output(probabilities, _graph.Output.Shape.Dimensions);
        return _writer.Graph;
    }

    // From deviations to the data's unit.
    private string InUnit(PredictedNumbers output)
    {
        var steps = Math.Max(1, output.Horizon);
        var std = _writer.Floats("prediction/std", [1, output.Std.Count, 1], [.. output.Std.Select(value => (float)value)]);
        var mean = _writer.Floats("prediction/mean", [1, output.Mean.Count, 1], [.. output.Mean.Select(value => (float)value)]);
        var apart = Reshaped("prediction/apart", _outputs, 0, output.Names.Count, steps);
        var scaled = _writer.Node("Mul", "prediction/scaled", _writer.Fresh("prediction/scaled"), [apart, std]);
        if (output.Horizon > 0)
        {
            return _writer.Node("Add", Prediction, _writer.Fresh(Prediction), [scaled, mean]);
        }

        var shifted = _writer.Node("Add", "prediction/shifted", _writer.Fresh("prediction/shifted"), [scaled, mean]);
        return _writer.Node("Flatten", Prediction, _writer.Fresh(Prediction), [shifted], Attribute("axis", 1));
    }

    // 0 keeps a dimension.
    private string Reshaped(string name, string input, params long[] dimensions) =>
        _writer.Node("Reshape", name, _writer.Fresh(name), [input, _writer.Wholes($"{name}/dimensions", dimensions)]);

    private bool IsPassedThrough(Layer layer) =>
        layer.Op is Op.Dropout or Op.DropPath || (layer.Op is Op.BatchNorm && _normOfConv.ContainsKey(layer.Inputs[0]));

    private string Add(Layer layer, string output)
    {
        string[] inputs = [.. layer.Inputs.Select(input => _values[input.Index])];
        return Add(layer, inputs, WeightSpec.Of(layer), output);
    }

    private string Add(Layer layer, string[] inputs, IEnumerable<WeightSpec> weights, string output)
    {
        return layer.Op switch
        {
            Op.Input when _graph.Task.Kind == TaskKind.LanguageModelling => _given,
            Op.Input => Normalise(layer, output),
            Op.Conv2d conv => Conv(conv, layer, inputs[0], output),
            Op.BatchNorm norm => BatchNorm(norm, layer, inputs[0], output),
            Op.Activation activation => Activate(activation.Kind, layer.Name, inputs[0], output),
            Op.MaxPool pool => _writer.Node("MaxPool", layer.Name, output, inputs, Window(pool.Kernel, pool.Stride, pool.Padding)),
            Op.AvgPool pool => _writer.Node(
                "AveragePool", layer.Name, output, inputs, [.. Window(pool.Kernel, pool.Stride, pool.Padding), Attribute("count_include_pad", 0)]),
            Op.GlobalAvgPool => GlobalAvgPool(layer, inputs[0], output),
            Op.Linear when layer.Shape.Kind == ShapeKind.Sequence => LinearOfSteps(layer, inputs[0], [.. weights.Select(Weight)], output),
            Op.Linear => _writer.Node("Gemm", layer.Name, output, [inputs[0], .. weights.Select(Weight)], Attribute("transB", 1)),
            Op.Add => _writer.Node(inputs.Length == 2 ? "Add" : "Sum", layer.Name, output, inputs),
            Op.Concat => _writer.Node("Concat", layer.Name, output, inputs, Attribute("axis", layer.Shape.ChannelDimension)),
            Op.Pad pad => _writer.Node(
                "Pad",
                layer.Name,
                output,
                [inputs[0], _writer.Wholes($"{layer.Name}/pads", 0, 0, pad.Top, pad.Left, 0, 0, pad.Bottom, pad.Right)],
                Attribute("mode", "constant")),
            Op.Crop crop => Cut(
                layer.Name, inputs[0], output, [2, 3], [crop.Top, crop.Left], [crop.Top + layer.Shape.Height, crop.Left + layer.Shape.Width]),
            Op.Slice slice => Cut(layer.Name, inputs[0], output, [layer.Shape.ChannelDimension], [slice.Start], [slice.Start + slice.Count]),
            Op.Flatten => _writer.Node("Flatten", layer.Name, output, inputs, Attribute("axis", 1)),
            Op.Scale => Scale(layer.Name, inputs, output),
            Op.Zero => Zeros(layer.Name, layer.Shape, inputs[0], output),
            Op.Dropout or Op.DropPath => throw new UnreachableException("it is passed through"),
            Op.Embedding => Embed(layer, inputs[0], output),
            Op.TiedLinear => LinearOfSteps(layer, inputs[0], [_embeddings[layer.Inputs[1].Name], .. weights.Select(Weight)], output),
            Op.ToSequence => ToSequence(layer.Name, inputs[0], output),
            Op.LastStep => LastStep(layer.Name, inputs[0], output),
            Op.Multiply => Multiply(layer.Name, inputs, output),
            Op.Lerp => Lerp(layer.Name, inputs, output),
            Op.Mean => _writer.Node("Mean", layer.Name, output, inputs),
            Op.Recurrent recurrent => Recurrent(recurrent.Cell, layer, inputs[0], output),
            Op.Mix or Op.HighwayMix => throw ExportFormat.OfMixture(layer.Name),
            _ => throw new UnreachableException(layer.Op.GetType().Name),
        };
    }

    private string Normalise(Layer layer, string output)
    {
        var input = _package.Description.Input;
        var dimensions = layer.Shape.Dimensions;
        long[] shape = [1, input.Channels, .. dimensions.Skip(1).Select(_ => 1L)];
        var given = InputDimensions(_graph.Task).Length == dimensions.Length ? _given : Reshaped($"{layer.Name}/rows", _given, 0, layer.Shape.Channels, 1, layer.Shape.Width);
        var mean = _writer.Floats("mean", shape, [.. input.Mean.Select(value => (float)value)]);
        var std = _writer.Floats("std", shape, [.. input.Std.Select(value => (float)value)]);
        var centred = _writer.Node("Sub", $"{layer.Name}/centre", _writer.Fresh($"{layer.Name}/centre"), [given, mean]);
        return _writer.Node("Div", layer.Name, output, [centred, std]);
    }

    private string Conv(Op.Conv2d conv, Layer layer, string input, string output)
    {
        var weights = _normOfConv.TryGetValue(layer, out var norm) ? Folded(layer, norm) : WeightSpec.Of(layer).Select(Weight);
        return _writer.Node(
            "Conv",
            layer.Name,
            output,
            [input, .. weights],
            [.. Window(conv.Kernel, conv.Stride, conv.Padding), Attribute("dilations", conv.Dilation.ToArray()), Attribute("group", conv.Groups)]);
    }

    // scale = weight / √(variance + ε); the convolution's weights times scale, and bias + scale · (convolution's bias − mean).
    private string[] Folded(Layer conv, Layer norm)
    {
        var own = WeightSpec.Of(conv);
        var parts = WeightSpec.Of(norm).ToDictionary(spec => spec.Part);
        var weight = _package.Values(own[0]).ToArray();
        var bias = new float[conv.Shape.Channels];
        var ownBias = own.Count == 2 ? _package.Values(own[1]) : new float[bias.Length];
        var scale = parts.TryGetValue("weight", out var scales) ? _package.Values(scales) : [.. Enumerable.Repeat(1f, bias.Length)];
        var shift = parts.TryGetValue("bias", out var shifts) ? _package.Values(shifts) : new float[bias.Length];
        var mean = _package.Values(parts["running_mean"]);
        var variance = _package.Values(parts["running_var"]);
        var epsilon = ((Op.BatchNorm)norm.Op).Epsilon;
        var perChannel = weight.Length / bias.Length;
        for (var channel = 0; channel < bias.Length; channel++)
        {
            var factor = scale[channel] / Math.Sqrt(variance[channel] + epsilon);
            bias[channel] = (float)(shift[channel] + (factor * (ownBias[channel] - mean[channel])));
            foreach (ref var value in weight.AsSpan(channel * perChannel, perChannel))
            {
                value = (float)(value * factor);
            }
        }

        return [_writer.Floats(own[0].Name, own[0].Shape, weight), _writer.Floats($"{conv.Name.Replace('/', '.')}.bias", [bias.Length], bias)];
    }

    private string BatchNorm(Op.BatchNorm norm, Layer layer, string input, string output)
    {
        var weights = WeightSpec.Of(layer).Select(Weight);
        return _writer.Node("BatchNormalization", layer.Name, output, [input, .. norm.Affine ? [] : Ones(), .. weights], Attribute("epsilon", (float)norm.Epsilon));

        // Scale and shift, which the operator demands.
        string[] Ones()
        {
            var channels = layer.Shape.Channels;
            return [_writer.Floats($"{layer.Name}/one", [channels], [.. Enumerable.Repeat(1f, channels)]), _writer.Floats($"{layer.Name}/zero", [channels], new float[channels])];
        }
    }

    private string Activate(ActivationKind kind, string name, string input, string output)
    {
        return kind switch
        {
            ActivationKind.Relu => _writer.Node("Relu", name, output, [input]),
            ActivationKind.LeakyRelu => _writer.Node("LeakyRelu", name, output, [input], Attribute("alpha", (float)Op.LeakySlope)),
            ActivationKind.Relu6 => _writer.Node("Clip", name, output, [input, Scalar("min", 0), Scalar("max", 6)]),
            ActivationKind.Sigmoid => _writer.Node("Sigmoid", name, output, [input]),
            ActivationKind.Tanh => _writer.Node("Tanh", name, output, [input]),
            ActivationKind.Silu => _writer.Node("Mul", name, output, [input, Gate()]),
            ActivationKind.HardSwish => _writer.Node("HardSwish", name, output, [input]),
        };

        string Scalar(string part, float value) => _writer.Floats($"{name}/{part}", [], [value]);

        string Gate() => _writer.Node("Sigmoid", $"{name}/sigmoid", _writer.Fresh($"{name}/sigmoid"), [input]);
    }

    private string GlobalAvgPool(Layer layer, string input, string output)
    {
        var pooled = _writer.Node("GlobalAveragePool", layer.Name, _writer.Fresh($"{layer.Name}/image"), [input]);
        return _writer.Node("Flatten", $"{layer.Name}/flatten", output, [pooled], Attribute("axis", 1));
    }

    private string Cut(string name, string input, string output, long[] axes, long[] starts, long[] ends) => _writer.Node(
        "Slice", name, output, [input, _writer.Wholes($"{name}/starts", starts), _writer.Wholes($"{name}/ends", ends), _writer.Wholes($"{name}/axes", axes)]);

    private string Scale(string name, string[] inputs, string output)
    {
        var gate = _writer.Node("Unsqueeze", $"{name}/gate", _writer.Fresh($"{name}/gate"), [inputs[1], _writer.Wholes($"{name}/axes", 2, 3)]);
        return _writer.Node("Mul", name, output, [inputs[0], gate]);
    }

    // As many examples as the input has, each of the given shape; the operator fills with zero by default.
    private string Zeros(string name, Shape example, string input, string output)
    {
        var batch = _writer.Node("Shape", $"{name}/batch", _writer.Fresh($"{name}/batch"), [input], Attribute("start", 0), Attribute("end", 1));
        var rest = _writer.Wholes($"{name}/example", [.. example.Dimensions.Select(length => (long)length)]);
        var shape = _writer.Node("Concat", $"{name}/shape", _writer.Fresh($"{name}/shape"), [batch, rest], Attribute("axis", 0));
        return _writer.Node("ConstantOfShape", name, output, [shape]);
    }

    private string Weight(WeightSpec spec) => _writer.Floats(spec.Name, spec.Shape, _package.Values(spec));

    private static OnnxAttribute[] Window(Extent kernel, Extent stride, Extent padding) =>
    [
        Attribute("kernel_shape", kernel.ToArray()),
        Attribute("strides", stride.ToArray()),
        Attribute("pads", padding.Height, padding.Width, padding.Height, padding.Width),
    ];
}
