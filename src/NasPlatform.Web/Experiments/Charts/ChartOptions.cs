using System.Collections.Immutable;
using NasPlatform.Search.Evaluation;
using NasPlatform.Web.Components.Shared;

namespace NasPlatform.Web.Experiments.Charts;

/// <summary>Chart data as ECharts options. Colours come from the page's theme.</summary>
internal static class ChartOptions
{
    /// <param name="trials">The address below which a trial's page lies, ending in a slash; null where points are no links.</param>
    /// <param name="metric">What the scores mean; its own values are drawn.</param>
    public static object Of(BestSoFar best, bool byTime, string? trials, Metric metric)
    {
        var points = best.Steps.Select(step => Point(byTime ? step.ElapsedSeconds : step.Number, metric.Value(step.Score), step.Number, trials));
        if (best.Last is { } last && best.Steps.Length > 0 && best.Steps[^1] != last)
        {
            points = points.Append(Point(byTime ? last.ElapsedSeconds : last.Number, metric.Value(best.Steps[^1].Score), best.Steps[^1].Number, trials));
        }

        return new
        {
            Grid = Room,
            Tooltip = new { Trigger = "axis", ValueFormatter = Format(metric) },
            XAxis = new { Type = "value", Name = byTime ? "search time (min:s)" : "trial", NameLocation = "middle", NameGap = 26, Min = byTime ? 0 : 1, MinInterval = 1, AxisLabel = new { Formatter = byTime ? ChartFormat.Duration : ChartFormat.Plain }, SplitLine = new { Show = false } },
            YAxis = Axis(metric),
            Series = new[] { new { Name = $"best validation {metric.Words} so far", Type = "line", Step = "end", ShowSymbol = true, Symbol = "circle", SymbolSize = 6, AreaStyle = new { Opacity = 0.08 }, Data = points.ToArray() } },
        };
    }

    public static object Of(CostScatter scatter, int? best, string? trials, Metric metric) => new
    {
        Grid = Room with { Top = 34 },
        Legend = Legend,
        Tooltip = new { Trigger = "item", ValueFormatter = Format(metric) },
        XAxis = new { Type = "log", Name = scatter.Cost.Unit.Length > 0 ? $"{scatter.Cost.Words} ({scatter.Cost.Unit})" : scatter.Cost.Words, NameLocation = "middle", NameGap = 26, AxisLabel = new { Formatter = ChartFormat.Short }, SplitLine = new { Show = false } },
        YAxis = Axis(metric),
        Series = new object[]
        {
            new
            {
                Name = "trials",
                Type = "scatter",
                SymbolSize = scatter.Points.Length > 300 ? 4 : 7,
                ItemStyle = new { Opacity = 0.5 },
                Data = scatter.Points.Select(point => CostPoint(point, scatter.Cost, trials, metric)).ToArray(),
            },
            new
            {
                Name = "Pareto front",
                Type = "line",
                Step = "end",
                ShowSymbol = true,
                Symbol = "circle",
                SymbolSize = 7,
                Data = scatter.Front.Select(point => CostPoint(point, scatter.Cost, trials, metric)).ToArray(),
            },
            new
            {
                Name = "best",
                Type = "scatter",
                Symbol = "diamond",
                SymbolSize = 15,
                Data = scatter.Points.Where(point => point.Number == best).Select(point => CostPoint(point, scatter.Cost, trials, metric)).ToArray(),
            },
        },
    };

    /// <param name="measure">What of the trainings is shown.</param>
    public static object Of(ImmutableArray<LearningCurve> curves, CurveMeasure measure, Metric metric) => new
    {
        Grid = curves.Length > 1 ? Room with { Top = 34 } : Room,
        Legend = curves.Length > 1 ? Legend : null,
        Tooltip = new { Trigger = "axis", ValueFormatter = measure == CurveMeasure.Score ? Format(metric) : ChartFormat.Plain },
        XAxis = Epochs(measure == CurveMeasure.TrainLoss ? 0 : 1),
        YAxis = measure == CurveMeasure.Score ? Axis(metric) : Nats,
        Series = curves.Select(curve => new
        {
            curve.Name,
            Type = "line",
            ShowSymbol = measure != CurveMeasure.TrainLoss && curve.Points.Length < 3,
            Symbol = "circle",
            SymbolSize = 6,
            LineStyle = new { Width = curve.Role is CurveRole.Best or CurveRole.Final ? 2.75 : 1.5, Opacity = curve.Role == CurveRole.Recent ? 0.55 : 1 },
            Z = curve.Role is CurveRole.Best ? 3 : 2,
            Data = Data(curve, measure, metric),
        }).ToArray(),
    };

    /// <summary>Training and validation loss of one training.</summary>
    public static object Losses(LearningCurve curve) => new
    {
        Grid = Room with { Top = 34 },
        Legend = Legend,
        Tooltip = new { Trigger = "axis", ValueFormatter = ChartFormat.Plain },
        XAxis = Epochs(0),
        YAxis = Nats,
        Series = new[] { (Name: "training loss", Measure: CurveMeasure.TrainLoss), (Name: "validation loss", Measure: CurveMeasure.Loss) }.Select(line => new
        {
            line.Name,
            Type = "line",
            ShowSymbol = line.Measure == CurveMeasure.Loss && curve.Points.Length < 3,
            Symbol = "circle",
            SymbolSize = 6,
            Data = Data(curve, line.Measure, Metric.Accuracy),
        }).ToArray(),
    };

