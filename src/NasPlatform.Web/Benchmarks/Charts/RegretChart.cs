using System.Globalization;
using NasPlatform.Web.Components.Shared;

namespace NasPlatform.Web.Benchmarks.Charts;

/// <summary>How regret falls, strategy by strategy, as an ECharts option: the median over the seeds as a line, the quartiles as a band around it.</summary>
internal static class RegretChart
{
    /// <summary>Regret, in points of per cent, below which nothing is told apart: the lower end of the scale.</summary>
    public const double Floor = 0.01;

    /// <param name="byTime">Against simulated time in place of queries.</param>
    public static object Of(StudyResult study, bool byTime)
    {
        var (unit, size) = byTime ? UnitOf(study) : ("queries", 1);
        return Of(study, byTime, byTime ? $"simulated time in {unit}" : unit, size);
    }

    private static object Of(StudyResult study, bool byTime, string axis, double unit) => new
    {
        Grid = new { Left = 4, Right = 20, Top = study.Strategies.Count > 1 ? 34 : 14, Bottom = 24, ContainLabel = true },
        Legend = study.Strategies.Count > 1 ? new { Top = 0, Left = 0, Type = "scroll", ItemWidth = 14, ItemHeight = 8, Icon = "roundRect", Data = study.Strategies.Select(strategy => strategy.Label).ToArray() } : null,
        Tooltip = new { Trigger = "axis", ValueFormatter = ChartFormat.Plain },
        XAxis = new { Type = "log", Name = axis, NameLocation = "middle", NameGap = 26, Min = "dataMin", Max = "dataMax", AxisLabel = new { Formatter = ChartFormat.Short, ShowMinLabel = false, ShowMaxLabel = false }, SplitLine = new { Show = false } },
        YAxis = new { Type = "log", Name = "", Min = Floor, AxisLabel = new { Formatter = ChartFormat.Plain } },
        Series = study.Strategies.Select((strategy, place) => Band(strategy, place, Points(strategy, byTime, unit)))
            .Concat(study.Strategies.Select((strategy, place) => Line(strategy, place, Points(strategy, byTime, unit)))).ToArray(),
    };

    /// <summary>In which most of the time can be read well.</summary>
    private static (string Name, double Seconds) UnitOf(StudyResult study) => study.Strategies.SelectMany(strategy => strategy.ByTime).Select(point => point.At).DefaultIfEmpty().Max() switch
    {
        < 600 => ("seconds", 1),
        < 36_000 => ("minutes", 60),
        _ => ("hours", 3600),
    };

    private static List<RegretPoint> Points(StrategyResult strategy, bool byTime, double unit) =>
        [.. (byTime ? strategy.ByTime : strategy.ByQuery).Select(point => point with { At = point.At / unit })];

    private static object Line(StrategyResult strategy, int place, List<RegretPoint> points) => new
    {
        Name = strategy.Label,
        Type = "line",
        ShowSymbol = points.Count < 3,
        Color = Colour(place),
        LineStyle = new { Width = 2.25 },
        Z = 3,
        Data = points.Select(point => new[] { point.At, Drawn(point.Median) }).ToArray(),
    };

    /// <summary>One item: how many points there are, then of each its place and both quartiles.</summary>
    private static object Band(StrategyResult strategy, int place, List<RegretPoint> points) => new
    {
        Name = strategy.Label,
        Type = "custom",
        RenderItem = ChartFormat.Band,
        Color = Colour(place),
        Silent = true,
        Clip = true,
        Tooltip = new { Show = false },
        Encode = new { X = points.Select((_, point) => 1 + (3 * point)).ToArray(), Y = points.SelectMany((_, point) => new[] { 2 + (3 * point), 3 + (3 * point) }).ToArray() },
        Data = points.Count < 2 ? [] : new[] { points.SelectMany(point => new[] { point.At, Drawn(point.Low), Drawn(point.High) }).Prepend(points.Count).ToArray() },
    };

    private static double Drawn(double regret) => Math.Max(Floor, 100 * regret);

    private static string Colour(int place) => string.Create(CultureInfo.InvariantCulture, $"nas:colour-{place + 1}");
}
