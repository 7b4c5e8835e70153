using NasPlatform.Search.Strategies.MultiFidelity;
using NasPlatform.Tests.Contracts;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Strategies.MultiFidelity;

public sealed class HyperbandTests : StrategyContract
{
    protected override string Name => "hyperband";

    protected override int Epochs => 9;

    [Theory]
    [InlineData("ceil", new[] { 81, 34, 15, 8, 5 })]
    [InlineData("floor", new[] { 81, 27, 9, 6, 5 })]
    public void X_K7_first_rungs_for_eta_3_and_81_epochs(string rule, int[] expected)
    {
        using var strategy = (Hyperband)Told.Create(Name, new BitsSpace(8), new Dictionary<string, string> { ["rule"] = rule }, 1, 81);

        Assert.Equal(expected, strategy.Cycle.Select(bracket => bracket.Configurations[0]));
        Assert.Equal([1, 3, 9, 27, 81], strategy.Cycle.Select(bracket => bracket.Epochs[0]));
    }

    [Fact]
    public void X_K8_no_bracket_is_lost_to_rounding()
    {
        using var strategy = (Hyperband)Told.Create(Name, new BitsSpace(8), null, 1, 243);

        Assert.Equal(6, strategy.Cycle.Length);
    }

    [Fact]
    public void Its_brackets_have_what_successive_halving_gives_them()
    {
        using var strategy = Told.Create(Name, new BitsSpace(30), null, 1, 9);
        var trials = new Told(strategy);
        trials.Run(9 + 3 + 1 + 5 + 1 + 3);

        // s = 2: (9, 1) (3, 3) (1, 9); s = 1: (5, 3) (1, 9); s = 0: (3, 9).
        Assert.Equal(9, trials.All.Count(trial => trial.Epochs == 1));
        Assert.Equal(3 + 5, trials.All.Count(trial => trial.Epochs == 3));
        Assert.Equal(1 + 1 + 3, trials.All.Count(trial => trial.Epochs == 9));
        Assert.Equal(3, strategy.Diagnostics["brackets_ended"]);
    }
}
