using NasPlatform.Web.Components.Shared;

namespace NasPlatform.Web.Benchmarks.Charts;

/// <summary>Autocorrelation against the number of edits, as an ECharts option, with the band within which it is not to be told from none.</summary>
internal static class LocalityChart
{
    public static object Of(LocalityResult locality) => new
    {
        Grid = new { Left = 4, Right = 16, Top = 14, Bottom = 24, ContainLabel = true },
        Tooltip = new { Trigger = "axis", ValueFormatter = ChartFormat.Plain },
        XAxis = new { Type = "value", Name = "edits apart", NameLocation = "middle", NameGap = 26, Min = 0, Max = locality.Autocorrelations.Count, MinInterval = 1, SplitLine = new { Show = false } },
        YAxis = new { Type = "value", Min = Math.Min(0, Math.Floor(10 * locality.Autocorrelations.Where(double.IsFinite).DefaultIfEmpty(0).Min()) / 10), Max = 1 },
        Series = new[]
        {
            new
            {
                Name = "autocorrelation",
                Type = "line",
                Symbol = "circle",
                ShowSymbol = true,
                SymbolSize = 7,
                Data = locality.Autocorrelations.Select((rho, place) => new[] { place + 1, rho }).Prepend([0, 1]).ToArray(),
                MarkArea = new
                {
                    Silent = true,
                    ItemStyle = new { Opacity = 0.14 },
                    Data = new[] { new[] { new { YAxis = -locality.NoiseBand }, new { YAxis = locality.NoiseBand } } },
                },
            },
        },
    };
}
