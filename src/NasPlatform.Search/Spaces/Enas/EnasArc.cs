using System.Globalization;

namespace NasPlatform.Search.Spaces.Enas;

/// <summary>The numbers of an arc, as the released code of ENAS writes one, read in order; what is wrong with one is said with its place.</summary>
internal sealed class EnasArc
{
    private readonly string[] _words;
    private readonly Func<string, UserErrorException> _error;
    private int _next;

    /// <param name="text">Whole numbers with spaces between them.</param>
    /// <param name="length">How many there must be.</param>
    /// <param name="error">Makes the error from the reason.</param>
    public EnasArc(string text, int length, Func<string, UserErrorException> error)
    {
        _words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        _error = error;
        if (_words.Length != length)
        {
            throw error($"it has {_words.Length} numbers and needs {length}");
        }
    }

    /// <summary>The next number, which must be less than <paramref name="options"/>.</summary>
    /// <param name="what">What it stands for, for the error.</param>
    public int Next(int options, string what)
    {
        var word = _words[_next++];
        return int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value < options
            ? value
            : throw _error($"number {_next}, '{word}', is {what} and must be a whole number from 0 to {options - 1}");
    }

    /// <summary>The places, 0-based, that nobody reads: what a cell gives out (§2.1, §2.4).</summary>
    public static int[] LooseEnds(int places, IEnumerable<int> read) => [.. Enumerable.Range(0, places).Except(read)];
}
