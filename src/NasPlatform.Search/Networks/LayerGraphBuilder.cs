namespace NasPlatform.Search.Networks;

/// <summary>
/// Puts a layer graph together, layer by layer; each is checked as it is added. <see cref="Finish"/> drops what the output
/// does not depend on.
/// </summary>
public sealed class LayerGraphBuilder
{
    private readonly TaskShape _task;
    private readonly LayerList _layers = new();

    public LayerGraphBuilder(TaskShape task)
    {
        _task = task;
        if (!task.IsPossible)
        {
            throw new UserErrorException($"A task needs an input of at least 1×1×1 and two classes or one number, was given {task}.");
        }

        Input = _layers.Append("input", new Op.Input(), [], task.Input);
    }

    /// <summary>The examples: images, series, rows of a table, or token numbers.</summary>
    public Layer Input { get; }

    /// <summary>The batch norm that <see cref="BatchNorm"/> adds: epsilon and momentum differ between papers.</summary>
    public Op.BatchNorm Norm { get; set; } = new();

    /// <exception cref="InvalidArchitectureException">The primitive cannot be applied to these inputs, or the name is taken.</exception>
    public Layer Add(string name, Op op, params ReadOnlySpan<Layer> inputs)
    {
        var isText = _task.Kind == TaskKind.LanguageModelling;
        if (isText && op is not Op.Embedding && inputs.Contains(Input))
        {
            throw new InvalidArchitectureException(name, $"{OpText.Of(op)}: the input is token numbers, which only an embedding reads.");
        }

        if (op is Op.Embedding && !(isText && inputs is [var tokens] && tokens == Input))
        {
            throw new InvalidArchitectureException(name, $"{OpText.Of(op)}: an embedding reads the token numbers of a text, and nothing else.");
        }

        var options = inputs.Length;
        if (op is Op.Mix mix && _layers.All.FirstOrDefault(layer => op.Equals(layer.Op) && layer.Inputs.Length != options) is { } other)
        {
            throw new InvalidArchitectureException(name, $"it mixes {options} inputs by the row '{mix.Alphas}', by which '{other.Name}' mixes {other.Inputs.Length}.");
        }

        return _layers.Add(name, op, inputs);
    }

    /// <summary>A convolution, padded so that stride 1 keeps the size (an odd kernel, dilated or not).</summary>
    public Layer Conv(
        string name, Layer input, int outChannels, Extent kernel, Extent? stride = null, Extent? dilation = null, int groups = 1, bool bias = false)
    {
        var spread = dilation ?? Extent.One;
        var padding = new Extent(spread.Height * (kernel.Height - 1) / 2, spread.Width * (kernel.Width - 1) / 2);
        return Add(name, new Op.Conv2d(outChannels, kernel, stride ?? Extent.One, padding, spread, groups, bias), input);
    }

    public Layer BatchNorm(string name, Layer input) => Add(name, Norm, input);

    public Layer Relu(string name, Layer input) => Add(name, new Op.Activation(ActivationKind.Relu), input);

    /// <summary>The mean of the window, padded so that stride 1 keeps the size (an odd window).</summary>
    public Layer AvgPool(string name, Layer input, int kernel, int stride = 1) =>
        Add(name, new Op.AvgPool(kernel, stride, (kernel - 1) / 2), input);

    /// <summary>The maximum of the window, padded so that stride 1 keeps the size (an odd window).</summary>
    public Layer MaxPool(string name, Layer input, int kernel, int stride = 1) =>
        Add(name, new Op.MaxPool(kernel, stride, (kernel - 1) / 2), input);

    /// <summary>The sum; of one input, that input.</summary>
    public Layer Sum(string name, IReadOnlyList<Layer> inputs) =>
        inputs.Count == 1 ? inputs[0] : Add(name, new Op.Add(), [.. inputs]);

