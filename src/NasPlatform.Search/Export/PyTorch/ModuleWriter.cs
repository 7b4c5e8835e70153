using System.Diagnostics;
using NasPlatform.Search.Networks;
using static NasPlatform.Search.Export.PyTorch.PythonText;

namespace NasPlatform.Search.Export.PyTorch;

/// <summary>Writes a layer graph as PyTorch modules: one class a block, one for blocks that are alike, and <c>Network</c> around them.</summary>
internal sealed partial class ModuleWriter
{
    private const string DropPath = """"
        class DropPath(nn.Module):
            """Zeroes the whole of an example with the given probability in training, and scales the others up."""

            def __init__(self, probability):
                super().__init__()
                self.probability = probability

            def forward(self, x):
                if not self.training or self.probability == 0:
                    return x
                keep = 1 - self.probability
                return x * x.new_empty([x.shape[0]] + [1] * (x.dim() - 1)).bernoulli_(keep) / keep
        """";

    private readonly LayerGraph _graph;
    private readonly List<(string Name, string Body, List<string> Users, string Shapes)> _classes = [];
    private readonly HashSet<string> _classNames = [];
    private readonly List<(string FileName, string ModuleName)> _renamed = [];

    private ModuleWriter(LayerGraph graph)
    {
        _graph = graph;
        var network = Network(ModuleTree.Of(graph));
        IEnumerable<string> dropPath = graph.Layers.Any(layer => layer.Op is Op.DropPath) ? [DropPath] : [];
        Source = string.Join("\n\n\n", [.. dropPath, .. Helpers(graph), .. _classes.Select(Class), network]);
    }

    /// <summary>The classes, <c>Network</c> last.</summary>
    public string Source { get; }

    /// <summary>Layers whose weights are called otherwise in the module than in the file, since not every name can be one in Python.</summary>
    public IReadOnlyList<(string FileName, string ModuleName)> Renamed => _renamed;

    /// <summary>Whether the classes need <c>OrderedDict</c>.</summary>
    public bool UsesOrderedDict { get; private set; }

    public static ModuleWriter Of(LayerGraph graph) => new(graph);

    private static string Class((string Name, string Body, List<string> Users, string Shapes) known) => $""""
        class {known.Name}(nn.Module):
            """{Prose(string.Join(", ", known.Users))}: {known.Shapes}."""

        {known.Body}
        """";

    private string Network(Block root)
    {
        var task = _graph.Task;
        var (given, prepared) = task.Kind switch
        {
            TaskKind.ImageClassification => ("image", "(image - self.mean) / self.std"),
            TaskKind.SequenceClassification or TaskKind.Forecasting => ("series", "((series - self.mean) / self.std).unsqueeze(2)"),
            TaskKind.TabularClassification or TaskKind.TabularRegression => ("row", "(row - self.mean) / self.std"),
            TaskKind.LanguageModelling => ("tokens", "tokens"),
        };
        var (init, forward) = Body(root, "", ["x"], [given], ["mean", "std", "predicted_mean", "predicted_std", "deviations"]);
        var buffers = task.Kind == TaskKind.LanguageModelling ? [] : Buffers("", string.Join(", ", task.Input.Dimensions.Select((_, dimension) => dimension == 0 ? "-1" : "1")));
        if (task.Kind is TaskKind.SequenceClassification or TaskKind.Forecasting)
        {
            buffers = Buffers("", "-1, 1");
        }

        var predicted = task.Kind.IsRegression ? Buffers("predicted_", "-1, 1") : [];
        var answer = task.Kind.IsRegression
            ? $""""
                def forward(self, {given}):
                    numbers = self.deviations({given}).view(-1, len(PREDICTED), {(task.Kind == TaskKind.Forecasting ? "HORIZON" : "1")})
                    return {(task.Kind == TaskKind.Forecasting ? "" : "(")}numbers * self.predicted_std + self.predicted_mean{(task.Kind == TaskKind.Forecasting ? "" : ").squeeze(2)")}

                def deviations(self, {given}):
                    """(number - mean) / deviation of each: what the network was trained to give, its squared error made small."""
                    x = {prepared}
            {forward}
            """"
            : $"""
                def forward(self, {given}):
                    x = {prepared}
            {forward}
            """;
        return $""""
            class Network(nn.Module):
                """{Describe(task)}"""

                def __init__(self):
                    super().__init__()
            {string.Join('\n', [.. buffers, .. predicted, init])}{Ties()}

            {answer}
            """";

        static string[] Buffers(string prefix, string shape) =>
        [
            $"        self.register_buffer(\"{prefix}mean\", torch.tensor({prefix.ToUpperInvariant()}MEAN).view({shape}), persistent=False)",
            $"        self.register_buffer(\"{prefix}std\", torch.tensor({prefix.ToUpperInvariant()}STD).view({shape}), persistent=False)",
        ];
    }

