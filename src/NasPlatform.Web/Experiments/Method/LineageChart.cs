using NasPlatform.Search.Evaluation;
using NasPlatform.Web.Components.Shared;

namespace NasPlatform.Web.Experiments.Method;

/// <summary>Trials by number and score with a line from each parent to its child, as an ECharts option; the best one's descent stands out.</summary>
internal static class LineageChart
{
    /// <param name="best">The best trial; null while none has completed.</param>
    /// <param name="trials">The address below which a trial's page lies, ending in a slash.</param>
    /// <param name="metric">What the scores mean; its own values are drawn.</param>
    public static object Of(MethodView method, int? best, string trials, Metric metric)
    {
        var alive = (method.Explanation?.Population ?? []).Select(member => member.Number).ToHashSet();
        var shown = method.Lineage.Where(trial => trial.Score is not null).ToDictionary(trial => trial.Number);
        var ancestry = best is { } number ? method.AncestryOf(number) : [];
        return new
        {
            Grid = new { Left = 4, Right = 16, Top = 34, Bottom = 24, ContainLabel = true },
            Legend = new { Top = 0, Left = 0, Type = "scroll", ItemWidth = 14, ItemHeight = 8, Icon = "roundRect" },
            Tooltip = new { Trigger = "item", ValueFormatter = Format(metric) },
            XAxis = new { Type = "value", Name = "trial", NameLocation = "middle", NameGap = 26, Min = 1, MinInterval = 1, SplitLine = new { Show = false } },
            YAxis = metric == Metric.Accuracy
                ? (object)new { Type = "value", Scale = true, Min = ChartFormat.ShareFloor, Max = ChartFormat.ShareCeiling, AxisLabel = new { Formatter = ChartFormat.Percent } }
                : new { Type = "value", Scale = true },
            Series = new object[]
            {
                new
                {
                    Name = "parent to child",
                    Type = "line",
                    Color = "nas:token---line-strong",
                    Silent = true,
                    ShowSymbol = false,
                    LineStyle = new { Width = 1, Opacity = 0.7 },
                    Data = shown.Values.Where(trial => trial.Parent is { } parent && shown.ContainsKey(parent))
                        .SelectMany(trial => new[] { At(shown[trial.Parent!.Value], metric), At(trial, metric), Gap }).ToArray(), // not null: asked for
                },
                new
                {
                    Name = "left",
                    Type = "scatter",
                    Color = "nas:token---text-3",
                    SymbolSize = 6,
                    ItemStyle = new { Opacity = 0.55 },
                    Data = shown.Values.Where(trial => !alive.Contains(trial.Number)).Select(trial => Point(trial, trials, metric)).ToArray(),
                },
                new
                {
                    Name = "in the population",
                    Type = "scatter",
                    Color = "nas:colour-1",
                    SymbolSize = 9,
                    Data = shown.Values.Where(trial => alive.Contains(trial.Number)).Select(trial => Point(trial, trials, metric)).ToArray(),
                },
                new
                {
                    Name = "descent of the best",
                    Type = "line",
                    Color = "nas:colour-2",
                    ShowSymbol = true,
                    Symbol = "circle",
                    SymbolSize = 8,
                    LineStyle = new { Width = 2.5 },
                    Z = 4,
                    Data = ancestry.Where(trial => trial.Score is not null).OrderBy(trial => trial.Number).Select(trial => Point(trial, trials, metric)).ToArray(),
                },
            },
        };
    }

    /// <summary>Ends a line, so that the next one begins anew.</summary>
    private static readonly double?[] Gap = [null, null];

    private static string Format(Metric metric) => metric == Metric.Accuracy ? ChartFormat.Percent : ChartFormat.Plain;

    private static double?[] At(Descendant trial, Metric metric) => [trial.Number, metric.Value(trial.Score!.Value)]; // not null: others are not shown

    private static object Point(Descendant trial, string trials, Metric metric) => new { Name = $"trial {trial.Number}", Value = At(trial, metric), Url = $"{trials}{trial.Number}" };
}
