using NasPlatform.Search.Networks;
using static NasPlatform.Search.Export.PyTorch.PythonText;

namespace NasPlatform.Search.Export.PyTorch;

/// <summary>Recurrent layers: a class that holds the weights of the cell, and runs it over the steps of a sequence.</summary>
internal sealed partial class ModuleWriter
{
    private const string TokenDropout = """"
        class TokenDropout(nn.Embedding):
            """An embedding that leaves out tokens with the given probability in training, wherever they stand in a batch, and scales the others up."""

            def __init__(self, count, size, probability):
                super().__init__(count, size)
                self.probability = probability

            def forward(self, tokens):
                x = super().forward(tokens)
                if not self.training or self.probability == 0:
                    return x
                keep = 1 - self.probability
                return x * (x.new_empty(self.num_embeddings, 1).bernoulli_(keep) / keep)[tokens]
        """";

    private const string LockedDropout = """"
        class LockedDropout(nn.Module):
            """Zeroes numbers of a sequence [batch, steps, features] with the given probability in training, the same ones at all steps."""

            def __init__(self, probability):
                super().__init__()
                self.probability = probability

            def forward(self, x):
                return x * dropout_mask(self, x, self.probability, x.shape[2]).unsqueeze(1)
        """";

    private const string DropoutMask = """"
        def dropout_mask(module, x, probability, features):
            """For each example zeros with the given probability in training, else what makes up for them; ones in evaluation."""
            if not module.training or probability == 0:
                return x.new_ones(x.shape[0], features)
            return x.new_empty(x.shape[0], features).bernoulli_(1 - probability) / (1 - probability)
        """";

    private readonly Dictionary<Layer, string> _embeddings = [];
    private readonly List<(string ModuleName, string EmbeddingName)> _tied = [];

    /// <summary>Full layers that share an embedding's weights, by the modules' names.</summary>
    public IReadOnlyList<(string ModuleName, string EmbeddingName)> Tied => _tied;

    private static IEnumerable<string> Helpers(LayerGraph graph)
    {
        var isLocked = graph.Layers.Any(layer => layer.Op is Op.Dropout { IsLocked: true });
        if (graph.Layers.Any(layer => layer.Op is Op.Embedding { DropProbability: > 0 }))
        {
            yield return TokenDropout;
        }

        if (isLocked || graph.Layers.Any(layer => layer.Op is Op.Recurrent recurrent && recurrent.Cell.Layers.Any(inner => inner.Op is Op.Dropout)))
        {
            yield return DropoutMask;
        }

        if (isLocked)
        {
            yield return LockedDropout;
        }
    }

    // The lines that make a tied layer's weights the embedding's, at the end of the network's constructor.
    private string Ties() => string.Concat(_tied.Select(tied => $"\n        self.{tied.ModuleName}.weight = self.{tied.EmbeddingName}.weight"));

    // The name of the class of a recurrent layer; layers that are alike share one.
    private string ClassOf(Layer layer, string path)
    {
        var cell = ((Op.Recurrent)layer.Op).Cell;
        var attributes = new HashSet<string>();
        var variables = new HashSet<string> { "sequence", "outputs" };
        var values = cell.Layers.Where(inner => inner.Op is Op.Input).ToDictionary(inner => inner, inner => Variable(inner.Name, variables));
        List<string> init = [];
        List<string> masks = [];
        List<string> steps = [];
        var maskNames = new Dictionary<string, string>();
        foreach (var inner in cell.Layers.Where(inner => inner.Op is not Op.Input))
        {
            var module = "";
            string[] arguments = [.. inner.Inputs.Select(read => values[read])];
            switch (inner.Op)
            {
                case Op.Linear:
                    var attribute = Attribute(inner.Name, attributes);
                    module = $"self.{attribute}";
                    Rename($"{layer.Name}/{inner.Name}", Join(path, attribute));
                    var (name, settings) = Module(inner);
                    init.Add(Line(8, $"{module} = {name}(", settings, ",", ")"));
                    break;
                case Op.Activation activation:
                    (module, string[] more) = Function(activation.Kind);
                    arguments = [.. arguments, .. more];
                    break;
                case Op.Dropout dropout:
                    arguments = [arguments[0], MaskOf(dropout, inner)];
                    break;
            }

            values[inner] = Variable(inner.Name, variables);
            steps.Add(inner.Op is Op.Dropout
                ? $"            {values[inner]} = {arguments[0]} * {arguments[1]}  # {inner.Shape}"
                : Run(new LayerMember(inner.Name, inner), module, arguments, $"{values[inner]} = ", 12));
        }

        var states = cell.States.Select(state => values[state.Before]).ToList();
        var shapes = $"{layer.Inputs[0].Shape} to {layer.Shape}";
        var body = $"""
                def __init__(self):
                    super().__init__()
            {string.Join('\n', init)}

                def forward(self, sequence):
            {string.Join('\n', [.. cell.States.Select(state => $"        {values[state.Before]} = sequence.new_zeros(sequence.shape[0], {state.Before.Shape})"), .. masks])}
                    outputs = []
                    for {values[cell.Input]} in sequence.unbind(1):
            {string.Join('\n', steps)}
                        {string.Join(", ", states)} = {string.Join(", ", cell.States.Select(state => values[state.After]))}
                        outputs.append({states[0]})
                    return torch.stack(outputs, dim=1)
            """;
        return Shared(body, path, $"a recurrent cell, {shapes}");

        string MaskOf(Op.Dropout dropout, Layer inner)
        {
            var key = dropout.Mask is { } shared ? $"mask_{shared}" : $"mask_{inner.Name}";
            if (!maskNames.TryGetValue(key, out var mask))
            {
                maskNames[key] = mask = Variable(key, variables);
                masks.Add($"        {mask} = dropout_mask(self, sequence, {Number(dropout.Probability)}, {inner.Shape})");
            }

            return mask;
        }
    }

    private static (string Name, string[] More) Function(ActivationKind kind) => kind switch
    {
        ActivationKind.Relu => ("torch.relu", []),
        ActivationKind.LeakyRelu => ("nn.functional.leaky_relu", [Number(Op.LeakySlope)]),
        ActivationKind.Relu6 => ("nn.functional.relu6", []),
        ActivationKind.Sigmoid => ("torch.sigmoid", []),
        ActivationKind.Tanh => ("torch.tanh", []),
        ActivationKind.Silu => ("nn.functional.silu", []),
        ActivationKind.HardSwish => ("nn.functional.hardswish", []),
    };
}