    private static string Describe(TaskShape task) => task.Kind switch
    {
        TaskKind.ImageClassification => $"Images [batch, {task.Channels}, {task.Height}, {task.Width}] in 0..1 to logits [batch, {task.Outputs}]; their softmax is the probabilities.",
        TaskKind.SequenceClassification => $"Series [batch, {task.Channels}, {task.Width}] to logits [batch, {task.Outputs}]; their softmax is the probabilities.",
        TaskKind.Forecasting => $"Series [batch, {task.Channels}, {task.Width}] to the steps after them, [batch, targets, horizon], in the data's unit.",
        TaskKind.TabularClassification => $"Rows [batch, {task.Channels}] to logits [batch, {task.Outputs}]; their softmax is the probabilities.",
        TaskKind.TabularRegression => $"Rows [batch, {task.Channels}] to numbers [batch, {task.Outputs}] in the data's unit.",
        TaskKind.LanguageModelling => $"Tokens, int64 [batch, steps], to logits [batch, steps, {task.Outputs}] of the token after each; their softmax is the probabilities.",
    };

    // The name of the class of a block; blocks that are alike share one.
    private string ClassOf(Block block, string path)
    {
        string[] inputs = block.Inputs.Count == 1 ? ["x"] : [.. block.Inputs.Select((_, index) => $"x{index + 1}")];
        var (init, forward) = Body(block, path, inputs, [], []);
        var body = $"""
                def __init__(self):
                    super().__init__()
            {init}

                def forward(self, {string.Join(", ", inputs)}):
            {forward}
            """;
        return Shared(body, path, $"{string.Join(" and ", block.Inputs.Select(input => input.Shape))} to {block.Output.Shape}");
    }

    // The name of the class with that body: that of an earlier one where there is one.
    private string Shared(string body, string path, string shapes)
    {
        var alike = _classes.Find(known => known.Body == body && known.Shapes == shapes);
        if (alike.Name is not null)
        {
            alike.Users.Add(path);
            return alike.Name;
        }

        var name = ClassName(path, _classNames);
        _classes.Add((name, body, [path], shapes));
        return name;
    }

    /// <summary>The lines that make a block's submodules, and those that run them.</summary>
    /// <param name="block">The block.</param>
    /// <param name="path">The module's name in the network; empty for the network itself.</param>
    /// <param name="inputs">The variables that hold the block's inputs.</param>
    /// <param name="variables">Other variables' names.</param>
    /// <param name="attributes">Other attributes' names.</param>
    private (string Init, string Forward) Body(Block block, string path, string[] inputs, HashSet<string> variables, HashSet<string> attributes)
    {
        const int indent = 8;
        var values = block.Inputs.Zip(inputs).ToDictionary(pair => pair.First, pair => pair.Second);
        variables.UnionWith(inputs);
        List<string> init = [];
        List<string> forward = [];
        foreach (var member in block.Members)
        {
            var module = "";
            if (IsModule(member))
            {
                var attribute = Attribute(member.Name, attributes);
                module = $"self.{attribute}";
                init.Add(Make(member, Join(path, attribute), $"{module} = ", "", indent));
            }

            var isLast = member == block.Members[^1];
            var variable = isLast ? "" : Variable(member.Name, variables);
            values[member.Output] = variable;
            string[] arguments = [.. (member is LayerMember leaf ? leaf.Layer.Operands : member.Inputs).Select(input => values[input])];
            forward.Add(Run(member, module, arguments, isLast ? "return " : $"{variable} = ", indent));
        }

        return (string.Join('\n', init), string.Join('\n', forward));
    }

    private static bool IsModule(Member member) => member is not LayerMember leaf || !ModuleTree.IsExpression(leaf.Layer.Op);

