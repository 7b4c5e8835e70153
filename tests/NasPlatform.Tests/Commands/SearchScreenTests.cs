using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Experiments;
using NasPlatform.Web.Commands;
using NasPlatform.Web.Commands.Searching;
using Spectre.Console.Rendering;

namespace NasPlatform.Tests.Commands;

public sealed class SearchScreenTests
{
    [Fact]
    public void Shows_trials_best_and_what_the_strategy_knows()
    {
        var screen = Draw(Busy(), 80, 24);

        Assert.Contains("bars", screen[0]);
        Assert.Contains("3 of 20", screen[1]);
        Assert.Contains("0:42", screen[2]);
        Assert.Contains("91.00 % on validation, trial 2", screen[3]);
        Assert.Contains("baseline 0.500", screen[4]);
        Assert.Single(screen, line => line.Contains("5/10", StringComparison.Ordinal) && line.Contains("1.250", StringComparison.Ordinal));
        Assert.Single(screen, line => line.Contains("starting", StringComparison.Ordinal));
        Assert.Single(screen, line => line.Contains("diverged", StringComparison.Ordinal) && line.Contains("The loss is", StringComparison.Ordinal));
        Assert.Single(screen, line => line.StartsWith("best      2", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(80, 24)]
    [InlineData(120, 40)]
    [InlineData(80, 10)]
    [InlineData(200, 60)]
    public void Fits_the_terminal(int width, int height)
    {
        var view = Busy();
        for (var number = 6; number < 60; number++)
        {
            var trial = SearchViewTests.Trial(number, accuracy: 0.1);
            view = view.After(new ExperimentEvent.TrialEnded(trial, view.Best)).After(new ExperimentEvent.TrialStarted(SearchViewTests.Trial(number + 100)));
        }

        var screen = Draw(view, width, height);

        Assert.InRange(screen.Count, 6, height);
        Assert.All(screen, line => Assert.InRange(line.Length, 0, width));
    }

    [Fact]
    public void Final_training_takes_the_place_of_the_trials()
    {
        var view = Busy();
        var screen = Draw(view.After(new ExperimentEvent.FinalStarted(view.Best!, 5)).After(new ExperimentEvent.FinalProgressed(SearchViewTests.Progress(5, 5))), 80, 24); // not null: Busy has a best

        Assert.Single(screen, line => line.StartsWith("Final training of trial 2, 5 epochs", StringComparison.Ordinal));
        Assert.Single(screen, line => line.Contains("1/5", StringComparison.Ordinal));
        Assert.DoesNotContain(screen, line => line.Contains("starting", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(80, 24)]
    [InlineData(120, 40)]
    public void A_supernet_shows_how_far_it_is_and_what_it_would_give(int width, int height)
    {
        var view = SearchViewTests.View(new() { Dataset = "bars", Strategy = "darts" }).After(new ExperimentEvent.SupernetStarted(50));
        Assert.Single(Draw(view, width, height), line => line.Contains("starting", StringComparison.Ordinal));

        view = view.After(new ExperimentEvent.SupernetEpochEnded(SearchViewTests.SupernetEpoch(1))).After(new ExperimentEvent.SupernetProgressed(SearchViewTests.Progress(5, 50)));
        var screen = Draw(view, width, height);

        Assert.All(screen, line => Assert.InRange(line.Length, 0, width));
        Assert.Single(screen, line => line.StartsWith("Supernet: every choice in one network, 50 epochs", StringComparison.Ordinal));
        Assert.Single(screen, line => line.Contains("1/50", StringComparison.Ordinal));
        Assert.Single(screen, line => line.Contains("40.00 % on validation with shared weights", StringComparison.Ordinal));
        Assert.Single(screen, line => line.Contains("would give genotype-1", StringComparison.Ordinal));
        Assert.Single(screen, line => line.Contains("edge0: conv 0.75", StringComparison.Ordinal));
        Assert.Contains("starting", string.Join('\n', Draw(view.After(new ExperimentEvent.SupernetEnded(new(["genotype-1"], 3))).After(new ExperimentEvent.TrialStarted(SearchViewTests.Trial(1))), width, height)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_frame_takes_the_place_of_the_one_before_even_when_the_window_was_made_narrower()
    {
        var (output, width) = (new StringWriter(), 40);
        var terminal = new Terminal
        {
            Input = TextReader.Null,
            Output = output,
            Error = TextWriter.Null,
            CurrentFolder = "/",
            IsLive = true,
            Size = () => (width, 10),
        };
        using (var area = new LiveArea(terminal))
        {
            area.Draw((_, _) => new Spectre.Console.Text(new string('a', 30) + "\n" + new string('b', 10)));
            width = 20;
            output.GetStringBuilder().Clear();
            area.Draw((_, _) => new Spectre.Console.Text("c"));

            // Of 30 cells the narrower window makes two rows: three to go up.
            Assert.Contains("\e[3A", output.ToString());
            Assert.EndsWith("c\e[K\n\e[J\e[?2026l", output.ToString());
        }

        Assert.EndsWith("\e[?25h", output.ToString());
    }

    private static SearchView Busy()
    {
        var (first, best) = (SearchViewTests.Trial(1, accuracy: 0.5), SearchViewTests.Trial(2, accuracy: 0.91));
        var bad = SearchViewTests.Trial(3, accuracy: 0, Outcome.Diverged, "The loss is not a number.");
        return SearchViewTests.View(new() { Dataset = "bars", Parallelism = 2 })
            .After(new ExperimentEvent.TrialEnded(first, first))
            .After(new ExperimentEvent.TrialEnded(best, best))
            .After(new ExperimentEvent.TrialEnded(bad, best))
            .After(new ExperimentEvent.StrategyTold(3, new Dictionary<string, double> { ["reward"] = 0.25, ["baseline"] = 0.5 }))
            .After(new ExperimentEvent.TrialStarted(SearchViewTests.Trial(4)))
            .After(new ExperimentEvent.TrialStarted(SearchViewTests.Trial(5)))
            .After(new ExperimentEvent.TrialProgressed(4, SearchViewTests.Progress(5)));
    }

    private static List<string> Draw(SearchView view, int width, int height)
    {
        var output = new StringWriter();
        var terminal = new Terminal { Input = TextReader.Null, Output = output, Error = TextWriter.Null, CurrentFolder = "/", Size = () => (width, height) };
        terminal.Show(SearchScreen.Render(view, TimeSpan.FromSeconds(42), width, height));
        return [.. output.ToString().TrimEnd('\n').Split('\n')];
    }
}
