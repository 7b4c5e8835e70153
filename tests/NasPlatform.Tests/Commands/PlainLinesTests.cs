using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Experiments;
using NasPlatform.Web.Commands.Searching;

namespace NasPlatform.Tests.Commands;

public sealed class PlainLinesTests
{
    [Fact]
    public void A_trial_that_ends_says_how_good_it_is_and_what_it_cost()
    {
        var (first, second) = (SearchViewTests.Trial(1, accuracy: 0.5), SearchViewTests.Trial(2, accuracy: 0.25));

        Assert.StartsWith(
            "trial 1: accuracy 50.00 %, loss 0.750, 10.0 s, 45.3 k parameters, 12.3 M multiply-adds, best so far [genotype-1 ",
            PlainLines.LineFor(new ExperimentEvent.TrialEnded(first, first)));
        Assert.Contains(", best 50.00 % (trial 1) [", PlainLines.LineFor(new ExperimentEvent.TrialEnded(second, first)));
    }

    [Fact]
    public void A_trial_that_failed_says_why()
    {
        var trial = SearchViewTests.Trial(3, accuracy: 0, Outcome.Invalid, "Layer 2 has no rows left.");

        Assert.StartsWith("trial 3: invalid: Layer 2 has no rows left. [genotype-3", PlainLines.LineFor(new ExperimentEvent.TrialEnded(trial, null)));
    }

    [Fact]
    public void A_supernet_says_each_epoch_what_it_would_give()
    {
        Assert.Equal("supernet: 50 epochs, 1 behind it already", PlainLines.LineFor(new ExperimentEvent.SupernetStarted(50) { Done = [SearchViewTests.SupernetEpoch(1)] }));
        Assert.Equal("supernet epoch 2 of 50: loss 1.250, accuracy 40.00 % on validation, entropy 0.562 [genotype-2]", PlainLines.LineFor(new ExperimentEvent.SupernetEpochEnded(SearchViewTests.SupernetEpoch(2))));
        Assert.Equal("supernet: 1 architecture to try after 12.0 s", PlainLines.LineFor(new ExperimentEvent.SupernetEnded(new(["genotype-2"], 12))));
    }

    [Fact]
    public void Steps_within_an_epoch_are_not_worth_a_line()
    {
        Assert.Null(PlainLines.LineFor(new ExperimentEvent.TrialProgressed(1, SearchViewTests.Progress(5))));
        Assert.Null(PlainLines.LineFor(new ExperimentEvent.FinalProgressed(SearchViewTests.Progress(5))));
        Assert.NotNull(PlainLines.LineFor(new ExperimentEvent.FinalProgressed(SearchViewTests.Progress(10) with { Finished = new(1, 0.5, null, null, 3) })));
    }
}
