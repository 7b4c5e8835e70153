using NasPlatform.Search.Benchmarks;
using NasPlatform.Web.Components.Shared;

namespace NasPlatform.Web.Benchmarks.Charts;

/// <summary>How the architectures of a table are spread over the accuracies, as an ECharts option.</summary>
internal static class AccuracyChart
{
    private const int Bins = 60;

    /// <param name="dataset">Whose reported accuracies after the most epochs are counted.</param>
    /// <param name="row">An architecture that is marked; null for none.</param>
    public static object Of(BenchmarkDataset dataset, int? row)
    {
        var bins = Count(dataset.Full.Reported);
        var marked = row is { } place && !double.IsNaN(dataset.Full.Reported[place]) ? dataset.Full.Reported[place] : (double?)null;
        return new
        {
            Grid = new { Left = 4, Right = 16, Top = marked is null ? 14 : 26, Bottom = 24, ContainLabel = true },
            Tooltip = new { Trigger = "axis", ValueFormatter = ChartFormat.Short },
            XAxis = new { Type = "value", Scale = true, Min = ChartFormat.ShareFloor, Max = ChartFormat.ShareCeiling, Name = dataset.Full.HasTest ? "test accuracy" : "validation accuracy", NameLocation = "middle", NameGap = 26, AxisLabel = new { Formatter = ChartFormat.Percent }, SplitLine = new { Show = false } },
            YAxis = new { Type = "value", AxisLabel = new { Formatter = ChartFormat.Short } },
            Series = new[]
            {
                new
                {
                    Name = "architectures",
                    Type = "line",
                    Step = "middle",
                    AreaStyle = new { Opacity = 0.25 },
                    Data = bins.Select(bin => new[] { bin.Accuracy, bin.Count }).ToArray(),
                    MarkLine = marked is { } accuracy
                        ? new { Silent = true, Symbol = "none", LineStyle = new { Type = "solid", Width = 2 }, Data = new[] { new { XAxis = accuracy, Label = new { Formatter = "this one", Position = "end", Distance = 3, FontSize = 11 } } } }
                        : null,
                },
            },
        };
    }

    /// <summary>Architectures by accuracy, in bins of one width, by the middle of each.</summary>
    internal static IReadOnlyList<(double Accuracy, int Count)> Count(IReadOnlyList<double> accuracies)
    {
        var known = accuracies.Where(accuracy => !double.IsNaN(accuracy)).ToList();
        var (least, most) = (known.Min(), known.Max());
        var width = (most - least) / Bins;
        if (width <= 0)
        {
            return [(least, known.Count)];
        }

        var counts = new int[Bins];
        foreach (var accuracy in known)
        {
            counts[Math.Min(Bins - 1, (int)((accuracy - least) / width))]++;
        }

        return [.. counts.Select((count, bin) => (least + ((bin + 0.5) * width), count))];
    }
}
