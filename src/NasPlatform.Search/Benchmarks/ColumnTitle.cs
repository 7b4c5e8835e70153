using System.Globalization;

namespace NasPlatform.Search.Benchmarks;

/// <summary>
/// The title of a column of a table: <c>[dataset/]name[@epochs][#repeat]</c>, such as <c>cifar10/valid@200#2</c>, <c>seconds</c> or <c>multiply_adds</c>. The names train, valid, test and
/// seconds are measurements of a training, which have epochs (1 where none are named) and a repeat; any other name is a figure of the architecture.
/// </summary>
/// <param name="Dataset">Null where none is named: a figure for all datasets.</param>
/// <param name="Name">What is in the column.</param>
/// <param name="Epochs">Of the training; 0 for a figure.</param>
/// <param name="Repeat">Which of several trainings, 0 where none is named.</param>
internal readonly record struct ColumnTitle(string? Dataset, string Name, int Epochs = 0, int Repeat = 0)
{
    public const string Train = "train";
    public const string Valid = "valid";
    public const string Test = "test";
    public const string Seconds = "seconds";
    public const string Parameters = "parameters";
    public const string MultiplyAdds = "multiply_adds";

    /// <summary>The usual measurements, for messages.</summary>
    public static readonly IReadOnlyList<string> Measurements = [Train, Valid, Test, Seconds];

    public bool IsMeasurement => Measurements.Contains(Name);

    /// <summary>A share from 0 to 1.</summary>
    public bool IsAccuracy => Name is Train or Valid or Test;

    /// <summary>Reads a title; null where it is none.</summary>
    public static ColumnTitle? Parse(string text)
    {
        var rest = text;
        string? dataset = null;
        if (rest.IndexOf('/') is var slash and >= 0)
        {
            dataset = rest[..slash].Trim();
            rest = rest[(slash + 1)..];
        }

        var isWhole = Take('#', out var repeat) & Take('@', out var epochs);
        var title = new ColumnTitle(dataset, rest.Trim(), epochs ?? 0, repeat ?? 0);
        if (!isWhole || dataset == "" || title.Name == "" || (!title.IsMeasurement && (epochs ?? repeat) is not null))
        {
            return null;
        }

        return title.IsMeasurement ? title with { Epochs = epochs ?? 1 } : title;

        bool Take(char mark, out int? number)
        {
            number = null;
            if (rest.IndexOf(mark) is var at and >= 0)
            {
                if (!int.TryParse(rest[(at + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var read) || read < 1)
                {
                    return false;
                }

                number = read;
                rest = rest[..at];
            }

            return true;
        }
    }

    public override string ToString() =>
        (Dataset is null ? "" : $"{Dataset}/") + Name + (Epochs == 0 ? "" : $"@{Epochs}") + (Repeat == 0 ? "" : $"#{Repeat}");
}
