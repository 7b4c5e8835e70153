using NasPlatform.Search.Spaces.NasBench101;

namespace NasPlatform.Search.Benchmarks.Formats;

/// <summary>
/// NAS-Bench-101 (Ying et al. 2019), a table of single trainings: the columns of <see cref="CellColumns"/>, <c>train_seconds_108</c>, and <c>v4</c>, <c>v12</c>, <c>v36</c>, <c>v108</c>, the
/// validation images of 9,984 that were classified rightly after so many epochs.
/// </summary>
internal sealed class NasBench101Format : TableFormat
{
    private const string Dataset = "cifar10";

    /// <summary>The benchmark's evaluation drops the remainder of a batch of 256, so it counts 39·256 of the 10,000 images.</summary>
    private const int ValidationImages = 9984;

    private static readonly int[] Epochs = [4, 12, 36, 108];

    public override string Name => "NAS-Bench-101";

    public override IReadOnlyList<string> Titles => [.. CellColumns.Titles, "train_seconds_108", .. Epochs.Select(epochs => $"v{epochs}")];

    public override TableDraft Read(IReadOnlyList<TableSource> tables, IReadOnlyList<TableSource> extras, ImportOptions options)
    {
        var space = CellColumns.Space(7);
        var draft = new TableDraft("nasbench101", "NAS-Bench-101 (Ying et al. 2019)", space)
        {
            Notes =
            {
                "One training for each number of epochs. There are no test accuracies: a search is judged by the validation accuracy that it sees.",
                "Seconds of 4, 12 and 36 epochs are the shares of those recorded for 108.",
            },
        };
        var parameters = draft.Column(new(Dataset, ColumnTitle.Parameters));
        int[] accuracies = [.. Epochs.Select(epochs => draft.Column(new(Dataset, ColumnTitle.Valid, epochs)))];
        int[] seconds = [.. Epochs.Select(epochs => draft.Column(new(Dataset, ColumnTitle.Seconds, epochs)))];
        using var rows = tables[0].Open();
        while (rows.Read())
        {
            var row = draft.NewRow(CellColumns.Genotype(space, rows), rows, "hash");
            draft.Set(row, parameters, rows.Whole("params"));
            foreach (var (place, epochs) in Epochs.Index())
            {
                draft.Set(row, accuracies[place], rows.Share($"v{epochs}", ValidationImages));
                draft.Set(row, seconds[place], rows.Amount("train_seconds_108") * (epochs / (double)Epochs[^1]));
            }
        }

        return draft;
    }
}
