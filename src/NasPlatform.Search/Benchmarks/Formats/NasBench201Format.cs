using NasPlatform.Search.Spaces;
using NasPlatform.Search.Spaces.NasBench201;

namespace NasPlatform.Search.Benchmarks.Formats;

/// <summary>
/// NAS-Bench-201 (Dong &amp; Yang 2020) as a table of means: <c>index</c>, <c>code</c> (a digit for each of the edges 0→1, 0→2, 1→2, 0→3, 1→3, 2→3, in the order of
/// <see cref="NasBench201Space.Operation"/>), accuracies in percent after 200 epochs and, with <c>_12</c>, after the separate 12, seconds of the 200 epochs. Beside it files by <c>index</c> of what
/// hardware measured and of scores at initialisation.
/// </summary>
internal sealed class NasBench201Format : TableFormat
{
    private const int Epochs = 200;
    private const int FewEpochs = 12;

    /// <summary>The classifier's inputs, of which each class more has a weight, and its bias.</summary>
    private const int ParametersOfAClass = 65;

    private static readonly (string Prefix, string Dataset, int Classes)[] Datasets = [("c10_", "cifar10", 10), ("c100_", "cifar100", 100), ("in16_", "ImageNet16-120", 120)];

    private static readonly string[] Edges = ["edge0_1", "edge0_2", "edge1_2", "edge0_3", "edge1_3", "edge2_3"];

    public override string Name => "NAS-Bench-201";

    public override IReadOnlyList<string> Titles => ["index", "code", "params", "flops", .. Datasets.SelectMany(dataset => Measured(dataset.Prefix))];

    public override IReadOnlyList<string> ExtraTitles => ["index"];

    public override TableDraft Read(IReadOnlyList<TableSource> tables, IReadOnlyList<TableSource> extras, ImportOptions options)
    {
        var space = SearchSpaceCatalog.Create("nasbench201");
        var draft = new TableDraft("nasbench201", "NAS-Bench-201, topology space (Dong & Yang 2020)", space)
        {
            Notes =
            {
                "Accuracies are means over the benchmark's trainings; after 12 epochs there is one training.",
                "cifar10: the validation accuracy is of trainings on half of the training set, the test accuracy of trainings on all of it.",
                "Seconds after 12 epochs are 12/200 of those recorded for 200.",
            },
        };
        var rowByIndex = new Dictionary<long, int>();
        var multiplyAdds = draft.Column(new("cifar10", ColumnTitle.MultiplyAdds));
        var columns = Datasets.Select(dataset => ColumnsOf(draft, dataset.Dataset)).ToList();
        using (var rows = tables[0].Open())
        {
            while (rows.Read())
            {
                var row = draft.NewRow(Cell(space, rows), rows, "code");
                if (!rowByIndex.TryAdd(rows.Whole("index"), row))
                {
                    throw rows.Wrong("index", $"{rows.Whole("index")} is there already");
                }

                draft.Set(row, multiplyAdds, rows.Whole("flops"));
                foreach (var ((prefix, _, classes), places) in Datasets.Zip(columns))
                {
                    var seconds = rows.Amount(prefix + "seconds");
                    double[] values =
                    [
                        rows.Whole("params") + ((classes - 10) * ParametersOfAClass),
                        rows.Share(prefix + "valid_12", 100), rows.Share(prefix + "test_12", 100), seconds * (FewEpochs / (double)Epochs),
                        rows.Share(prefix + "valid", 100), rows.Share(prefix + "test", 100), seconds,
                    ];
                    foreach (var (place, value) in places.Zip(values))
                    {
                        draft.Set(row, place, value);
                    }
                }
            }
        }

        foreach (var extra in extras)
        {
            ReadFigures(extra, draft, rowByIndex);
        }

        return draft;
    }

    private static IEnumerable<string> Measured(string prefix) => new[] { "valid", "test", "valid_12", "test_12", "seconds" }.Select(name => prefix + name);

    private static int[] ColumnsOf(TableDraft draft, string dataset) =>
    [
        draft.Column(new(dataset, ColumnTitle.Parameters)),
        .. from epochs in new[] { FewEpochs, Epochs }
           from name in new[] { ColumnTitle.Valid, ColumnTitle.Test, ColumnTitle.Seconds }
           select draft.Column(new(dataset, name, epochs)),
    ];

    /// <summary>The cell of a code.</summary>
    internal static Genotype Cell(SearchSpace space, TableRows rows)
    {
        var code = rows.Text("code");
        return code.Length == Edges.Length
            ? space.FromValues(Edges.Index().ToDictionary(edge => edge.Item, edge => rows.Digit("code", code, edge.Index, NasBench201Space.Operation.Options.Length)))
            : throw rows.Wrong("code", $"'{code}' has {code.Length} digits, not {Edges.Length}");
    }

    /// <summary>Figures by the benchmark's index; a title's prefix names the dataset.</summary>
    private static void ReadFigures(TableSource extra, TableDraft draft, Dictionary<long, int> rowByIndex)
    {
        using var rows = extra.Open();
        var columns = new List<(string Title, int Column)>();
        foreach (var title in rows.Titles.Where(title => title != "index"))
        {
            var (prefix, dataset, _) = Datasets.FirstOrDefault(dataset => title.StartsWith(dataset.Prefix, StringComparison.Ordinal));
            var figure = new ColumnTitle(dataset, title[(prefix?.Length ?? 0)..]);
            if (figure.Name is not ("params" or "flops"))
            {
                columns.Add((title, draft.Column(figure)));
            }
        }

        while (rows.Read())
        {
            if (!rowByIndex.TryGetValue(rows.Whole("index"), out var row))
            {
                throw rows.Wrong("index", $"the table has no architecture {rows.Whole("index")}");
            }

            foreach (var (title, column) in columns)
            {
                // The edge TPU's latency is -1 where it could not run the network.
                var value = rows.Number(title);
                draft.Set(row, column, value == -1 && title.EndsWith("_latency", StringComparison.Ordinal) ? double.NaN : value);
            }
        }
    }
}
