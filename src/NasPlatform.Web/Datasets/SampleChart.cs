using NasPlatform.Search.Datasets;
using NasPlatform.Web.Components.Shared;

namespace NasPlatform.Web.Datasets;

/// <summary>Lines of a dataset as ECharts options. Colours come from the page's theme.</summary>
internal static class SampleChart
{
    /// <param name="splits">Steps of each split, whose borders are drawn; null for none.</param>
    public static object Of(IReadOnlyList<DatasetSample.Line> lines, SplitCounts? splits) => new
    {
        Grid = new { Left = 8, Right = 16, Top = (lines.Count > 1 ? 34 : 12) + (splits is null ? 0 : 14), Bottom = 28, ContainLabel = true },
        Legend = lines.Count > 1 ? new { Type = "scroll", Top = 0, Left = 0, ItemWidth = 14, ItemHeight = 8 } : null,
        Tooltip = new { Trigger = "axis", ValueFormatter = ChartFormat.Plain },
        XAxis = new { Type = "value", Name = "step", NameLocation = "middle", NameGap = 26, Min = 0, Max = "dataMax", MinInterval = 1, AxisLabel = new { Formatter = ChartFormat.Short }, SplitLine = new { Show = false } },
        YAxis = new { Type = "value", Scale = true, AxisLabel = new { Formatter = ChartFormat.Short } },
        Series = lines.Select((line, place) => new
        {
            line.Name,
            Type = "line",
            LineStyle = new { Width = 1.25 },
            Data = line.Points,
            MarkLine = place == 0 && splits is not null ? Borders(splits) : null,
        }).ToArray(),
    };

    private static object Borders(SplitCounts splits) => new
    {
        Silent = true,
        Symbol = "none",
        LineStyle = new { Type = "dashed", Opacity = 0.7 },
        Data = new[] { (Word: "validation", Start: splits.Train, Count: splits.Validation), (Word: "test", Start: splits.Train + splits.Validation, Count: splits.Test) }
            .Where(part => part.Count > 0)
            .Select(part => new { XAxis = part.Start, Label = new { Formatter = part.Word, Position = "end", Distance = 3, FontSize = 11 } }).ToArray(),
    };
}
