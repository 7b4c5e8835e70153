using System.Runtime.InteropServices;
using NasPlatform.Search;
using NasPlatform.Search.Export;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Export;

/// <summary>Models with random weights, and descriptions of them.</summary>
internal static class SampleModels
{
    /// <summary>A graph with every primitive that can be exported, every activation, and the odd cases of each, in layers of awkward names.</summary>
    public static LayerGraph EveryOp(TaskShape task)
    {
        var graph = new LayerGraphBuilder(task);
        var raw = graph.BatchNorm("raw/norm", graph.Input);
        var stem = graph.Add("stem/conv", new Op.Conv2d(8, new(3, 5), new(2, 1), new(1, 2), Extent.One, 1, Bias: true), raw);
        stem = graph.Add("stem/norm", new Op.BatchNorm(1e-3, 0.01), stem);

        // Six times as large, so that ReLU6 cuts.
        stem = Activate("stem/relu6", ActivationKind.Relu6, graph.Add("stem/sum", new Op.Add(), stem, stem, stem, stem, stem, stem));

        // Read by its batch norm and by another, so not foldable.
        var twice = graph.Conv("class/lambda/conv", stem, 8, 1);
        var normed = graph.BatchNorm("class/lambda/norm", twice);
        var sum = graph.Add("class/lambda/sum", new Op.Add(), twice, normed, twice);

        var grouped = graph.Add("1/type", new Op.Conv2d(12, new(3, 2), Extent.One, new(3, 2), new(2, 2), 4, Bias: false), sum);
        grouped = Activate("1/silu", ActivationKind.Silu, grouped);
        var depthwise = graph.Conv("1/forward", grouped, 12, 5, dilation: 2, groups: 12);
        depthwise = Activate("1/swish", ActivationKind.HardSwish, depthwise);
        depthwise = graph.Add("1/drop", new Op.DropPath(0.3), depthwise);

        var max = graph.Add("pools/max", new Op.MaxPool(new(3, 2), new(2, 1), new(1, 1)), stem);
        max = Activate("pools/sigmoid", ActivationKind.Sigmoid, max);
        var average = graph.Add("pools/avg", new Op.AvgPool(3, new(2, 1), 1), stem);
        average = graph.Add("pools/avg2", new Op.AvgPool(new(1, 2), 1, new(0, 1)), average);
        average = Activate("pools/tanh", ActivationKind.Tanh, average);
        var zero = graph.Add("none", new Op.Zero(), max);
        var joined = graph.Add("join", new Op.Concat(), max, average, zero, max);
        joined = graph.Add("join/pad", new Op.Pad(3, 1, 4, 0), joined);

        // The corners of an image, some of its channels, a gate.
        var cut = graph.Add("cut/crop", new Op.Crop(1, 0, 0, 2), graph.Add("cut/pad", new Op.Pad(1, 0, 0, 2), depthwise));
        depthwise = Activate("cut/leaky", ActivationKind.LeakyRelu, graph.Add("cut/slice", new Op.Slice(3, 8), cut));
        var gate = graph.Add("gate/linear", new Op.Linear(8, Bias: false), graph.Add("gate/pool", new Op.GlobalAvgPool(), depthwise));
        depthwise = graph.Add("gate/scale", new Op.Scale(), depthwise, Activate("gate/sigmoid", ActivationKind.Sigmoid, gate));

        // "mix" gives out two values, so it is no block of its own.
        var mixed = graph.Add("mix/join", new Op.Concat(), depthwise, joined);
        var first = graph.Conv("mix/block/conv", mixed, 6, 3);
        first = graph.Add("mix/block/norm", new Op.BatchNorm(Affine: false), first);
        var second = graph.Conv("mix/conv", mixed, 6, 3);
        var plain = graph.Add("plain/norm", new Op.BatchNorm(Affine: false), second);
        var pooled = graph.Add("vector/pool", new Op.GlobalAvgPool(), graph.Add("x", new Op.Add(), first, plain, first));
        var other = graph.Add("vector/other", new Op.GlobalAvgPool(), second);
        var flat = graph.Add("vector/flat", new Op.Flatten(), graph.Add("vector/small", new Op.AvgPool(2, 2, 0), second));
        flat = graph.Add("vector/part", new Op.Slice(2, 5), flat);
        var remembered = graph.Add("steps/last", new Op.LastStep(), Steps(graph, second));
        var lerp = graph.Add("vector/lerp", new Op.Lerp(), Activate("vector/gate", ActivationKind.Sigmoid, pooled), other, graph.Add("vector/product", new Op.Multiply(), pooled, other, pooled));
        var mean = graph.Add("vector/mean", new Op.Mean(), pooled, lerp, other);
        var vector = graph.Add("vector/join", new Op.Concat(), pooled, other, flat, graph.Add("vector/none", new Op.Zero(), other), remembered, mean);
        vector = graph.Relu("vector/relu", graph.BatchNorm("vector/norm", vector));
        vector = graph.Add("vector/dropout", new Op.Dropout(0.2), vector);
        var logits = graph.Add("logits", new Op.Linear(task.Outputs), vector);
        return graph.Finish(graph.Add("last", new Op.Dropout(0.1), logits));

        Layer Activate(string name, ActivationKind kind, Layer input) => graph.Add(name, new Op.Activation(kind), input);
    }

