using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Strategies;
using NasPlatform.Web.Components.Shared;

namespace NasPlatform.Web.Experiments.Method;

/// <summary>What a predictor said against what came of it, as an ECharts option, with the line on which the two are equal.</summary>
internal static class PredictionChart
{
    /// <param name="trials">The address below which a trial's page lies, ending in a slash.</param>
    /// <param name="metric">What the scores mean; its own values are drawn. Null where they are rewards of score and cost.</param>
    public static object Of(IReadOnlyList<Prediction> predictions, string trials, Metric? metric)
    {
        var values = predictions.SelectMany(prediction => new[] { Value(prediction.Mean), Value(prediction.Score) }).ToList();
        var (least, most) = (values.Min(), values.Max());
        var words = metric?.Words ?? "reward";
        var format = metric == Metric.Accuracy ? ChartFormat.Percent : ChartFormat.Plain;
        return new
        {
            Grid = new { Left = 4, Right = 20, Top = 34, Bottom = 24, ContainLabel = true },
            Tooltip = new { Trigger = "item", ValueFormatter = format },
            XAxis = new { Type = "value", Scale = true, Name = $"predicted {words}", NameLocation = "middle", NameGap = 26, AxisLabel = new { Formatter = format }, SplitLine = new { Show = false } },
            YAxis = new { Type = "value", Scale = true, Name = $"measured {words}", NameTextStyle = new { Align = "left" }, AxisLabel = new { Formatter = format } },
            Series = new object[]
            {
                new
                {
                    Name = "equal",
                    Type = "line",
                    Color = "nas:token---line-strong",
                    Silent = true,
                    ShowSymbol = false,
                    LineStyle = new { Width = 1.5, Type = "dashed" },
                    Data = new[] { new[] { least, least }, [most, most] },
                },
                new
                {
                    Name = "trials",
                    Type = "scatter",
                    Color = "nas:colour-1",
                    SymbolSize = 8,
                    ItemStyle = new { Opacity = 0.75 },
                    Data = predictions.Select(prediction => new { Name = $"trial {prediction.Number}", Value = new[] { Value(prediction.Mean), Value(prediction.Score) }, Url = $"{trials}{prediction.Number}" }).ToArray(),
                },
            },
        };

        double Value(double score) => metric?.Value(score) ?? score;
    }
}
