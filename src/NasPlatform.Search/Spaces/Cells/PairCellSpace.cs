using NasPlatform.Search.Networks;

namespace NasPlatform.Search.Spaces.Cells;

/// <summary>A space whose architecture is a normal and a reduction cell, and a network around them that settings choose.</summary>
public abstract class PairCellSpace : SearchSpace
{
    /// <summary>How its cells are written.</summary>
    private protected abstract PairCellText Text { get; }

    /// <summary>What a cell's first two places are called in drawings.</summary>
    private protected abstract (string First, string Second) Inputs { get; }

    public sealed override LayerGraph Build(IChoices choices, TaskShape task)
    {
        var (normal, reduction) = Read(choices);
        return Build(normal, reduction, task);
    }

    public sealed override string Format(Genotype genotype)
    {
        var (normal, reduction) = Read(Replay(genotype.ToDictionary()));
        return Text.Write([normal, reduction]);
    }

    public sealed override IReadOnlyList<Sketch> Sketches(Genotype genotype)
    {
        var (normal, reduction) = Read(Replay(genotype.ToDictionary()));
        return [normal.Draw("Normal cell", Inputs.First, Inputs.Second), reduction.Draw("Reduction cell", Inputs.First, Inputs.Second)];
    }

    public sealed override void Decide(IChoices choices) => Read(choices);

    /// <summary>The network of two cells.</summary>
    private protected abstract LayerGraph Build(PairCell normal, PairCell reduction, TaskShape task);

    /// <summary>Asks for the two cells.</summary>
    private protected abstract (PairCell Normal, PairCell Reduction) Read(IChoices choices);
}
