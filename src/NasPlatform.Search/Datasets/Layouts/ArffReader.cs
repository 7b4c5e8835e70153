using NasPlatform.Search.Datasets.Files;

namespace NasPlatform.Search.Datasets.Layouts;

/// <summary>
/// Series in Weka's ARFF as the UEA and UCR archives have them. One variable: a numeric attribute a step and the class last. Several: one relational attribute, quoted, whose rows (separated by a
/// written \n) are the variables, and the class last. Steps at the end that have no value in any variable are beyond the end of the series.
/// </summary>
internal sealed class ArffReader(TextFile text) : SeriesReader(text)
{
    private int _steps;
    private bool _isRelational;

    /// <inheritdoc/>
    public override void ReadHeader()
    {
        var isInside = false;
        while (Text.TryReadLine(out var line))
        {
            line = line.Trim();
            if (line.IsEmpty || line[0] == '%')
                continue;
            var word = FirstWord(ref line);
            if (word.Equals("@relation", StringComparison.OrdinalIgnoreCase))
                continue;
            if (word.Equals("@end", StringComparison.OrdinalIgnoreCase))
                isInside = false;
            else if (word.Equals("@attribute", StringComparison.OrdinalIgnoreCase))
                isInside = ReadAttribute(line, isInside);
            else if (!word.Equals("@data", StringComparison.OrdinalIgnoreCase))
                throw Wrong($"'{Shown(word)}' stands where the header should be; an ARFF file has @relation, @attribute and @data");
            else if (Classes is null || _steps == 0)
                throw Wrong("the header must have attributes of numbers, one a step, and then the class with its names in braces");
            else
                return;
        }
        throw Wrong("the file ends before @data");
    }

    /// <inheritdoc/>
    public override (int Variables, string Label)? Read(List<float> values)
    {
        while (Text.TryReadLine(out var line))
        {
            line = line.Trim();
            if (line.IsEmpty || line[0] == '%')
                continue;
            if (line[0] == '{')
                throw Wrong("sparse lines, in braces, are not read");
            var start = values.Count;
            var (variables, label) = _isRelational ? ReadVariables(line, values) : (1, ReadSteps(line, values));
            DropEnd(values, start, variables);
            return (variables, Label(label));
        }
        return null;
    }

    private bool ReadAttribute(ReadOnlySpan<char> line, bool isInside)
    {
        if (Classes is not null)
            throw Wrong("there is an attribute after the class; the class is the last, and a table with other categories is better added as CSV");
        if (line.IsEmpty)
            throw Wrong("an attribute has no name");
        if (line[0] is '\'' or '"')
        {
            var end = line[1..].IndexOf(line[0]);
            line = end < 0 ? throw Wrong("a quote is not closed") : line[(end + 2)..].Trim();
        }
        else
        {
            FirstWord(ref line);
        }

        if (line.Equals("relational", StringComparison.OrdinalIgnoreCase) && !isInside && _steps == 0)
            return _isRelational = true;
        if (line.Equals("numeric", StringComparison.OrdinalIgnoreCase) || line.Equals("real", StringComparison.OrdinalIgnoreCase) || line.Equals("integer", StringComparison.OrdinalIgnoreCase))
        {
            if (_isRelational && !isInside)
                throw Wrong("there is an attribute of numbers beside the relational one; the series are in the relational attribute, and the class is the last");
            _steps++;
            return isInside;
        }
        if (line.Length >= 2 && line[0] == '{' && line[^1] == '}' && !isInside)
        {
            Classes = [.. line[1..^1].ToString().Split(',').Select(name => Unquoted(name.Trim()).ToString())];
            return Classes.Distinct(StringComparer.Ordinal).Count() == Classes.Count ? isInside : throw Wrong("the header names a class twice");
        }
        throw Wrong($"an attribute of the type '{Shown(line)}' is not read; a series has numbers, and the class its names in braces");
    }

    private string ReadSteps(ReadOnlySpan<char> line, List<float> values)
    {
        var end = ClassStart(line);
        var before = values.Count;
        Append(line[..end], values);
        return values.Count - before == _steps ? Unquoted(line[(end + 1)..].Trim()).ToString() : throw Wrong($"it has {values.Count - before:N0} values; the header has {_steps:N0} attributes before the class");
    }

    private (int Variables, string Label) ReadVariables(ReadOnlySpan<char> line, List<float> values)
    {
        var close = line[0] is '\'' or '"' ? line[1..].IndexOf(line[0]) : -1;
        if (close < 0 || line[(close + 2)..].TrimStart() is not [',', ..])
            throw Wrong("a line is the series in quotes, a comma and the class");
        var rows = line[1..(close + 1)];
        var label = line[(close + 2)..].TrimStart()[1..].Trim();
        var variables = 0;
        while (true)
        {
            var end = rows.IndexOf("\\n", StringComparison.Ordinal);
            var before = values.Count;
            Append(end < 0 ? rows : rows[..end], values);
            variables++;
            if (values.Count - before != _steps)
                throw Wrong($"variable {variables:N0} has {values.Count - before:N0} values; the header has {_steps:N0} attributes");
            if (end < 0)
                return (variables, Unquoted(label).ToString());
            rows = rows[(end + 2)..];
        }
    }

    // The class is after the last comma that is in no quotes.
    private int ClassStart(ReadOnlySpan<char> line)
    {
        var search = line;
        if (line[^1] is '\'' or '"')
            search = line[..Math.Max(0, line[..^1].LastIndexOf(line[^1]))];
        var comma = search.LastIndexOf(',');
        return comma >= 0 ? comma : throw Wrong("there is no comma before a class");
    }

    private void DropEnd(List<float> values, int start, int variables)
    {
        var length = _steps;
        while (length > 1 && IsMissing(length - 1))
            length--;
        if (length == _steps)
            return;
        for (var variable = 1; variable < variables; variable++)
            for (var step = 0; step < length; step++)
                values[start + variable * length + step] = values[start + variable * _steps + step];
        values.RemoveRange(start + variables * length, variables * (_steps - length));

        bool IsMissing(int step)
        {
            for (var variable = 0; variable < variables; variable++)
                if (!float.IsNaN(values[start + variable * _steps + step]))
                    return false;
            return true;
        }
    }

    private static ReadOnlySpan<char> FirstWord(ref ReadOnlySpan<char> line)
    {
        var end = line.IndexOfAny(' ', '\t');
        var word = end < 0 ? line : line[..end];
        line = end < 0 ? [] : line[end..].Trim();
        return word;
    }

    private static ReadOnlySpan<char> Unquoted(ReadOnlySpan<char> text) => text is ['\'', .., '\''] or ['"', .., '"'] ? text[1..^1] : text;
}