    /// <summary>Inputs joined along the channels; those smaller than the largest are padded with zeros, centred (the odd row or column below and right).</summary>
    public Layer PadAndConcat(string name, IReadOnlyList<Layer> inputs)
    {
        if (inputs.Count == 1)
        {
            return inputs[0];
        }

        var height = inputs.Max(input => input.Shape.Height);
        var width = inputs.Max(input => input.Shape.Width);
        return Add(name, new Op.Concat(), [.. inputs.Select(Enlarge)]);

        Layer Enlarge(Layer input, int index)
        {
            var rows = height - input.Shape.Height;
            var columns = width - input.Shape.Width;
            return rows == 0 && columns == 0
                ? input
                : Add($"{name}/pad{index}", new Op.Pad(rows / 2, columns / 2, rows - (rows / 2), columns - (columns / 2)), input);
        }
    }

    /// <summary>Global average pooling, dropout where there is any, and a full layer to the logits.</summary>
    public Layer Classifier(Layer input, double dropout = 0, bool bias = true)
    {
        var pooled = Add("classifier/pool", new Op.GlobalAvgPool(), input);
        return Add(
            "classifier/linear", new Op.Linear(_task.Outputs, bias), dropout == 0 ? pooled : Add("classifier/dropout", new Op.Dropout(dropout), pooled));
    }

    /// <summary>Zeros of a shape that need not be the input's; of the input only the batch size counts.</summary>
    internal Layer Zeros(string name, Layer input, Shape shape) => _layers.Append(name, new Op.Zero(), [input], shape);

    /// <summary>
    /// The auxiliary classifier of NASNet, ENAS and DARTS: ReLU, the mean of 5×5 windows at a stride of 3, a 1×1 convolution to 128 channels, a convolution to 768 as large as what is left of the
    /// image, each with batch norm and ReLU, and a full layer. Parameters for <c>c</c> channels, <c>p</c> pixels left and <c>n</c> classes: <c>128c + 256 + 98,304p + 1,536 + 769n</c>.
    /// </summary>
    /// <param name="input">What it reads; null is answered where that is smaller than a window.</param>
    /// <param name="bias">Whether the full layer has one: not in ENAS, which makes it <c>n</c> parameters fewer.</param>
    public Layer? AuxiliaryClassifier(Layer input, bool bias = true)
    {
        if (input.Shape.Height < 5 || input.Shape.Width < 5)
        {
            return null;
        }

        var pooled = Add("auxiliary/pool", new Op.AvgPool(5, 3, 0), Relu("auxiliary/relu", input));
        var narrow = Relu("auxiliary/narrow/relu", BatchNorm("auxiliary/narrow/norm", Conv("auxiliary/narrow/conv", pooled, 128, 1)));
        var whole = Add("auxiliary/whole/conv", new Op.Conv2d(768, new(pooled.Shape.Height, pooled.Shape.Width), 1, Extent.Zero, 1, 1, Bias: false), narrow);
        var features = Add("auxiliary/flatten", new Op.Flatten(), Relu("auxiliary/whole/relu", BatchNorm("auxiliary/whole/norm", whole)));
        return Add("auxiliary/linear", new Op.Linear(_task.Outputs, bias), features);
    }

    /// <summary>The finished graph, without the layers that the outputs do not depend on.</summary>
    /// <param name="output">The logits.</param>
    /// <param name="auxiliary">Those of a second classifier for training, which <paramref name="output"/> does not depend on; null for none.</param>
    public LayerGraph Finish(Layer output, Layer? auxiliary = null)
    {
        if (new[] { output, auxiliary ?? output }.FirstOrDefault(logits => logits.Shape != _task.Output) is { } wrong)
        {
            throw new InvalidArchitectureException(wrong.Name, $"the output must be {Wanted()}, and is {wrong.Shape}.");
        }

        return LayerGraph.Of(_task, _layers.All, output, auxiliary);

        string Wanted() => _task.Kind switch
        {
            TaskKind.Forecasting or TaskKind.TabularRegression => $"the {_task.Outputs} numbers that are predicted",
            TaskKind.LanguageModelling => $"one logit a token of the vocabulary at each step, {_task.Output} in all",
            _ => $"one logit a class, {_task.Outputs} in all",
        };
    }
}
