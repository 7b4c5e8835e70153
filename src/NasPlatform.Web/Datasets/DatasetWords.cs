using System.Globalization;
using NasPlatform.Search.Datasets;
using NasPlatform.Search.Datasets.Images;
using NasPlatform.Search.Networks;
using NasPlatform.Web.Commands;

namespace NasPlatform.Web.Datasets;

/// <summary>What datasets of each kind have, in the words of their kind, for pages and the terminal alike.</summary>
internal static class DatasetWords
{
    /// <summary><c>3,781 images</c>, <c>17,420 steps</c>, <c>1 row</c>.</summary>
    public static string Amount(TaskKind task, long count) => count == 1 && task is not TaskKind.SequenceClassification
        ? $"1 {(task == TaskKind.Forecasting ? "step" : task.Example)}"
        : $"{Figures.Exact(count)} {task.Counted}";

    extension(DatasetReport report)
    {
        /// <summary>Examples of all splits; tokens of a text, steps of a series that is forecast.</summary>
        public int Count => report.CountOf(Split.Train) + report.CountOf(Split.Validation) + report.CountOf(Split.Test);

        /// <summary>One thing that is learnt from: <c>8 x 8, grey</c>, <c>6 variables x 100 steps</c>, <c>96 steps of 7 variables</c>, <c>13 features</c>, <c>35 words</c>.</summary>
        public string Input => report.Task switch
        {
            TaskKind.ImageClassification => new ImageShape(report.Channels, report.Height, report.Width).ToString(),
            TaskKind.SequenceClassification => $"{Figures.Many(report.Channels, "variable")} x {Figures.Many(report.Width, "step")}",
            TaskKind.Forecasting => $"{Figures.Many(report.Width, "step")} of {Figures.Many(report.Channels, "variable")}",
            TaskKind.TabularClassification or TaskKind.TabularRegression => Figures.Many(report.Channels, "feature"),
            TaskKind.LanguageModelling => report.TokenCount(report.Width),
        };

        /// <summary>What is told apart or predicted: <c>10 classes</c>, <c>24 steps of 7 variables</c>, <c>price</c>, <c>10,000 words</c>.</summary>
        public string Output => report.Task switch
        {
            TaskKind.Forecasting => $"{Figures.Many(report.Horizon, "step")} of {Figures.Many(report.Targets.Count, "variable")}",
            TaskKind.TabularRegression => string.Join(", ", report.TargetNames),
            TaskKind.LanguageModelling => report.TokenCount(report.Classes.Count),
            _ => Figures.Many(report.Classes.Count, "class", "classes"),
        };

        /// <summary><c>10,000 words</c>, <c>65 characters</c>.</summary>
        public string TokenCount(int count) => Figures.Many(count, report.IsCharacters ? "character" : "word");
    }

    /// <summary>A number in the data's unit, four significant figures at least.</summary>
    public static string Number(double value) => Math.Abs(value) is >= 1_000 and < 1e15
        ? value.ToString("#,##0.#", CultureInfo.InvariantCulture)
        : value.ToString("G4", CultureInfo.InvariantCulture);

    /// <summary>A token that can be seen: a space, a line's end and a tabulator by their signs.</summary>
    public static string Visible(string token) => token switch
    {
        " " => "␣",
        "\n" => "↵",
        "\t" => "⇥",
        "\r" => "␍",
        "\u00A0" => "⍽",
        _ => token,
    };
}
