using NasPlatform.Search.Spaces;

namespace NasPlatform.Search.Benchmarks.Formats;

/// <summary>
/// The platform's own format, for a user's table: a column <c>architecture</c> in the text form of a space that the user names, and columns titled <c>[dataset/]name[@epochs][#repeat]</c>
/// (<see cref="ColumnTitle"/>), at least one of them <c>valid</c> or <c>test</c>. Accuracies are shares from 0 to 1, or percent where any of the file is larger than 1.
/// </summary>
internal sealed class OwnFormat : TableFormat
{
    private const string Architecture = "architecture";

    public override string Name => "your own table";

    public override IReadOnlyList<string> Titles => [Architecture, "valid or test"];

    public override bool IsTable(IReadOnlyList<string> titles) => titles.Contains(Architecture);

    public override TableDraft Read(IReadOnlyList<TableSource> tables, IReadOnlyList<TableSource> extras, ImportOptions options)
    {
        var source = tables[0];
        var space = SearchSpaceCatalog.Create(
            options.Space ?? throw new UserErrorException($"{source.FileName} does not tell the search space of its architectures; name it, in the terminal with --space: {string.Join(", ", SearchSpaceCatalog.Names)}."),
            options.SpaceSettings);
        var titles = TitlesOf(source);
        var isPercent = IsPercent(source, titles);
        var draft = new TableDraft(source.Name, $"{source.FileName}, architectures of {space.Name}", space);
        var columns = titles.Select(title => (title.Text, title.Title, Column: draft.Column(title.Title))).ToList();
        using var rows = source.Open();
        while (rows.Read())
        {
            var row = draft.NewRow(rows.Genotype(Architecture, space), rows, Architecture);
            foreach (var (text, title, column) in columns)
            {
                draft.Set(row, column, title switch
                {
                    { IsAccuracy: true } => rows.Share(text, isPercent ? 100 : 1),
                    { IsMeasurement: true } => rows.Amount(text),
                    { Name: ColumnTitle.Parameters or ColumnTitle.MultiplyAdds } => rows.Amount(text),
                    _ => rows.Number(text),
                });
            }
        }

        AddNotes(draft, [.. titles.Select(title => title.Title)], isPercent);
        return draft;
    }

    private static List<(string Text, ColumnTitle Title)> TitlesOf(TableSource source)
    {
        var titles = new List<(string Text, ColumnTitle Title)>();
        foreach (var text in source.Titles.Where(title => title != Architecture))
        {
            titles.Add((text, ColumnTitle.Parse(text) ?? throw new UserErrorException(
                $"{source.FileName}: the title '{text}' is not [dataset/]name[@epochs][#repeat] with whole numbers from 1; epochs and repeats have only {string.Join(", ", ColumnTitle.Measurements)}.")));
        }

        var measured = titles.Where(title => title.Title.IsMeasurement).ToList();
        if (measured.Select(title => title.Title.Dataset is null).Distinct().Count() > 1)
        {
            throw new UserErrorException($"{source.FileName}: the title '{measured.First(title => title.Title.Dataset is null).Text}' names no dataset, and others do; write it as dataset/{measured.First(title => title.Title.Dataset is null).Text}.");
        }

        foreach (var metric in measured.GroupBy(title => title.Title with { Repeat = 0 }))
        {
            if (metric.Count() > 1 && metric.FirstOrDefault(title => title.Title.Repeat == 0).Text is { } plain)
            {
                throw new UserErrorException($"{source.FileName} has '{plain}' and '{metric.First(title => title.Text != plain).Text}'; give the repeats alone, their mean is taken.");
            }
        }

        foreach (var budget in measured.GroupBy(title => (title.Title.Dataset, title.Title.Epochs)))
        {
            if (!budget.Any(title => title.Title.Name is ColumnTitle.Valid or ColumnTitle.Test))
            {
                throw new UserErrorException($"{source.FileName} has '{budget.First().Text}' and no accuracy that belongs to it; a column '{budget.First().Title with { Name = ColumnTitle.Valid, Repeat = 0 }}' or one of test is needed.");
            }
        }

        return measured.Count > 0 ? titles : throw new UserErrorException($"{source.FileName} has no column 'valid' or 'test' (or 'cifar10/valid@200' and the like), so nothing of it can be searched.");
    }

    private static bool IsPercent(TableSource source, List<(string Text, ColumnTitle Title)> titles)
    {
        using var rows = source.Open();
        while (rows.Read())
        {
            if (titles.Any(title => title.Title.IsAccuracy && rows.Number(title.Text) > 1))
            {
                return true;
            }
        }

        return false;
    }

    private static void AddNotes(TableDraft draft, ColumnTitle[] titles, bool isPercent)
    {
        if (isPercent)
        {
            draft.Notes.Add("Accuracies were given in percent.");
        }

        if (!titles.Any(title => title.Name == ColumnTitle.Valid))
        {
            draft.Notes.Add("There are test accuracies only, so a search sees these.");
        }

        if (!titles.Any(title => title.Name == ColumnTitle.Test))
        {
            draft.Notes.Add("There are no test accuracies: a search is judged by the validation accuracy that it sees.");
        }

        if (!titles.Any(title => title.Name == ColumnTitle.Seconds))
        {
            draft.Notes.Add("No times were kept.");
        }
    }
}
