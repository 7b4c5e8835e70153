using System.Globalization;
using NasPlatform.Search.Datasets.Files;

namespace NasPlatform.Search.Datasets.Layouts;

/// <summary>
/// The .ts format of the UEA and UCR archives (Löning et al., sktime, 2019): comments with #, a header with @, and after @data a series a line, its variables separated by ':', their values
/// by ',', the class last.
/// </summary>
internal sealed class TsReader(TextFile text) : SeriesReader(text)
{
    private int? _dimensions;

    /// <inheritdoc/>
    public override void ReadHeader()
    {
        var hasClasses = false;
        while (Text.TryReadLine(out var line))
        {
            line = line.Trim();
            if (line.IsEmpty || line[0] == '#')
                continue;
            if (line[0] != '@')
                throw Wrong($"'{Shown(line)}' stands where the header should be; a .ts file has lines such as @classLabel true a b, then @data, then a series a line");
            if (line.Equals("@data", StringComparison.OrdinalIgnoreCase))
            {
                if (!hasClasses)
                    throw Wrong("the header has no @classLabel; series are told apart by their classes");
                return;
            }

            string[] words = line.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            var isTrue = words is [_, var said, ..] && said.Equals("true", StringComparison.OrdinalIgnoreCase);
            switch (words[0].ToUpperInvariant())
            {
                case "@CLASSLABEL":
                    if (!isTrue)
                        throw Wrong("the header says that the series have no classes");
                    hasClasses = true;
                    Classes = words.Length > 2 ? words[2..] : null;
                    if (Classes?.Distinct(StringComparer.Ordinal).Count() < Classes?.Count)
                        throw Wrong("the header names a class twice");
                    break;
                case "@TARGETLABEL" when isTrue:
                    throw Wrong("the series have a number each, and not a class; that is not taken in");
                case "@TIMESTAMPS" when isTrue:
                    throw Wrong("the values have time stamps, which are not read; write the values alone, at equal distances");
                case "@DIMENSIONS" or "@DIMENSION":
                    _dimensions = words is [_, var count] && int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var known) && known > 0 ? known
                        : throw Wrong("the number of dimensions is not a whole number above 0");
                    break;
            }
        }
        throw Wrong("the file ends before @data");
    }

    /// <inheritdoc/>
    public override (int Variables, string Label)? Read(List<float> values)
    {
        while (Text.TryReadLine(out var line))
        {
            line = line.Trim();
            if (line.IsEmpty || line[0] == '#')
                continue;
            var end = line.LastIndexOf(':');
            if (end < 0)
                throw Wrong("there is no ':' before a class; a line is the values of each variable and the class, separated by ':'");
            var (variables, length) = (0, 0);
            var cells = line[..end];
            foreach (var range in cells.Split(':'))
            {
                var before = values.Count;
                Append(cells[range], values);
                variables++;
                if (variables > 1 && values.Count - before != length)
                    throw Wrong($"variable {variables} has {values.Count - before:N0} values where the first has {length:N0}; all variables of a series have the same steps");
                length = values.Count - before;
            }
            if (variables != (_dimensions ?? variables))
                throw Wrong($"it has {variables:N0} variables; the header says {_dimensions:N0}");
            return (variables, Label(line[(end + 1)..].Trim()));
        }
        return null;
    }
}
