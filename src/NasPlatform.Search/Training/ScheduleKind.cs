using System.Text.Json.Serialization;

namespace NasPlatform.Search.Training;

/// <summary>How the learning rate changes from step to step.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ScheduleKind>))]
public enum ScheduleKind
{
    /// <summary>Half a cosine from the learning rate to 0 (Loshchilov &amp; Hutter 2017, without restarts).</summary>
    Cosine,

    /// <summary>A straight line from 0 up to the learning rate during the first tenth of the steps (Goyal et al. 2017 warm up so), then half a cosine to 0.</summary>
    WarmupCosine,

    /// <summary>A tenth of the learning rate from half of the steps on, a hundredth from three quarters on, as for CIFAR-10 in He et al. (2016, §4.2).</summary>
    Step,

    /// <summary>
    /// Up from a 25th of the learning rate to all of it in the first 30 % of the steps, then down to a 250,000th, on half cosines (Smith &amp; Topin 2018, with the numbers of PyTorch's <c>OneCycleLR</c>; momentum
    /// stays as it is).
    /// </summary>
    OneCycle,

    /// <summary>The same at every step.</summary>
    Constant,
}

/// <summary>What follows from the kind of a schedule.</summary>
public static class Schedules
{
    private const double WarmupPart = 10;

    /// <summary>How every kind reads.</summary>
    public static IReadOnlyList<string> AllWords { get; } = [.. Enum.GetValues<ScheduleKind>().Select(kind => kind.Words)];

    /// <summary>The kind that a word names, one of <see cref="AllWords"/>; null for another word.</summary>
    public static ScheduleKind? Named(string word) => Enum.GetValues<ScheduleKind>().Cast<ScheduleKind?>().FirstOrDefault(kind => kind!.Value.Words == word); // not null: of the values

    extension(ScheduleKind kind)
    {
        /// <summary>As options name it: <c>cosine</c>, <c>warmup-cosine</c>, <c>step</c>, <c>one-cycle</c>, <c>constant</c>.</summary>
        public string Words => kind switch
        {
            ScheduleKind.Cosine => "cosine",
            ScheduleKind.WarmupCosine => "warmup-cosine",
            ScheduleKind.Step => "step",
            ScheduleKind.OneCycle => "one-cycle",
            ScheduleKind.Constant => "constant",
        };

        /// <summary>What the learning rate does, for people: <c>falls to 0 on a cosine</c>.</summary>
        public string Summary => kind switch
        {
            ScheduleKind.Cosine => "falls to 0 on a cosine",
            ScheduleKind.WarmupCosine => "rises during the first tenth of the steps, then falls to 0 on a cosine",
            ScheduleKind.Step => "falls to a tenth at half of the steps and again at three quarters",
            ScheduleKind.OneCycle => "rises from a 25th during 30 % of the steps, then falls to almost 0: one cycle",
            ScheduleKind.Constant => "stays the same",
        };

        /// <summary>What the learning rate is multiplied by at a step.</summary>
        /// <param name="step">0-based.</param>
        /// <param name="steps">Of the whole training, at least 1.</param>
        public double FactorAt(double step, double steps) => kind switch
        {
            ScheduleKind.Cosine => 0.5 * (1 + Math.Cos(Math.PI * step / steps)),
            ScheduleKind.WarmupCosine => Warmup(step, Math.Ceiling(steps / WarmupPart), steps),
            ScheduleKind.Step => step < 0.5 * steps ? 1 : step < 0.75 * steps ? 0.1 : 0.01,
            ScheduleKind.OneCycle => OneCycle(step, steps),
            ScheduleKind.Constant => 1,
        };
    }

    /// <summary>The first step has a share of the rate already, since one at 0 would be for nothing.</summary>
    private static double Warmup(double step, double warmup, double steps) =>
        step < warmup ? (step + 1) / (warmup + 1) : 0.5 * (1 + Math.Cos(Math.PI * (step - warmup) / (steps - warmup)));

    private static double OneCycle(double step, double steps)
    {
        const double First = 1.0 / 25;
        const double Last = First / 1e4;
        var (top, end) = ((0.3 * steps) - 1, steps - 1);
        return step <= top ? Between(First, 1, step / top) : Between(1, Last, (step - top) / (end - top));

        static double Between(double from, double to, double share) => to + ((from - to) / 2 * (1 + Math.Cos(Math.PI * share)));
    }
}
