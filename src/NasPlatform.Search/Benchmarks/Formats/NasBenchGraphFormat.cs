using NasPlatform.Search.Spaces;

namespace NasPlatform.Search.Benchmarks.Formats;

/// <summary>
/// NAS-Bench-Graph (Qin et al. 2022): a file for each dataset, named after it, with <c>links</c>, <c>ops</c>, <c>valid</c>, <c>test</c> (means of three seeds, 0 to 1), <c>latency_ms</c>,
/// <c>params</c>.
/// </summary>
internal sealed class NasBenchGraphFormat : TableFormat
{
    public override string Name => "NAS-Bench-Graph";

    public override IReadOnlyList<string> Titles => ["links", "ops", "valid", "test", "latency_ms", "params"];

    public override bool TakesSeveral => true;

    public override TableDraft Read(IReadOnlyList<TableSource> tables, IReadOnlyList<TableSource> extras, ImportOptions options)
    {
        var draft = new TableDraft("nasbenchgraph", "NAS-Bench-Graph (Qin et al. 2022)", SearchSpaceCatalog.Create("nasbenchgraph"))
        {
            Notes = { "Accuracies are means of three seeds (of proteins: areas under the ROC curve). No times of training were kept, and no epochs, which count as 1." },
        };
        foreach (var source in tables)
        {
            var valid = draft.Column(new(source.Name, ColumnTitle.Valid, 1));
            var test = draft.Column(new(source.Name, ColumnTitle.Test, 1));
            var parameters = draft.Column(new(source.Name, ColumnTitle.Parameters));
            var latency = draft.Column(new(source.Name, "latency_ms"));
            var seen = new HashSet<int>();
            using var rows = source.Open();
            while (rows.Read())
            {
                var row = draft.Row(rows.Genotype("ops", draft.Space, $"{rows.Text("links")} {rows.Text("ops")}"));
                if (!seen.Add(row))
                {
                    throw rows.Wrong("ops", $"'{rows.Text("links")} {rows.Text("ops")}' is an architecture that the file has already");
                }

                draft.Set(row, valid, rows.Share("valid", 1));
                draft.Set(row, test, rows.Share("test", 1));
                draft.Set(row, parameters, rows.Whole("params"));
                draft.Set(row, latency, rows.Amount("latency_ms"));
            }
        }

        return draft;
    }
}
