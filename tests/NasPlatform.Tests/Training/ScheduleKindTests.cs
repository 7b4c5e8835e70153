using NasPlatform.Search.Training;

namespace NasPlatform.Tests.Training;

public sealed class ScheduleKindTests
{
    /// <summary>
    /// Ten steps: cosine by CosineAnnealingLR(T_max=10), step by MultiStepLR([5, 8], 0.1) since 7.5 is passed at 8, one cycle by OneCycleLR(max_lr=1, total_steps=10, cycle_momentum=False), all of them by
    /// PyTorch's formulas.
    /// </summary>
    [Theory]
    [InlineData(ScheduleKind.Cosine, 1.0, 0.97552826, 0.90450850, 0.79389263, 0.65450850, 0.5, 0.34549150, 0.20610737, 0.09549150, 0.02447174)]
    [InlineData(ScheduleKind.WarmupCosine, 0.5, 1.0, 0.96984631, 0.88302222, 0.75, 0.58682409, 0.41317591, 0.25, 0.11697778, 0.03015369)]
    [InlineData(ScheduleKind.Step, 1.0, 1.0, 1.0, 1.0, 1.0, 0.1, 0.1, 0.1, 0.01, 0.01)]
    [InlineData(ScheduleKind.OneCycle, 0.04, 0.52, 1.0, 0.95048463, 0.81174565, 0.61126202, 0.38874198, 0.18825835, 0.04951937, 0.000004)]
    [InlineData(ScheduleKind.Constant, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0)]
    public void Ten_steps_have_the_factors_of_the_formula(ScheduleKind kind, params double[] factors)
    {
        for (var step = 0; step < factors.Length; step++)
        {
            Assert.Equal(factors[step], kind.FactorAt(step, factors.Length), 6);
        }
    }

    [Fact]
    public void Every_kind_has_a_word_and_positive_factors_up_to_one_however_short_the_training()
    {
        foreach (var kind in Enum.GetValues<ScheduleKind>())
        {
            Assert.Equal(kind, Schedules.Named(kind.Words));
            Assert.All(Enumerable.Range(1, 40), steps => Assert.All(Enumerable.Range(0, steps), step => Assert.InRange(kind.FactorAt(step, steps), double.Epsilon, 1)));
        }

        Assert.Null(Schedules.Named("plateau"));
    }
}
