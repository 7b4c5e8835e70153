using System.Globalization;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Experiments;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Training;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace NasPlatform.Web.Commands.Searching;

/// <summary>Draws a search's view for a terminal of some size.</summary>
internal static class SearchScreen
{
    private const int BestShown = 3;
    private static readonly Style Bold = new(decoration: Decoration.Bold);
    private static readonly Style Faint = new(Color.Grey);
    private static readonly Style Good = new(Color.Green);
    private static readonly Style Bad = new(Color.Red);
    private static readonly Style Busy = new(Color.Blue);

    /// <param name="view">What to show.</param>
    /// <param name="elapsed">How long the experiment has run, earlier runs included.</param>
    /// <param name="width">Columns there are.</param>
    /// <param name="height">Rows there are; tables are cut to fit.</param>
    public static IRenderable Render(SearchView view, TimeSpan elapsed, int width, int height)
    {
        var rows = new List<IRenderable> { Header(view), Progress(view, elapsed, width), Time(view, elapsed) };
        if (view.Best is { } best)
        {
            rows.Add(BestLine(best, view.Task.Metric));
        }

        if (view.Diagnostics.Count > 0)
        {
            rows.Add(Labelled(view.Spec.Strategy, string.Join("   ", view.Diagnostics.Select(pair => $"{pair.Key.Replace('_', ' ')} {Number(pair.Value)}"))));
        }

        rows.Add(Text.Empty);
        var running = view.Final is { } final ? Final(final, width, view.Task)
            : view.Supernet is { Result: null } supernet ? Supernet(supernet, width, view.Task)
            : Running(view, width, Math.Max(2, (height - rows.Count) / 2));
        rows.AddRange(running);
        var room = height - rows.Count - 2;
        if (view.Ended.Count > 0 && room >= 2)
        {
            rows.Add(Text.Empty);
            rows.Add(Trials(view, width, room - 1));
        }

        if (view.IsStopping)
        {
            rows.Add(new Text("Stopping; what was found is kept. Ctrl-C once more leaves at once.", Bold));
        }

        return new Rows(rows);
    }

    /// <summary>A text cut to so many cells, with an ellipsis where something is missing.</summary>
    public static string Shortened(string text, int cells) => text.Length <= cells ? text : cells < 1 ? "" : text[..(cells - 1)] + "…";

    private static Paragraph Header(SearchView view)
    {
        var spec = view.Spec;
        return new Paragraph()
            .Append("Searching ", Faint).Append(spec.Dataset, Bold)
            .Append("  space ", Faint).Append(spec.Space, Bold)
            .Append(spec.Tune.Count == 0 ? "" : "  tuning ", Faint).Append(string.Join(", ", spec.Tune.Keys), Bold)
            .Append("  strategy ", Faint).Append(spec.Strategy, Bold)
            .Append("  seed ", Faint).Append($"{spec.Seed}", Bold)
            .Overflow(Overflow.Ellipsis);
    }

    private static Paragraph Progress(SearchView view, TimeSpan elapsed, int width)
    {
        var done = view.Spec.Budget.Trials is { } trials ? $"{view.Ended.Count} of {trials}" : $"{view.Ended.Count}";
        var fraction = view.SearchFraction(elapsed);
        var share = $"{Math.Floor(100 * fraction):0} %";
        var line = Labelled("trials", done.PadRight(9));
        return Bar(line, fraction, Math.Min(60, width - 34), Good).Append($"  {share}");
    }

    private static Paragraph Time(SearchView view, TimeSpan elapsed)
    {
        var left = view.Result is not null || view.IsStopping ? "" : view.TimeLeft(elapsed) is { } time ? $", about {Figures.Clock(time)} left" : ", estimating what is left";
        return Labelled("time", $"{Figures.Clock(elapsed)}{left}");
    }

    private static Paragraph BestLine(Trial best, Metric metric)
    {
        var evaluation = best.Evaluation!; // not null: it has completed
        return Labelled("best", "")
            .Append(metric.Text(evaluation.Score), Good)
            .Append($" on validation, trial {best.Number}, {Figures.Short(evaluation.ParameterCount)} parameters");
    }

    private static IEnumerable<IRenderable> Running(SearchView view, int width, int most)
    {
        yield return Heads("trial", width, view.Task);
        var shown = view.Running.Count > most - 1 ? most - 2 : view.Running.Count;
        foreach (var (number, running) in view.Running.Take(shown))
        {
            var start = $"{number,6}  ";
            yield return running.Progress is { } progress
                ? Training(start, progress, width)
                : new Paragraph().Append(start).Append("starting", Faint);
        }

        if (view.Running.Count > shown)
        {
            yield return new Text($"        and {view.Running.Count - shown} more", Faint);
        }
    }

    private static IEnumerable<IRenderable> Supernet(SupernetState supernet, int width, TaskKind task)
    {
        yield return new Paragraph().Append("Supernet: every choice in one network, ", Faint).Append(Figures.Many(supernet.Epochs, "epoch"), Bold)
            .Append(", then what it finds is tried", Faint);
        yield return Heads("     ", width, task);
        yield return supernet.Progress is { } progress ? Training("        ", progress, width) : new Paragraph().Append("        starting", Faint);
        if (supernet.Done is [.., var last])
        {
            yield return Text.Empty;
            yield return Labelled("learnt", $"epoch {last.Epoch}: {task.Metric.Words} {task.Metric.Text(last.Score)} on validation with shared weights");
            yield return Labelled("would give", Shortened(last.Genotype, Math.Max(8, width - 13)));
            foreach (var belief in last.Beliefs.OrderBy(belief => belief.Entropy - Math.Log(belief.Options.Count)).Take(BestShown))
            {
                var (probability, option) = belief.Probabilities.Zip(belief.Options).MaxBy(pair => pair.First);
                yield return Labelled("", Shortened($"{belief.Name}: {option} {probability.ToString("0.00", CultureInfo.InvariantCulture)}", Math.Max(8, width - 13)));
            }
        }
    }

