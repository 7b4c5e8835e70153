using NasPlatform.Benchmarks.Cases;
using NasPlatform.Search;
using NasPlatform.Search.Training;

namespace NasPlatform.Benchmarks.Measuring;

/// <summary>Runs the two sides of a case in turns, so that both have the machine as it is. Their losses must agree, or they do not compute the same.</summary>
/// <param name="Rounds">Turns of each side.</param>
/// <param name="Threads">Of each side.</param>
/// <param name="Layout">The peer's memory format.</param>
/// <param name="IsProcessorTime">Whether the processor's time is taken in place of the wall's, which tells more on one thread of a machine that others use, too.</param>
internal sealed record Comparison(int Rounds, int Threads, Precision Precision, string Layout, bool IsProcessorTime)
{
    private const int WarmUpSteps = 2;
    private const int MostStepsOfATurn = 10;
    private const int RoundsOfLarge = 3;

    /// <summary>A turn lasts about so long on the slower side, if a step does not.</summary>
    private const double TurnMilliseconds = 1500;

    public Measurement Run(Case work)
    {
        var folder = Directory.CreateTempSubdirectory("nas-bench-").FullName;
        try
        {
            work.Prepare(folder);
            return work.IsLarge ? InProcessesOfTheirOwn(work, folder) : SideBySide(work, folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private Measurement SideBySide(Case work, string folder)
    {
        using var ours = Ours(work, folder);
        using var peer = Peer(work, folder);
        var slower = Math.Max(ours.Run(WarmUpSteps)[^1], peer.Run(WarmUpSteps)[^1]);
        Compare(work, ours.Loss(), peer.Loss());
        var steps = Math.Clamp((int)(TurnMilliseconds / slower), 1, MostStepsOfATurn);
        var (our, their) = (new List<double>(), new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            our.AddRange(ours.Run(steps));
            their.AddRange(peer.Run(steps));
        }

        return new(Median(our), Median(their), our.Count, ours.Memory(), peer.Memory());
    }

    /// <summary>A process for each turn, with a step to warm up: the two are not in memory at once.</summary>
    private Measurement InProcessesOfTheirOwn(Case work, string folder)
    {
        var (our, their) = (new List<Turn>(), new List<Turn>());
        for (var round = 0; round < Math.Min(Rounds, RoundsOfLarge); round++)
        {
            our.Add(One(Ours(work, folder)));
            their.Add(One(Peer(work, folder)));
            Compare(work, our[^1].Loss, their[^1].Loss);
        }

        return new(
            Median([.. our.Select(turn => turn.Milliseconds)]), Median([.. their.Select(turn => turn.Milliseconds)]), our.Count, our.MaxBy(turn => turn.Memory).Memory, their.MaxBy(turn => turn.Memory).Memory);

        static Turn One(Side side)
        {
            using (side)
            {
                side.Run(1);
                var loss = side.Loss();
                return new(side.Run(1)[0], loss, side.Memory());
            }
        }
    }

    private Side Ours(Case work, string folder) => Side.Ours(work, folder, this);

    private Side Peer(Case work, string folder) => Side.PyTorch(work, folder, this);

    private void Compare(Case work, double ours, double theirs)
    {
        var tolerance = Precision == Precision.BFloat16 ? 0.03 : 0.003;
        if (!(Math.Abs(ours - theirs) <= tolerance * Math.Abs(theirs)))
        {
            throw new UserErrorException($"{work.Name}: the two sides do not compute the same; our first losses are {ours:0.00000} in the mean, PyTorch's {theirs:0.00000}.");
        }
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }

    private readonly record struct Turn(double Milliseconds, double Loss, (double PeakMebibytes, double GrowthMebibytes) Memory);
}
