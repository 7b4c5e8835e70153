using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Spaces;

namespace NasPlatform.Search.Strategies.Listed;

/// <summary>Proposes given architectures, one after the other, and ends: to train what one has in mind, or published networks, side by side.</summary>
public sealed class ListedGenotypes : Strategy
{
    private readonly Genotype[] _genotypes;

    /// <param name="settings"><c>genotypes</c>: texts of the space, or names of its published architectures, joined by semicolons.</param>
    public ListedGenotypes(SearchSpace space, Settings settings)
    {
        var texts = settings.Text("genotypes", "").Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        settings.RefuseUnknown();
        Settings = settings.Effective;
        _genotypes = [.. texts.Select(space.Find)];
    }

    public override string Name => "listed";

    public override IReadOnlyDictionary<string, string> Settings { get; }

    public override int? MostProposals => _genotypes.Length;

    public override Genotype Propose(int number) => _genotypes[number - 1];

    /// <summary>Nothing is learned.</summary>
    public override void Observe(Proposal proposal, Evaluation.Evaluation evaluation)
    {
    }
}
