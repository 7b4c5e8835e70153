using NasPlatform.Search.Networks;

namespace NasPlatform.Search.Spaces.Recurrent;

/// <summary>A space whose architecture is a recurrent cell, and a network around it that settings choose.</summary>
public abstract class RecurrentSpace : SearchSpace
{
    public sealed override IReadOnlyList<TaskKind> Tasks => [TaskKind.LanguageModelling, TaskKind.SequenceClassification, TaskKind.Forecasting];

    /// <summary>Penn Treebank's: 10,000 words, 35 steps.</summary>
    public sealed override TaskShape Typical => TaskShape.Text(35, 10_000);

    /// <summary>The same cell in the final network: as much larger as the paper's is than that of its search.</summary>
    public sealed override SearchSpace Final =>
        Network.IsFinal ? this : SearchSpaceCatalog.Create(Name, Network.Grown(Settings, PaperNetworks.Search, PaperNetworks.Final));

    /// <summary>The network of this space.</summary>
    private protected abstract RecurrentNetwork Network { get; }

    /// <summary>The sizes and dropouts that the paper, or its released code, has in the search and in the final network.</summary>
    private protected abstract (RecurrentNetwork Search, RecurrentNetwork Final) PaperNetworks { get; }

    public sealed override LayerGraph Build(IChoices choices, TaskShape task) => Network.Build(task, Cell(choices));

    public sealed override void Decide(IChoices choices) => Cell(choices);

    /// <summary>Asks for the cell; the answer makes it for so many numbers a step.</summary>
    private protected abstract Func<int, RecurrentCell> Cell(IChoices choices);
}
