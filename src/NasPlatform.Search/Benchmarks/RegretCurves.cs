using System.Globalization;

namespace NasPlatform.Search.Benchmarks;

/// <summary>How regret falls with queries and simulated time, strategy by strategy, for plots.</summary>
public static class RegretCurves
{
    /// <summary>
    /// Writes a CSV file, a line for each strategy and query: <c>strategy, query, mean_seconds, regret_q1, regret_median, regret_q3</c>. Regrets are shares from 0 to 1; fields without a value are
    /// empty.
    /// </summary>
    /// <exception cref="UserErrorException">The file cannot be written.</exception>
    public static void Write(string path, IEnumerable<BenchmarkStudy> studies) => WholeFile.Write(path, stream =>
    {
        using var writer = new StreamWriter(stream, leaveOpen: true);
        writer.NewLine = "\n";
        writer.WriteLine("strategy,query,mean_seconds,regret_q1,regret_median,regret_q3");
        foreach (var study in studies)
        {
            for (var query = 1; query <= study.Queries; query++)
            {
                var regrets = study.Regrets(query);
                double[] values = [study.MeanSeconds(query), .. new[] { 0.25, 0.5, 0.75 }.Select(share => regrets.Count > 0 ? Statistics.Quantile(regrets, share) : double.NaN)];
                writer.WriteLine(string.Join(',', values.Select(value => double.IsNaN(value) ? "" : value.ToString("0.########", CultureInfo.InvariantCulture)).Prepend($"{query}").Prepend(study.Options.Strategy)));
            }
        }
    });
}
