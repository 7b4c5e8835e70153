using System.CommandLine;
using System.Globalization;
using NasPlatform.Search.Benchmarks;
using NasPlatform.Search.Strategies;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace NasPlatform.Web.Commands;

/// <summary><c>nas strategy demo</c>: a strategy learns to draw ones, before one's eyes.</summary>
internal static class DemoCommand
{
    private const int UsualBatches = 500;
    private const int MostBatches = 100_000;
    private const int PlotRows = 10;
    private const int Last = 50;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(125);
    private static readonly Style Bold = new(decoration: Decoration.Bold);
    private static readonly Style Faint = new(Color.Grey);
    private static readonly Style Good = new(Color.Green);

    public static Command Create(Terminal terminal)
    {
        var name = new Argument<string>("name")
        {
            Description = $"A strategy: {string.Join(", ", StrategyCatalog.Names)} (default reinforce)",
            DefaultValueFactory = _ => "reinforce",
        };
        var set = Options.Settings("--strategy-set", "A setting of the strategy; repeatable");
        var batches = Options.Whole("--batches", "n", $"Batches of {HowManyOnes.Batch} architectures (default {UsualBatches})");
        var seed = Options.Seed("Of the strategy (default 1)");
        var json = Options.Json();
        var command = new DocumentedCommand("demo", "Shows a strategy learn, without training anything", """
            The demonstration "how many ones" of AutoDL Design: an architecture has twenty
            operations, each one of ten, and is worth as many points as it has operations of
            number 1. By chance that is two. The generator's cap on its logits lets it be 94 %
            sure of each, which is 18.9 on average.

            Examples:
              nas strategy demo
              nas strategy demo reinforce --strategy-set preset=nas-rl
              nas strategy demo evolution --batches 200
            """)
        {
            name, set, batches, seed, json,
        };
        command.SetAction((parsed, cancellation) =>
        {
            var count = parsed.GetValue(batches) ?? UsualBatches;
            if (count is < 1 or > MostBatches)
            {
                throw new UsageErrorException($"--batches is {count}; give 1 to {MostBatches}.");
            }

            using var demo = new HowManyOnes(parsed.GetRequiredValue(name), parsed.GetValue(set) ?? [], parsed.GetValue(seed) ?? 1);
            var means = new List<double>();
            using var area = terminal.IsLive && !parsed.GetValue(json) ? new LiveArea(terminal) : null;
            var next = terminal.Time.GetTimestamp();
            while (means.Count < count)
            {
                cancellation.ThrowIfCancellationRequested();
                means.Add(demo.Next());
                if (parsed.GetValue(json))
                {
                    terminal.WriteJson(new { Batch = means.Count, Ones = means[^1], demo.Strategy.Diagnostics });
                }
                else if (area is null)
                {
                    Write(demo, means, count, terminal);
                }
                else if (means.Count == count || terminal.Time.GetElapsedTime(next) >= Pace)
                {
                    area.Draw((width, height) => Render(demo, means, count, width, height));
                    next = terminal.Time.GetTimestamp();
                }
            }

            if (!parsed.GetValue(json))
            {
                terminal.Output.WriteLine();
                terminal.Say(Conclusion(demo, means));
            }

            return Task.CompletedTask;
        });
        return command;
    }

    private static void Write(HowManyOnes demo, List<double> means, int count, Terminal terminal)
    {
        var step = Math.Max(1, count / 20);
        if (means.Count % step == 0 || means.Count is 1 || means.Count == count)
        {
            terminal.Output.WriteLine($"batch {means.Count,5}  {Number(means.TakeLast(means.Count == 1 ? 1 : step).Average()),5} of {demo.Most}{Learned(demo.Strategy)}");
        }
    }

    private static Rows Render(HowManyOnes demo, List<double> means, int count, int width, int height)
    {
        var plot = Math.Clamp(height - 5, 2, PlotRows);
        return new Rows(
            new Paragraph().Append("How many ones", Bold).Append("  strategy ", Faint).Append(demo.Strategy.Name, Bold).Append($"{(demo.Strategy.Settings.TryGetValue("preset", out var preset) ? $" {preset}" : "")}", Faint),
            new Paragraph().Append(" batch      ", Faint).Append($"{means.Count} of {count}"),
            new Paragraph().Append(" ones       ", Faint).Append(Number(means.TakeLast(10).Average()), Good).Append($" of {demo.Most}").Append($"{(demo.MostLikely < demo.Most ? $", at most {Number(demo.MostLikely)} on average" : "")}{Learned(demo.Strategy)}", Faint),
            Curve.Render(means, count, demo.Most, demo.MostLikely, Math.Min(width, 100), plot));
    }

    private static string Learned(Strategy strategy) => string.Concat(strategy.Diagnostics
        .Where(pair => pair.Key is "baseline" or "entropy" or "population")
        .Select(pair => $"   {pair.Key} {pair.Value.ToString("0.000", CultureInfo.InvariantCulture)}"));

    private static string Conclusion(HowManyOnes demo, List<double> means)
    {
        var last = Math.Min(Last, means.Count);
        var cap = demo.MostLikely < demo.Most ? $", with its cap on logits at most {Number(demo.MostLikely)} on average" : "";
        return $"{Number(means.TakeLast(last).Average())} of {demo.Most} ones in the last {Figures.Many(last, "batch", "batches")}; by chance it is {Number(demo.ByChance)}{cap}.";
    }

    private static string Number(double ones) => ones.ToString("0.0", CultureInfo.InvariantCulture);
}