    /// <summary>Traces of one unit in one chart: a reward beside its baseline.</summary>
    public static object Of(ImmutableArray<StrategyTrace> traces)
    {
        var isShare = traces.All(trace => trace.Name.EndsWith("score", StringComparison.Ordinal));
        return new
        {
            Grid = traces.Length > 1 ? Room with { Top = 34 } : Room,
            Legend = traces.Length > 1 ? Legend : null,
            Tooltip = new { Trigger = "axis", ValueFormatter = isShare ? ChartFormat.Percent : ChartFormat.Plain },
            XAxis = new { Type = "value", Name = "trial", NameLocation = "middle", NameGap = 26, Min = 1, MinInterval = 1, SplitLine = new { Show = false } },
            YAxis = isShare ? Share : new { Type = "value", Scale = true },
            Series = traces.Select(trace => new
            {
                Name = trace.Name.Replace('_', ' '),
                Type = "line",
                ShowSymbol = trace.Points.Length < 3,
                LineStyle = new { Width = trace.Name == "reward" ? 1.25 : 2.25, Opacity = trace.Name == "reward" ? 0.6 : 1 },
                Data = trace.Points.Select(point => new[] { point.Trial, point.Value }).ToArray(),
            }).ToArray(),
        };
    }

    /// <param name="isShare">Whether the values are probabilities.</param>
    public static object Of(ImmutableArray<SupernetTrace> traces, bool isShare) => new
    {
        Grid = traces.Length > 1 ? Room with { Top = 34 } : Room,
        Legend = traces.Length > 1 ? Legend : null,
        Tooltip = new { Trigger = "axis", ValueFormatter = ChartFormat.Plain },
        XAxis = Epochs(1),
        YAxis = isShare ? new { Type = "value", Min = 0 } : Nats,
        Series = traces.Select(trace => new
        {
            trace.Name,
            Type = "line",
            ShowSymbol = trace.Points.Length < 3,
            Symbol = "circle",
            SymbolSize = 6,
            Data = trace.Points.Select(point => new[] { point.Epoch, point.Value }).ToArray(),
        }).ToArray(),
    };

    private static readonly GridRoom Room = new(4, 24, 16, 14);

    private static readonly object Legend = new { Top = 0, Left = 0, Type = "scroll", ItemWidth = 14, ItemHeight = 8, Icon = "roundRect" };

    private static readonly object Share = new { Type = "value", Scale = true, Min = ChartFormat.ShareFloor, Max = ChartFormat.ShareCeiling, AxisLabel = new { Formatter = ChartFormat.Percent } };

    private static readonly object Nats = new { Type = "value", Scale = true };

    private static string Format(Metric metric) => metric == Metric.Accuracy ? ChartFormat.Percent : ChartFormat.Plain;

    private static object Axis(Metric metric) => metric == Metric.Accuracy ? Share : Nats;

    private static object Epochs(int first) =>
        new { Type = "value", Name = "epoch", NameLocation = "middle", NameGap = 26, Min = first, MinInterval = 1, SplitLine = new { Show = false } };

    private static double?[][] Data(LearningCurve curve, CurveMeasure measure, Metric metric)
    {
        IEnumerable<(double Epoch, double? Value)> points = measure switch
        {
            CurveMeasure.Score => curve.Points.Select(point => ((double)point.Epoch, point.Score is { } score ? metric.Value(score) : (double?)null)),
            CurveMeasure.Loss => curve.Points.Select(point => ((double)point.Epoch, point.Loss)),
            CurveMeasure.TrainLoss => curve.TrainLosses(),
        };
        return [.. Thinned.Evenly([.. points], 300).Select(point => new[] { point.Epoch, point.Value })];
    }

    private static ChartPoint CostPoint(TrialPoint point, Cost cost, string? trials, Metric metric) => Point(point.CostOf(cost) ?? 0, metric.Value(point.Score), point.Number, trials);

    private static ChartPoint Point(double x, double y, int trial, string? trials) => new($"trial {trial}", [x, y], trials is null ? null : $"{trials}{trial}");

    /// <summary>A point that may be a link.</summary>
    private sealed record ChartPoint(string Name, double[] Value, string? Url);

    /// <summary>Pixels around the plot; ECharts makes room for the labels within.</summary>
    private sealed record GridRoom(int Left, int Bottom, int Right, int Top)
    {
        public bool ContainLabel { get; } = true;
    }
}

/// <summary>What of an epoch a chart shows.</summary>
public enum CurveMeasure
{
    /// <summary>On the validation split, as the metric's own value.</summary>
    Score,

    /// <summary>Validation cross entropy.</summary>
    Loss,

    /// <summary>Training cross entropy.</summary>
    TrainLoss,
}