    // The line, or lines, that make a submodule.
    private string Make(Member member, string path, string start, string end, int indent)
    {
        if (member is LayerMember { Layer: var layer })
        {
            if (layer.Op is Op.Recurrent)
            {
                return Line(indent, $"{start}{ClassOf(layer, path)}(", [], ",", $"){end}");
            }

            if (WeightSpec.Of(layer).Count > 0)
            {
                Rename(layer.Name, path);
            }

            if (layer.Op is Op.Embedding)
            {
                _embeddings[layer] = path;
            }
            else if (layer.Op is Op.TiedLinear)
            {
                _tied.Add((path, _embeddings[layer.Inputs[1]]));
            }

            var (module, arguments) = Module(layer);
            return Line(indent, $"{start}{module}(", arguments, ",", $"){end}");
        }

        var block = (Block)member;
        return block.IsStraight
            ? Sequential(block, path, start, end, indent)
            : Line(indent, $"{start}{ClassOf(block, path)}(", [], ",", $"){end}");
    }

    private void Rename(string layer, string path)
    {
        if (layer.Replace('/', '.') is var fileName && fileName != path)
        {
            _renamed.Add((fileName, path));
        }
    }

    private string Sequential(Block block, string path, string start, string end, int indent)
    {
        UsesOrderedDict = true;
        var margin = new string(' ', indent);
        var attributes = new HashSet<string>();
        var items = block.Members.Select(member =>
        {
            var attribute = Attribute(member.Name, attributes);
            return Make(member, Join(path, attribute), $"{attribute}=", ",", indent + 4);
        });
        return $"{margin}{start}nn.Sequential(OrderedDict(\n{string.Join('\n', items)}\n{margin})){end}";
    }

    // The line that runs a member on the variables that hold its inputs, with the shape of what comes out.
    private static string Run(Member member, string module, string[] arguments, string start, int indent)
    {
        var shape = member.Output.Shape;
        var comment = $"  # {shape}";
        return member is not LayerMember { Layer.Op: var op } || IsModule(member)
            ? Line(indent, $"{start}{module}(", arguments, ",", $"){comment}")
            : op switch
            {
                Op.Add => Joined(" +"),
                Op.Concat => Line(indent, $"{start}torch.cat([", arguments, ",", $"], dim={shape.ChannelDimension}){comment}"),
                Op.Crop crop => Line(indent, $"{start}{arguments[0]}[", [":", ":", $"{crop.Top}:{crop.Top + shape.Height}", $"{crop.Left}:{crop.Left + shape.Width}"], ",", $"]{comment}"),
                Op.Slice slice => Line(indent, $"{start}{arguments[0]}[", [.. Enumerable.Repeat(":", shape.ChannelDimension), $"{slice.Start}:{slice.Start + slice.Count}"], ",", $"]{comment}"),
                Op.Scale => Line(indent, $"{start}{arguments[0]} * {arguments[1]}[", [":", ":", "None", "None"], ",", $"]{comment}"),
                Op.Zero => Line(
                    indent, $"{start}{arguments[0]}.new_zeros(", [$"{arguments[0]}.shape[0]", .. shape.Dimensions.Select(side => $"{side}")], ",", $"){comment}"),
                Op.ToSequence => Line(indent, $"{start}{arguments[0]}.squeeze(2).transpose(", ["1", "2"], ",", $"){comment}"),
                Op.LastStep => Line(indent, $"{start}{arguments[0]}[", [":", "-1"], ",", $"]{comment}"),
                Op.Multiply => Joined(" *"),
                Op.Lerp => Line(indent, $"{start}torch.lerp(", [arguments[1], arguments[2], arguments[0]], ",", $"){comment}"),
                Op.Mean => Line(indent, $"{start}torch.stack([", arguments, ",", $"]).mean(dim=0){comment}"),
                Op.Input or Op.Conv2d or Op.BatchNorm or Op.Activation or Op.MaxPool or Op.AvgPool or Op.GlobalAvgPool or Op.Linear or Op.Pad or Op.Flatten
                    or Op.Dropout or Op.DropPath or Op.Embedding or Op.TiedLinear or Op.Recurrent => throw new UnreachableException("it is a module"),
                Op.Mix or Op.HighwayMix => throw ExportFormat.OfMixture(member.Name),
                _ => throw new UnreachableException(op.GetType().Name),
            };

        string Joined(string sign)
        {
            var line = $"{new string(' ', indent)}{start}{string.Join($"{sign} ", arguments)}{comment}";
            return Fits(line) ? line : Line(indent, $"{start}(", arguments, sign, $"){comment}");
        }
    }

