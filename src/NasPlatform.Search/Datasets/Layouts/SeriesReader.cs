using System.Globalization;
using NasPlatform.Search.Datasets.Files;

namespace NasPlatform.Search.Datasets.Layouts;

/// <summary>Reads labelled series from a text file, one after another.</summary>
internal abstract class SeriesReader(TextFile text)
{
    /// <summary>Values that stand for one that is missing.</summary>
    private const string Missing = "?";

    protected TextFile Text => text;

    /// <summary>The 1-based line that was read last.</summary>
    public long Line => text.Line;

    /// <summary>The classes in the order of the header; null where it names none.</summary>
    public IReadOnlyList<string>? Classes { get; protected set; }

    /// <summary>Reads to where the series begin.</summary>
    /// <exception cref="UserErrorException">The header cannot be understood, or says what is not taken in.</exception>
    public abstract void ReadHeader();

    /// <summary>Appends the next series to <paramref name="values"/>, variable after variable, NaN where a value is missing.</summary>
    /// <returns>How many variables it has, and its label; null at the end.</returns>
    /// <exception cref="UserErrorException">A line cannot be understood.</exception>
    public abstract (int Variables, string Label)? Read(List<float> values);

    /// <summary>An error at the line that was read last.</summary>
    public UserErrorException Wrong(string what) => text.Wrong(what);

    /// <summary>The reader for what a file of this name holds.</summary>
    public static SeriesReader For(string name, TextFile text) => Endings.Of(name) == ".arff" ? new ArffReader(text) : new TsReader(text);

    /// <summary>Appends numbers that are separated by commas.</summary>
    protected void Append(ReadOnlySpan<char> numbers, List<float> values)
    {
        foreach (var range in numbers.Split(','))
        {
            var cell = numbers[range].Trim();
            if (cell is Missing)
                values.Add(float.NaN);
            else if (float.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && !float.IsInfinity(value))
                values.Add(value);
            else
                throw text.Wrong(cell.IsEmpty ? "a value is empty; one that is missing is written as ?" : $"'{Shown(cell)}' is not a number that can be kept");
        }
    }

    /// <summary>The class of a series, checked against the header.</summary>
    protected string Label(ReadOnlySpan<char> label)
    {
        if (label.IsEmpty)
            throw text.Wrong("the class is missing");
        var name = label.ToString();
        return Classes is null || Classes.Contains(name, StringComparer.Ordinal) ? name
            : throw text.Wrong($"the class '{Shown(label)}' is none of those that the header names ({Labelled.Named(Classes)})");
    }

    /// <summary>What stands in a file, short enough for a message.</summary>
    protected static string Shown(ReadOnlySpan<char> text) => text.Length <= 40 ? text.ToString() : $"{text[..40]}...";
}
