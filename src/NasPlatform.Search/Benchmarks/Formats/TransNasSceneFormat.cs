namespace NasPlatform.Search.Benchmarks.Formats;

/// <summary>TransNAS-Bench-101, cells on scene classification alone: <c>code</c>, <c>accuracy</c> in percent, and figures at initialisation, titled <c>p_...</c>.</summary>
internal sealed class TransNasSceneFormat : TableFormat
{
    private const string Dataset = "class_scene";
    private const string FigurePrefix = "p_";

    public override string Name => "TransNAS-Bench-101, scenes";

    public override IReadOnlyList<string> Titles => ["code", "accuracy"];

    public override TableDraft Read(IReadOnlyList<TableSource> tables, IReadOnlyList<TableSource> extras, ImportOptions options)
    {
        var draft = TransNasFormat.Draft("transnas-scene", "TransNAS-Bench-101, cells on scene classification (Duan et al. 2021)");
        var accuracy = draft.Column(new(Dataset, ColumnTitle.Valid, 1));
        (string Title, int Column)[] figures =
        [
            .. tables[0].Titles.Where(title => title.StartsWith(FigurePrefix, StringComparison.Ordinal) && title != "p_params")
                .Select(title => (title, draft.Column(new(Dataset, title[FigurePrefix.Length..])))),
        ];
        using var rows = tables[0].Open();
        while (rows.Read())
        {
            var row = draft.NewRow(TransNasFormat.Cell(draft.Space, rows), rows, "code");
            draft.Set(row, accuracy, rows.Share("accuracy", 100));
            foreach (var (title, column) in figures)
            {
                draft.Set(row, column, rows.Number(title));
            }
        }

        return draft;
    }
}