    /// <summary>An embedding, and a layer that is tied to it, around a recurrent cell.</summary>
    public static LayerGraph EveryTextOp(TaskShape task)
    {
        var graph = new LayerGraphBuilder(task);
        var embedding = graph.Add("tokens/embedding", new Op.Embedding(task.Outputs, 5, 0.2), graph.Input);
        var x = graph.Add("tokens/dropout", new Op.Dropout(0.1, IsLocked: true), embedding);
        x = graph.Add("layer1", new Op.Recurrent(Cell(5, 4)), x);
        x = graph.Add("layer2", new Op.Recurrent(Cell(4, 5)), x);
        return graph.Finish(graph.Add("head/linear", new Op.TiedLinear(), x, embedding));
    }

    /// <summary>A sequence of an image's columns, and recurrent cells on it.</summary>
    private static Layer Steps(LayerGraphBuilder graph, Layer image)
    {
        var row = graph.Add("steps/row", new Op.AvgPool(new(image.Shape.Height, 1), 1, 0), image);
        var sequence = graph.Add("steps/sequence", new Op.ToSequence(), row);
        var wide = graph.Add("steps/wide", new Op.Linear(5), sequence);
        var joined = graph.Add("steps/join", new Op.Concat(), wide, sequence, graph.Add("steps/plain", new Op.Linear(3, Bias: false), sequence));
        var part = graph.Add("steps/part", new Op.Slice(2, 7), joined);
        part = graph.Add("steps/dropout", new Op.Dropout(0.1, IsLocked: true), part);
        part = graph.Add("steps/none", new Op.Add(), part, graph.Add("steps/zero", new Op.Zero(), part));
        var first = graph.Add("steps/first", new Op.Recurrent(Cell(7, 4)), part);
        return graph.Add("steps/second", new Op.Recurrent(Cell(4, 7)), graph.Add("steps/relu", new Op.Activation(ActivationKind.Relu), first));
    }

    /// <summary>Two states, biases, masks and every primitive and function that a cell can have.</summary>
    private static RecurrentCell Cell(int features, int hidden)
    {
        var cell = new RecurrentCellBuilder(features);
        var (h, c) = (cell.State("h", hidden), cell.State("class", 3));
        var dropped = cell.Add("h/dropout", new Op.Dropout(0.2, Mask: "h"), h);
        var known = cell.Add("known", new Op.Concat(), cell.Add("x/dropout", new Op.Dropout(0.1), cell.Input), dropped, c);
        var gate = cell.Add("gate", new Op.Activation(ActivationKind.Sigmoid), cell.Add("gate/linear", new Op.Linear(3), known));
        var remembered = cell.Add("class/after", new Op.Lerp(), gate, c, cell.Activate("1/leaky", ActivationKind.LeakyRelu, cell.Add("1/linear", new Op.Linear(3), cell.Input)));
        var product = cell.Add("product", new Op.Multiply(), remembered, gate, remembered);
        var functions = Enum.GetValues<ActivationKind>().Select(kind => cell.Activate($"mean/{kind}", kind, cell.Add($"mean/{kind}/linear", new Op.Linear(hidden, Bias: kind == ActivationKind.Tanh), product)));
        var mean = cell.Add("mean/all", new Op.Mean(), [.. functions]);
        var sum = cell.Add("sum", new Op.Add(), mean, cell.Add("part", new Op.Slice(features, hidden), known), cell.Add("again", new Op.Dropout(0.2, Mask: "h"), mean));
        return cell.Finish(sum, remembered);
    }