    // The module of a layer and what it is made with; what PyTorch assumes anyway is left out.
    private static (string Name, string[] Arguments) Module(Layer layer)
    {
        var input = layer.Inputs[0].Shape;
        return layer.Op switch
        {
            Op.Conv2d conv => ("nn.Conv2d", Conv(conv)),
            Op.BatchNorm norm => (input.IsVector ? "nn.BatchNorm1d" : "nn.BatchNorm2d", BatchNorm(norm)),
            Op.Activation { Kind: ActivationKind.LeakyRelu } => ("nn.LeakyReLU", [Number(Op.LeakySlope)]),
            Op.Activation activation => (Activation(activation.Kind), []),
            Op.MaxPool pool => ("nn.MaxPool2d", Pool(pool.Kernel, pool.Stride, pool.Padding)),
            Op.AvgPool pool => ("nn.AvgPool2d", [.. Pool(pool.Kernel, pool.Stride, pool.Padding), "count_include_pad=False"]),
            Op.GlobalAvgPool => ("nn.Sequential", ["nn.AdaptiveAvgPool2d(1)", "nn.Flatten()"]),
            Op.Linear linear => ("nn.Linear", [$"{input.Channels}", $"{linear.OutFeatures}", .. linear.Bias ? [] : new[] { "bias=False" }]),
            Op.Flatten => ("nn.Flatten", []),
            Op.Pad pad => ("nn.ZeroPad2d", [$"({pad.Left}, {pad.Right}, {pad.Top}, {pad.Bottom})"]),
            Op.Dropout dropout => (dropout.IsLocked && layer.Shape.Kind == ShapeKind.Sequence ? "LockedDropout" : "nn.Dropout", [Number(dropout.Probability)]),
            Op.DropPath dropPath => ("DropPath", [Number(dropPath.Probability)]),
            Op.Embedding { DropProbability: 0 } embedding => ("nn.Embedding", [$"{embedding.Count}", $"{embedding.Size}"]),
            Op.Embedding embedding => ("TokenDropout", [$"{embedding.Count}", $"{embedding.Size}", Number(embedding.DropProbability)]),
            Op.TiedLinear => ("nn.Linear", [$"{input.Channels}", $"{layer.Shape.Channels}"]),
            Op.Input or Op.Add or Op.Concat or Op.Crop or Op.Slice or Op.Scale or Op.Zero or Op.ToSequence or Op.LastStep or Op.Multiply or Op.Lerp or Op.Mean
                or Op.Recurrent => throw new UnreachableException("it is no module that is made of settings"),
            Op.Mix or Op.HighwayMix => throw ExportFormat.OfMixture(layer.Name),
            _ => throw new UnreachableException(layer.Op.GetType().Name),
        };

        string[] Conv(Op.Conv2d conv) =>
        [
            $"{input.Channels}",
            $"{conv.OutChannels}",
            Sides(conv.Kernel),
            .. Unless(conv.Stride == Extent.One, $"stride={Sides(conv.Stride)}"),
            .. Unless(conv.Padding == Extent.Zero, $"padding={Sides(conv.Padding)}"),
            .. Unless(conv.Dilation == Extent.One, $"dilation={Sides(conv.Dilation)}"),
            .. Unless(conv.Groups == 1, $"groups={conv.Groups}"),
            .. Unless(conv.Bias, "bias=False"),
        ];

        string[] BatchNorm(Op.BatchNorm norm) =>
        [
            $"{input.Channels}",
            .. Unless(norm.Epsilon == 1e-5, $"eps={Number(norm.Epsilon)}"),
            .. Unless(norm.Momentum == 0.1, $"momentum={Number(norm.Momentum)}"),
            .. Unless(norm.Affine, "affine=False"),
        ];

        static string[] Pool(Extent kernel, Extent stride, Extent padding) =>
            [Sides(kernel), $"stride={Sides(stride)}", .. Unless(padding == Extent.Zero, $"padding={Sides(padding)}")];

        static string[] Unless(bool isAssumed, string argument) => isAssumed ? [] : [argument];
    }

    private static string Activation(ActivationKind kind) => kind switch
    {
        ActivationKind.Relu => "nn.ReLU",
        ActivationKind.LeakyRelu => throw new UnreachableException("it has an argument"),
        ActivationKind.Relu6 => "nn.ReLU6",
        ActivationKind.Sigmoid => "nn.Sigmoid",
        ActivationKind.Tanh => "nn.Tanh",
        ActivationKind.Silu => "nn.SiLU",
        ActivationKind.HardSwish => "nn.Hardswish",
    };

    private static string Join(string path, string attribute) => path.Length == 0 ? attribute : $"{path}.{attribute}";
}
