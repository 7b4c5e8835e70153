namespace NasPlatform.Search.Benchmarks.Formats;

/// <summary>
/// EC-NAS, the cells of at most four vertices, a line for each training: <see cref="CellColumns"/>, <c>epochs</c>, <c>run</c> (from 0), <c>train</c>, <c>valid</c>, <c>test</c>,
/// <c>train_seconds</c>, <c>energy_kwh</c>. Beside it a file of what trainings took on other devices: <c>device</c>, <c>hash</c>, <c>epochs</c>, <c>train_seconds</c>, <c>energy_kwh</c>.
/// </summary>
internal sealed class EcNasBudgetsFormat : TableFormat
{
    private const string Dataset = "cifar10";

    public override string Name => "EC-NAS, four vertices";

    public override IReadOnlyList<string> Titles => [.. CellColumns.Titles, "epochs", "run", "train", "valid", "test", "train_seconds", "energy_kwh"];

    public override IReadOnlyList<string> ExtraTitles => ["device", "hash", "epochs", "train_seconds", "energy_kwh"];

    public override TableDraft Read(IReadOnlyList<TableSource> tables, IReadOnlyList<TableSource> extras, ImportOptions options)
    {
        var space = CellColumns.Space(4);
        var draft = new TableDraft("ecnas-4v", "EC-NAS, cells of at most four vertices (Bakhtiarifard et al. 2024)", space)
        {
            Notes = { "Three separate trainings for each number of epochs. energy_kwh is their mean." },
        };
        var columns = new Dictionary<ColumnTitle, int>();
        var rowByHash = new Dictionary<string, int>();
        var seen = new HashSet<(int, long, long)>();
        var energies = new Dictionary<(int Row, long Epochs), List<double>>();
        using (var rows = tables[0].Open())
        {
            while (rows.Read())
            {
                var (epochs, run) = (rows.Whole("epochs"), rows.Whole("run"));
                var row = rowByHash.TryGetValue(rows.Text("hash"), out var known) ? known : draft.Row(CellColumns.Genotype(space, rows));
                rowByHash[rows.Text("hash")] = row;
                if (epochs is < 1 or > 1_000_000 || run > 1_000)
                {
                    throw rows.Wrong(run > 1_000 ? "run" : "epochs", $"{epochs} epochs of run {run} are out of range");
                }

                if (!seen.Add((row, epochs, run)))
                {
                    throw rows.Wrong("run", $"run {run} of {epochs} epochs of this cell is there already");
                }

                foreach (var (title, metric) in new[] { ("train", ColumnTitle.Train), ("valid", ColumnTitle.Valid), ("test", ColumnTitle.Test) })
                {
                    draft.Set(row, Column(new(Dataset, metric, (int)epochs, (int)run + 1)), rows.Share(title, 1));
                }

                draft.Set(row, Column(new(Dataset, ColumnTitle.Seconds, (int)epochs, (int)run + 1)), rows.Amount("train_seconds"));
                draft.Set(row, Column(new(Dataset, ColumnTitle.Parameters)), rows.Whole("params"));
                if (!energies.TryGetValue((row, epochs), out var runs))
                {
                    energies[(row, epochs)] = runs = [];
                }

                runs.Add(rows.Amount("energy_kwh"));
            }
        }

        foreach (var ((row, epochs), runs) in energies)
        {
            draft.Set(row, Column(new(Dataset, $"energy_kwh_{epochs}")), runs.Average());
        }

        foreach (var extra in extras)
        {
            using var rows = extra.Open();
            while (rows.Read())
            {
                var row = rowByHash.TryGetValue(rows.Text("hash"), out var known) ? known : throw rows.Wrong("hash", $"the table has no cell {rows.Text("hash")}");
                draft.Set(row, Column(new(Dataset, $"seconds_{rows.Whole("epochs")}_{rows.Text("device")}")), rows.Amount("train_seconds"));
                draft.Set(row, Column(new(Dataset, $"energy_kwh_{rows.Whole("epochs")}_{rows.Text("device")}")), rows.Amount("energy_kwh"));
            }
        }

        return draft;

        int Column(ColumnTitle title)
        {
            if (!columns.TryGetValue(title, out var column))
            {
                columns[title] = column = draft.Column(title);
            }

            return column;
        }
    }
}