    public static LayerGraph Build(string space, string genotype, TaskShape task, params (string Name, string Value)[] settings)
    {
        var known = SearchSpaceCatalog.Create(space, settings.ToDictionary(setting => setting.Name, setting => setting.Value));
        return known.Build(known.Parse(genotype), task).WithoutZeros();
    }

    public static ModelDescription Describe(LayerGraph graph, string space = "chain", string genotype = "3x3/1x1/24") => new()
    {
        Name = "A \"sample\" \\ model",
        Classes = [.. Enumerable.Range(0, graph.Task.Outputs).Select(index => index switch { 0 => "T-shirt \"top\"", 1 => "кот | 犬 🐕\\", _ => $"class {index}" })],
        Input = new(
            graph.Task.Channels,
            graph.Task.Height,
            graph.Task.Width,
            "pad",
            [.. Enumerable.Range(0, graph.Task.Channels).Select(channel => 0.4 + (0.05 * channel))],
            [.. Enumerable.Range(0, graph.Task.Channels).Select(channel => Math.Round(0.3 - (0.04 * channel), 2))]),
        Architecture = new(
            space, new Dictionary<string, string> { ["layers"] = "1" }, genotype, new Dictionary<string, int> { ["layer1/filters"] = 0 }, ArchitectureKey.Of(graph).Value),
        Dataset = new("sample-data", 700, 100, 200),
        Search = new("evolution", new Dictionary<string, string> { ["population"] = "20" }, 37),
        Training = new(5, 128, "SGD, Nesterov momentum 0.9, cosine schedule", 0.1, 5e-4, "shift by up to 3 pixels, mirror", 12345678901234567890, 800, 3725.5, 1234.5, "cpu"),
        Metrics = new(0.875, 0.9125, 0.2468, [.. Enumerable.Range(0, graph.Task.Outputs).Select(index => index == 2 ? (double?)null : 1 - (0.01 * index))], 200),
        ProgramVersion = "1.2.3",
        CreatedAt = new(2026, 5, 17, 12, 30, 0, TimeSpan.Zero),
        Graph = graph,
    };

    /// <summary>Writes a model with random weights: activations keep their size, running statistics are not those of a fresh network.</summary>
    public static ModelDescription Write(string folder, ModelDescription description, ulong seed = 1)
    {
        var random = new RandomSource(seed);
        ModelPackage.Write(folder, description, spec => new(spec.Name, TensorType.F32, spec.Shape, MemoryMarshal.AsBytes<float>(Draw(spec, random.Split(spec.Name))).ToArray()));
        return description;
    }

    /// <summary>A model with random weights in a new folder, exported in every format beside it, with random images or texts.</summary>
    public static ExportedModel Export(TemporaryFolder folder, string name, LayerGraph graph, int images = 3)
    {
        var isText = graph.Task.Kind == TaskKind.LanguageModelling;
        var description = Describe(graph);
        Write(folder[name], !isText ? description : description with
        {
            Input = new(1, 1, graph.Task.Width, null, [], []),
            Metrics = description.Metrics with { TestAccuracyByClass = [] },
        });
        using var package = ModelPackage.Open(folder[name]);
        ExportFormat.WriteAll(package, folder[name], TestContext.Current.CancellationToken);

        var random = new RandomSource(99);
        var task = graph.Task;
        var pixels = new float[images * task.Input.Count];
        foreach (ref var pixel in pixels.AsSpan())
        {
            pixel = isText ? random.Next(task.Outputs) : (float)random.NextDouble();
        }

        return isText ? new(folder[name], [images, task.Width], pixels, AreTokens: true) : new(folder[name], [images, task.Channels, task.Height, task.Width], pixels);
    }

    /// <summary>Random numbers for one weight, as <see cref="Write"/> takes them.</summary>
    public static float[] Draw(WeightSpec spec, RandomSource random)
    {
        var numbers = new float[spec.Shape.Aggregate(1L, (count, side) => count * side)];
        var fanIn = spec.Shape.Skip(1).Aggregate(1L, (count, side) => count * side);
        foreach (ref var number in numbers.AsSpan())
        {
            number = (float)(spec switch
            {
                { Part: "running_var" } => 0.5 + random.NextDouble(),
                { Part: "weight", Shape.Length: 1 } => 0.5 + random.NextDouble(),
                { Part: "weight" } => random.NextGaussian() * Math.Sqrt(2.0 / fanIn),
                _ => 0.2 * random.NextGaussian(),
            });
        }

        return numbers;
    }
}