    private static IEnumerable<IRenderable> Final(FinalView final, int width, TaskKind task)
    {
        yield return new Paragraph().Append("Final training of trial ", Faint).Append($"{final.Winner.Number}", Bold)
            .Append(", ", Faint).Append(Figures.Many(final.Epochs, "epoch"), Bold).Append(", validation examples included", Faint);
        yield return Heads("final", width, task);
        yield return final.Progress is { } progress ? Training($"{final.Winner.Number,6}  ", progress, width) : new Paragraph().Append($"{final.Winner.Number,6}  ").Append("starting", Faint);
    }

    private static Paragraph Heads(string first, int width, TaskKind task) =>
        new Paragraph().Append($" {first}  {"epoch",-9}{new string(' ', BarWidth(width))}  {task.Examples + "/s",8}  {"loss",6}  {"step",11}", Faint);

    private static int BarWidth(int width) => Math.Clamp(width - 50, 10, 60);

    private static Paragraph Training(string start, TrainingProgress progress, int width)
    {
        var line = new Paragraph().Append(start).Append($"{$"{progress.Epoch}/{progress.Epochs}",-9}");
        var step = $"{progress.Step}/{progress.Steps}";
        return Bar(line, progress.Fraction, BarWidth(width), Busy)
            .Append($"  {Figures.Exact((long)progress.ImagesPerSecond),8}  {progress.TrainLoss.ToString("0.000", CultureInfo.InvariantCulture),6}  {step,11}");
    }

    private static Table Trials(SearchView view, int width, int rows)
    {
        var best = view.Ended.Where(trial => trial.Evaluation is { Outcome: Outcome.Completed })
            .OrderByDescending(trial => trial.Evaluation!.Score).ThenBy(trial => trial.Number) // not null: see the line above
            .Take(rows > 2 * BestShown ? BestShown : 1).ToList();
        var last = view.Ended.Reverse().Except(best).Take(Math.Max(0, rows - best.Count - 1)).ToList();

        var table = new Table().Border(TableBorder.None).AddColumns("", "trial", view.Task.Metric.Words, "params", "mult-adds", "time", "architecture");
        foreach (var (index, column) in table.Columns.Index())
        {
            column.NoWrap().PadLeft(0).PadRight(index == 6 ? 0 : 2);
            column.Header = new Text(HeaderOf(index), Faint);
            column.Alignment = index is >= 1 and <= 5 ? Justify.Right : Justify.Left;
        }

        var room = Math.Max(8, width - 56);
        foreach (var trial in best)
        {
            AddRow(table, "best", trial, room, view.Task.Metric);
        }

        foreach (var (index, trial) in last.Index())
        {
            AddRow(table, index == 0 ? "last" : "", trial, room, view.Task.Metric);
        }

        return table;

        string HeaderOf(int index) => index switch { 1 => "trial", 2 => view.Task.Metric.Words, 3 => "params", 4 => "mult-adds", 5 => "time", 6 => "architecture", _ => "" };
    }

    private static void AddRow(Table table, string mark, Trial trial, int room, Metric metric)
    {
        var evaluation = trial.Evaluation!; // not null: it has ended
        var isGood = evaluation.Outcome == Outcome.Completed;
        table.AddRow(
            new Text(mark, Faint),
            new Text($"{trial.Number}"),
            isGood ? new Text(metric.Text(evaluation.Score), mark == "best" ? Good : null) : new Text(WordFor(evaluation.Outcome), Bad),
            new Text(evaluation.ParameterCount > 0 ? Figures.Short(evaluation.ParameterCount) : ""),
            new Text(evaluation.MultiplyAdds > 0 ? Figures.Short(evaluation.MultiplyAdds) : ""),
            new Text(evaluation.ReusedFromTrial is { } same ? $"as {same}" : Figures.Duration(TimeSpan.FromSeconds(evaluation.DurationSeconds))),
            new Text(Shortened(evaluation.Reason ?? trial.Genotype, room)));
    }

    /// <summary>How an outcome reads in a table.</summary>
    public static string WordFor(Outcome outcome) => outcome switch
    {
        Outcome.Completed => "completed",
        Outcome.Diverged => "diverged",
        Outcome.Invalid => "invalid",
        Outcome.Failed => "failed",
    };

    private static Paragraph Labelled(string label, string text) => new Paragraph().Append($" {label,-11}", Faint).Append(text);

    /// <summary>A bar, filled from the left by half cells.</summary>
    private static Paragraph Bar(Paragraph line, double fraction, int width, Style style)
    {
        width = Math.Max(4, width);
        var halves = (int)Math.Round(Math.Clamp(fraction, 0, 1) * width * 2);
        var full = new string('━', halves / 2);
        var half = halves % 2 == 1 ? "╸" : "";
        return line.Append(full + half, style).Append(new string('─', width - full.Length - half.Length), Faint);
    }

    private static string Number(double value) => value.ToString(Math.Abs(value) >= 100 || (value >= 1 && double.IsInteger(value)) ? "0" : "0.000", CultureInfo.InvariantCulture);
}
