namespace NasPlatform.Search.Benchmarks.Formats;

/// <summary>One way in which tables are written, told by the titles of the columns.</summary>
internal abstract class TableFormat
{
    /// <summary>For people: <c>NAS-Bench-201</c>.</summary>
    public abstract string Name { get; }

    /// <summary>The titles by which it is known, for messages.</summary>
    public abstract IReadOnlyList<string> Titles { get; }

    /// <summary>Titles by which files are known that can be given beside the table.</summary>
    public virtual IReadOnlyList<string> ExtraTitles => [];

    /// <summary>Whether several files make one table, a dataset each.</summary>
    public virtual bool TakesSeveral => false;

    /// <summary>Whether a file of these titles is a table of it.</summary>
    public virtual bool IsTable(IReadOnlyList<string> titles) => Titles.All(titles.Contains);

    /// <summary>Whether a file of these titles belongs beside a table of it.</summary>
    public bool IsExtra(IReadOnlyList<string> titles) => ExtraTitles.Count > 0 && !IsTable(titles) && ExtraTitles.All(titles.Contains);

    /// <param name="tables">One file, or more where the format takes several.</param>
    /// <param name="extras">Files beside it.</param>
    /// <param name="options">What the user said.</param>
    /// <exception cref="UserErrorException">A row is not as it must be.</exception>
    public abstract TableDraft Read(IReadOnlyList<TableSource> tables, IReadOnlyList<TableSource> extras, ImportOptions options);
}
