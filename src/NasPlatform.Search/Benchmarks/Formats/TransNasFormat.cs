using NasPlatform.Search.Spaces;
using NasPlatform.Search.Spaces.NasBench201;

namespace NasPlatform.Search.Benchmarks.Formats;

/// <summary>
/// TransNAS-Bench-101 (Duan et al. 2021), cells on seven vision tasks: <c>code</c> (as of <see cref="NasBench201Format"/>, without pooling) and what validation gave for each task, more being
/// better. The benchmark's macro networks are of no space of the platform's.
/// </summary>
internal sealed class TransNasFormat : TableFormat
{
    private static readonly string[] Percents = ["class_scene", "class_object", "jigsaw", "segmentsemantic"];
    private static readonly string[] Similarities = ["autoencoder", "normal"];
    private const string NegativeLoss = "room_layout";

    public override string Name => "TransNAS-Bench-101";

    public override IReadOnlyList<string> Titles => ["code", "params_autoencoder", .. Percents, .. Similarities, NegativeLoss];

    public override TableDraft Read(IReadOnlyList<TableSource> tables, IReadOnlyList<TableSource> extras, ImportOptions options)
    {
        var draft = Draft("transnas-micro", "TransNAS-Bench-101, cells on seven tasks (Duan et al. 2021)");
        draft.Notes.Add("autoencoder and normal are structural similarities; room_layout is 1 / (1 + loss).");
        (string Title, int Column)[] columns = [.. Percents.Concat(Similarities).Append(NegativeLoss).Select(task => (task, draft.Column(new(task, ColumnTitle.Valid, 1))))];
        var parameters = draft.Column(new("autoencoder", ColumnTitle.Parameters));
        using var rows = tables[0].Open();
        while (rows.Read())
        {
            var row = draft.NewRow(Cell(draft.Space, rows), rows, "code");
            draft.Set(row, parameters, rows.Whole("params_autoencoder"));
            foreach (var (task, column) in columns)
            {
                draft.Set(row, column, task == NegativeLoss ? OfNegativeLoss(rows) : rows.Share(task, Percents.Contains(task) ? 100 : 1));
            }
        }

        return draft;
    }

    internal static TableDraft Draft(string name, string title) => new(name, title, SearchSpaceCatalog.Create("nasbench201"))
    {
        Notes = { "Cells have the form of space 'nasbench201' without avg_pool_3x3; the network around them is the benchmark's own. Validation only, no times, and no epochs, which count as 1." },
    };

    /// <summary>The cell of a code without pooling; of macro networks the codes are others, and are refused.</summary>
    internal static Genotype Cell(SearchSpace space, TableRows rows)
    {
        const int pooling = 4;
        var genotype = NasBench201Format.Cell(space, rows);
        return genotype.Decisions.Any(decision => decision.Value == pooling)
            ? throw rows.Wrong("code", $"'{rows.Text("code")}' has a {NasBench201Space.Operation.Options[pooling]}, which these cells have not; macro networks cannot be imported")
            : genotype;
    }

    private static double OfNegativeLoss(TableRows rows) => rows.Number(NegativeLoss) is var loss && loss > 0
        ? throw rows.Wrong(NegativeLoss, $"{loss} is no negative loss")
        : 1 / (1 - loss);
}
