using NasPlatform.Search.Benchmarks;

namespace NasPlatform.Web.Benchmarks;

/// <summary>How alike close architectures of a table are, and what ranks them as training does.</summary>
/// <param name="Judged">What is looked at: test or validation accuracy.</param>
/// <param name="Epochs">Of these trainings.</param>
/// <param name="Steps">Architectures that were visited.</param>
/// <param name="Walks">Random walks that these made: one, or more where the table lacks neighbours.</param>
/// <param name="NoiseBand">Autocorrelations within plus and minus this are not to be told from none.</param>
/// <param name="Autocorrelations">After 1, 2, ... edits.</param>
/// <param name="RankCorrelations">With the accuracy: of fewer epochs and of every figure.</param>
internal sealed record LocalityResult(
    string Benchmark, string Dataset, string Judged, int Epochs, int Steps, int Walks, double NoiseBand, IReadOnlyList<double> Autocorrelations, IReadOnlyList<RankCorrelation> RankCorrelations)
{
    /// <param name="share">Told how much of it is done, 0 to 1.</param>
    public static LocalityResult Of(BenchmarkTable table, LocalitySpec spec, Action<double> share, CancellationToken cancellation)
    {
        var dataset = table.Dataset(spec.Dataset);
        var locality = Locality.Of(table, dataset, spec.Steps, spec.Edits, spec.Seed, new StepsDone(steps => share(steps / (double)spec.Steps)), cancellation);
        return new(
            table.Name,
            dataset.Name,
            dataset.Full.HasTest ? "test accuracy" : "validation accuracy",
            dataset.Full.Epochs,
            locality.Steps,
            locality.Walks,
            locality.NoiseBand,
            locality.Autocorrelations,
            Search.Benchmarks.RankCorrelations.Of(dataset));
    }

    private sealed class StepsDone(Action<int> tell) : IProgress<int>
    {
        public void Report(int value) => tell(value);
    }
}
