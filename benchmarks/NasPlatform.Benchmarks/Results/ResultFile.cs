using NasPlatform.Search;

namespace NasPlatform.Benchmarks.Results;

/// <summary>
/// The results of one machine, <c>benchmarks/results/&lt;processor-cores&gt;.md</c>: facts, then for each way of measuring a section with a table, a row a case. What is measured anew replaces its row, and the rest stays.
/// </summary>
internal sealed class ResultFile
{
    private const string FolderVariable = "NAS_BENCHMARKS";

    private readonly string _path;
    private readonly MachineFacts _facts;
    private readonly Dictionary<string, Section> _sections = [];

    /// <exception cref="UserErrorException">Where the results are is not known.</exception>
    public ResultFile(MachineFacts facts)
    {
        var folder = Environment.GetEnvironmentVariable(FolderVariable) ?? throw new UserErrorException($"To save, start by benchmarks/run.sh, which sets {FolderVariable}.");
        _path = Path.Combine(folder, "results", facts.FileName);
        _facts = facts;
        if (File.Exists(_path))
        {
            Read(File.ReadAllLines(_path));
        }
    }

    /// <summary>Puts a row into a section and writes the file.</summary>
    /// <param name="heading">The section's.</param>
    /// <param name="note">What is said above its table.</param>
    /// <param name="head">The table's first two lines.</param>
    /// <param name="row">A line of the table, its first cell the case's name.</param>
    public void Put(string heading, string note, string head, string row)
    {
        if (!_sections.TryGetValue(heading, out var section) || section.Head != head)
        {
            section = new(note, head, []);
        }

        var place = section.Rows.FindIndex(other => NameOf(other) == NameOf(row));
        if (place < 0)
        {
            section.Rows.Add(row);
        }
        else
        {
            section.Rows[place] = row;
        }

        _sections[heading] = section with { Note = note };
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!); // not null: it has a folder
        using var writer = new StreamWriter(_path) { NewLine = "\n" };
        Write(writer);
    }

    private void Write(StreamWriter writer)
    {
        writer.WriteLine($"# {_facts.Processor}, {_facts.Cores} cores");
        writer.WriteLine();
        writer.WriteLine("Written by `benchmarks/run.sh --save`; `benchmarks/README.md` tells what the columns mean.");
        writer.WriteLine();
        writer.WriteLine("| | |");
        writer.WriteLine("| --- | --- |");
        foreach (var (name, value) in _facts.Rows)
        {
            writer.WriteLine($"| {name} | {value} |");
        }

        foreach (var (heading, section) in _sections)
        {
            writer.WriteLine();
            writer.WriteLine($"## {heading}");
            writer.WriteLine();
            writer.WriteLine(section.Note);
            writer.WriteLine();
            writer.WriteLine(section.Head);
            section.Rows.ForEach(writer.WriteLine);
        }
    }

    private void Read(string[] lines)
    {
        foreach (var (index, line) in lines.Index().Where(pair => pair.Item.StartsWith("## ", StringComparison.Ordinal)))
        {
            var content = lines.Skip(index + 1).TakeWhile(next => !next.StartsWith("## ", StringComparison.Ordinal)).Where(next => next.Length > 0).ToList();
            var table = content.FindIndex(next => next.StartsWith('|'));
            _sections[line[3..]] = new(string.Join('\n', content[..table]), $"{content[table]}\n{content[table + 1]}", content[(table + 2)..]);
        }
    }

    private static string NameOf(string row) => row.Split('|', 3)[1].Trim();

    private sealed record Section(string Note, string Head, List<string> Rows);
}
