namespace NasPlatform.Search.Benchmarks.Formats;

/// <summary>
/// EC-NAS (Bakhtiarifard et al. 2024), the cells of at most five vertices: <see cref="CellColumns"/>, after 4 epochs <c>train4</c>, <c>valid4</c>, <c>test4</c>, <c>train_seconds4</c>,
/// <c>energy_kwh4</c>, and <c>valid2</c>, <c>test2</c> half-way through the same training.
/// </summary>
internal sealed class EcNasFormat : TableFormat
{
    private const string Dataset = "cifar10";

    public override string Name => "EC-NAS, five vertices";

    public override IReadOnlyList<string> Titles => [.. CellColumns.Titles, "valid2", "test2", "train4", "valid4", "test4", "train_seconds4", "energy_kwh4"];

    public override TableDraft Read(IReadOnlyList<TableSource> tables, IReadOnlyList<TableSource> extras, ImportOptions options)
    {
        var space = CellColumns.Space(5);
        var draft = new TableDraft("ecnas-5v", "EC-NAS, cells of at most five vertices (Bakhtiarifard et al. 2024)", space)
        {
            Notes = { "One training of 4 epochs each; 2 epochs are the same training half-way, and half its time. energy_kwh is that of 4 epochs." },
        };
        (string Title, int Column)[] shares =
        [
            ("valid2", draft.Column(new(Dataset, ColumnTitle.Valid, 2))),
            ("test2", draft.Column(new(Dataset, ColumnTitle.Test, 2))),
            ("train4", draft.Column(new(Dataset, ColumnTitle.Train, 4))),
            ("valid4", draft.Column(new(Dataset, ColumnTitle.Valid, 4))),
            ("test4", draft.Column(new(Dataset, ColumnTitle.Test, 4))),
        ];
        var (half, whole) = (draft.Column(new(Dataset, ColumnTitle.Seconds, 2)), draft.Column(new(Dataset, ColumnTitle.Seconds, 4)));
        var (parameters, energy) = (draft.Column(new(Dataset, ColumnTitle.Parameters)), draft.Column(new(Dataset, "energy_kwh")));
        using var rows = tables[0].Open();
        while (rows.Read())
        {
            var row = draft.NewRow(CellColumns.Genotype(space, rows), rows, "hash");
            foreach (var (title, column) in shares)
            {
                draft.Set(row, column, rows.Share(title, 1));
            }

            draft.Set(row, half, rows.Amount("train_seconds4") / 2);
            draft.Set(row, whole, rows.Amount("train_seconds4"));
            draft.Set(row, parameters, rows.Whole("params"));
            draft.Set(row, energy, rows.Amount("energy_kwh4"));
        }

        return draft;
    }
}
