using NasPlatform.Search.Spaces;

namespace NasPlatform.Search.Benchmarks.Formats;

/// <summary>NAS-Bench-Macro (Su et al. 2021): <c>arch</c> (eight digits), <c>acc1</c> to <c>acc3</c> (test accuracy in percent of three trainings of 50 epochs on CIFAR-10), <c>params</c>, <c>flops</c>.</summary>
internal sealed class NasBenchMacroFormat : TableFormat
{
    private const string Dataset = "cifar10";
    private const int Epochs = 50;

    public override string Name => "NAS-Bench-Macro";

    public override IReadOnlyList<string> Titles => ["arch", "acc1", "acc2", "acc3", "params", "flops"];

    public override TableDraft Read(IReadOnlyList<TableSource> tables, IReadOnlyList<TableSource> extras, ImportOptions options)
    {
        var draft = new TableDraft("nasbenchmacro", "NAS-Bench-Macro (Su et al. 2021)", SearchSpaceCatalog.Create("nasbenchmacro"))
        {
            Notes =
            {
                "The benchmark has test accuracies only, of three trainings, so a search sees one of these and is judged by their mean.",
                "No times were kept.",
            },
        };
        int[] accuracies = [.. Enumerable.Range(1, 3).Select(repeat => draft.Column(new(Dataset, ColumnTitle.Test, Epochs, repeat)))];
        var parameters = draft.Column(new(Dataset, ColumnTitle.Parameters));
        var multiplyAdds = draft.Column(new(Dataset, ColumnTitle.MultiplyAdds));
        using var rows = tables[0].Open();
        while (rows.Read())
        {
            var row = draft.NewRow(rows.Genotype("arch", draft.Space), rows, "arch");
            foreach (var (repeat, column) in accuracies.Index())
            {
                draft.Set(row, column, rows.Share($"acc{repeat + 1}", 100));
            }

            draft.Set(row, parameters, rows.Whole("params"));
            draft.Set(row, multiplyAdds, rows.Whole("flops"));
        }

        return draft;
    }
}
