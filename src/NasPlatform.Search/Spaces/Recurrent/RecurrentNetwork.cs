using NasPlatform.Search.Networks;

namespace NasPlatform.Search.Spaces.Recurrent;

/// <summary>
/// The network around a recurrent cell. Of a text: an embedding, one or more recurrent layers of the cell, and at each step a full layer to the vocabulary, tied to the embedding where their
/// sizes agree. Of a series: the recurrent layers on its steps, and a full layer on the last step. Each dropout has one mask for all steps of a sequence.
/// </summary>
internal sealed record RecurrentNetwork
{
    /// <summary>Settings of a network that trains on two CPU cores.</summary>
    public static readonly IReadOnlyDictionary<string, string> Small = new Dictionary<string, string>
    {
        ["hidden"] = "64",
        ["drop_words"] = "0",
        ["drop_input"] = "0",
        ["drop_x"] = "0",
        ["drop_h"] = "0",
        ["drop_output"] = "0",
    };

    /// <summary>Whether it is the one that is trained in full after the search.</summary>
    public bool IsFinal { get; init; }

    /// <summary>Numbers in each state of a cell.</summary>
    public required int Hidden { get; init; }

    /// <summary>Numbers of a token's embedding.</summary>
    public int Embedding { get; init; }

    /// <summary>Recurrent layers, one on the other.</summary>
    public int Layers { get; init; } = 1;

    /// <summary>The probability with which a token of the vocabulary is left out, wherever it stands in a batch.</summary>
    public double DropWords { get; init; }

    /// <summary>Of the embedding's numbers, or of a series' variables, and between recurrent layers.</summary>
    public double DropInput { get; init; }

    /// <summary>Of what a cell is given, within the cell.</summary>
    public double DropX { get; init; }

    /// <summary>Of a cell's states, within the cell.</summary>
    public double DropH { get; init; }

    /// <summary>Before the last full layer.</summary>
    public double DropOutput { get; init; }

    /// <summary>Reads the settings that all recurrent spaces have; a space's search and final network give the defaults.</summary>
    public static RecurrentNetwork Read(Settings settings, RecurrentNetwork search, RecurrentNetwork final)
    {
        var isFinal = settings.Word("network", "search", "search", "final") == "final";
        var known = isFinal ? final : search;
        var hidden = settings.Whole("hidden", known.Hidden, 1, 16_384);
        return new()
        {
            IsFinal = isFinal,
            Hidden = hidden,
            Embedding = settings.Whole("embedding", hidden, 1, 16_384),
            Layers = settings.Whole("layers", known.Layers, 1, 16),
            DropWords = settings.Real("drop_words", known.DropWords, 0, 0.95),
            DropInput = settings.Real("drop_input", known.DropInput, 0, 0.95),
            DropX = settings.Real("drop_x", known.DropX, 0, 0.95),
            DropH = settings.Real("drop_h", known.DropH, 0, 0.95),
            DropOutput = settings.Real("drop_output", known.DropOutput, 0, 0.95),
        };
    }

    /// <summary>
    /// The settings of the final network: as much larger as <paramref name="final"/> is than <paramref name="search"/>, with dropouts of its own where they are those of the search.
    /// </summary>
    public Dictionary<string, string> Grown(IReadOnlyDictionary<string, string> settings, RecurrentNetwork search, RecurrentNetwork final)
    {
        var grown = new Dictionary<string, string>(settings) { ["network"] = "final", ["hidden"] = Larger(Hidden), ["embedding"] = Larger(Embedding) };
        Replace("drop_words", DropWords == search.DropWords);
        Replace("drop_input", DropInput == search.DropInput);
        Replace("drop_x", DropX == search.DropX);
        Replace("drop_h", DropH == search.DropH);
        Replace("drop_output", DropOutput == search.DropOutput);
        return grown;

        string Larger(int size) => $"{Math.Min(16_384, size * (long)final.Hidden / search.Hidden)}";

        // What is not set is the final network's.
        void Replace(string name, bool isSearchs)
        {
            if (isSearchs)
            {
                grown.Remove(name);
            }
        }
    }

    /// <param name="task">A text or a series.</param>
    /// <param name="cell">The cell for so many numbers a step.</param>
    public LayerGraph Build(TaskShape task, Func<int, RecurrentCell> cell)
    {
        var graph = new LayerGraphBuilder(task);
        var isText = task.Kind == TaskKind.LanguageModelling;
        var embedding = isText
            ? graph.Add("embedding", new Op.Embedding(task.Outputs, Embedding, DropWords), graph.Input)
            : graph.Add("sequence", new Op.ToSequence(), graph.Input);
        var x = embedding;
        for (var number = 1; number <= Layers; number++)
        {
            x = Drop($"layer{number}/dropout", DropInput, x);
            x = graph.Add($"layer{number}", new Op.Recurrent(cell(x.Shape.Channels)), x);
        }

        if (!isText)
        {
            x = graph.Add("output/step", new Op.LastStep(), x);
        }

        x = Drop("output/dropout", DropOutput, x);
        return graph.Finish(isText && Embedding == Hidden
            ? graph.Add("output/linear", new Op.TiedLinear(), x, embedding)
            : graph.Add("output/linear", new Op.Linear(task.Outputs), x));

        Layer Drop(string name, double probability, Layer input) =>
            probability == 0 ? input : graph.Add(name, new Op.Dropout(probability, IsLocked: input.Shape.Kind == ShapeKind.Sequence), input);
    }
}
