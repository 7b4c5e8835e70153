using NasPlatform.Tests.Contracts;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Strategies.MultiFidelity;

public sealed class AshaTests : StrategyContract
{
    protected override string Name => "asha";

    protected override int Epochs => 9;

    [Fact]
    public void SH_K2_promotions_depend_on_the_order_of_arrival()
    {
        Assert.Equal([3, 4, 5, 6, 7, 8, 9], Told.PromotedOf(Name, Enumerable.Range(1, 9)));
        Assert.Equal([9, 8, 7], Told.PromotedOf(Name, Enumerable.Range(1, 9).Reverse()));
    }

    [Theory]
    [InlineData(0, new[] { 1, 4, 16, 64 })]
    [InlineData(1, new[] { 4, 16, 64 })]
    public void SH_K3_rungs_of_brackets_for_eta_4(int bracket, int[] expected)
    {
        var settings = new Dictionary<string, string> { ["eta"] = "4", ["bracket"] = $"{bracket}" };
        using var strategy = Told.Create(Name, new BitsSpace(30), settings, 1, 64);
        var trials = new Told(strategy);
        trials.Run(400);

        Assert.Equal(expected, trials.All.Select(trial => trial.Epochs ?? 0).Distinct().Order());
    }

    [Fact]
    public void The_highest_rung_that_has_somebody_goes_first()
    {
        using var strategy = Told.Create(Name, new BitsSpace(40), null, 1, 9);
        var trials = new Told(strategy);
        trials.Run(200);

        // Three have ended at 3 epochs: the best of them goes to 9 before anybody else is tried.
        var third = trials.All.FindIndex(trial => trial.Epochs == 9);
        Assert.Equal(3, trials.All.Take(third).Count(trial => trial.Epochs == 3));
        Assert.Equal(3, trials.All[third - 1].Epochs);
    }
}
