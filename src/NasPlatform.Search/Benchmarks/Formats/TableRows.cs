using System.Globalization;
using NasPlatform.Search.Datasets.Layouts;
using NasPlatform.Search.Spaces;

namespace NasPlatform.Search.Benchmarks.Formats;

/// <summary>The rows of a file of a table; every cell is checked, and an error names the file, the line and the column.</summary>
internal sealed class TableRows(CsvRows rows, ReadingTerms terms) : IDisposable
{
    private readonly Dictionary<string, int> _places = rows.Titles.Index().ToDictionary(title => title.Item, title => title.Index);
    private int _count;

    public IReadOnlyList<string> Titles => rows.Titles;

    /// <summary>Goes to the next row.</summary>
    public bool Read()
    {
        if ((++_count & 1023) == 0)
        {
            terms.Cancellation.ThrowIfCancellationRequested();
            terms.Progress?.Report(_count);
        }

        return rows.Read();
    }

    /// <summary>The text of a cell; some is demanded.</summary>
    public string Text(string title) => rows[_places[title]] is { Length: > 0 } text ? text : throw Wrong(title, "it is empty");

    /// <summary>A finite number; NaN where the cell is empty.</summary>
    public double Number(string title)
    {
        var text = rows[_places[title]];
        return text.Length == 0 ? double.NaN
            : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number
            : throw Wrong(title, $"'{text}' is not a number");
    }

    /// <summary>A number that is not negative, such as a time; NaN where the cell is empty.</summary>
    public double Amount(string title) => Number(title) is var amount && amount < 0 ? throw Wrong(title, $"{Show(amount)} is negative") : amount;

    /// <summary>A whole number that is not negative.</summary>
    public long Whole(string title)
    {
        var text = Text(title);
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var whole) ? whole : throw Wrong(title, $"'{text}' is not a whole number");
    }

    /// <summary>A share of <paramref name="whole"/>, as one from 0 to 1: 91.5 of 100 is 0.915. NaN where the cell is empty.</summary>
    public double Share(string title, double whole)
    {
        var part = Number(title);
        if (part < 0 || part > whole)
        {
            throw Wrong(title, $"{Show(part)} is not from 0 to {Show(whole)}");
        }

        // In decimal, so that 94.3733 of 100 is 0.943733.
        return double.IsNaN(part) || whole == 1 ? part : (double)((decimal)part / (decimal)whole);
    }

    /// <summary>A digit of a code, which must be less than <paramref name="options"/>.</summary>
    public int Digit(string title, string code, int place, int options) => code[place] - '0' is var digit && digit >= 0 && digit < options
        ? digit
        : throw Wrong(title, $"'{code[place]}' at place {place + 1} of '{code}' is not a digit from 0 to {options - 1}");

    /// <summary>An architecture in the text form of a space.</summary>
    public Genotype Genotype(string title, SearchSpace space) => Genotype(title, space, Text(title));

    /// <summary>The architecture of a text that is made of the row's cells.</summary>
    public Genotype Genotype(string title, SearchSpace space, string text)
    {
        Genotype genotype;
        try
        {
            genotype = space.Parse(text);
        }
        catch (UserErrorException error)
        {
            throw Wrong(title, error.Message.TrimEnd('.'));
        }

        return space.IsValid(genotype) ? genotype : throw Wrong(title, $"'{text}' denotes no network of space '{space.Name}'");
    }

    /// <summary>An error at the row.</summary>
    public UserErrorException Wrong(string title, string what) => rows.Wrong($"in column '{title}', {what}");

    public void Dispose() => rows.Dispose();

    private static string Show(double number) => number.ToString(CultureInfo.InvariantCulture);
}
