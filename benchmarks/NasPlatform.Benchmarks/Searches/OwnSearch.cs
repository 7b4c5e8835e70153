using System.Diagnostics;
using System.Globalization;
using NasPlatform.Search;
using NasPlatform.Search.Datasets;
using NasPlatform.Search.Experiments;
using NasPlatform.Search.Spaces;

namespace NasPlatform.Benchmarks.Searches;

/// <summary>The search by <c>nas search</c>, with its own defaults.</summary>
internal static class OwnSearch
{
    private const string ProgramVariable = "NAS_DLL";

    /// <param name="folder">For the run; it is left there.</param>
    /// <param name="data">The data folder.</param>
    public static SearchRun Run(string folder, string data, SearchSpace space, IReadOnlyList<Genotype> genotypes, double fraction)
    {
        var program = Environment.GetEnvironmentVariable(ProgramVariable) ?? throw new UserErrorException($"Start by benchmarks/run.sh, which sets {ProgramVariable}.");
        string[] arguments =
        [
            program, "search", "--dataset", KnownDatasets.FashionMnist.Name, "--space", space.Name, "--strategy", "listed", "--strategy-set", $"genotypes={string.Join(';', genotypes.Select(space.Format))}",
            "--trials", $"{genotypes.Count}", "--fraction", fraction.ToString(CultureInfo.InvariantCulture), "--final-epochs", "0", "--seed", "1", "--out", RunFolder(folder),
        ];
        var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = folder };
        start.Environment["NAS_DATA"] = data;
        var started = Stopwatch.GetTimestamp();
        using (var process = Process.Start(start)!) // not null: a new process is started
        {
            process.WaitForExit();
            if (process.ExitCode != 0)
            {
                throw new UserErrorException($"nas search ended with {process.ExitCode}; its error is above.");
            }
        }

        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        using var run = ExperimentFolder.Resume(RunFolder(folder), spec => spec);
        using var dataset = new DatasetCatalog(data, TimeProvider.System).Open(run.Spec.Dataset, null, CancellationToken.None);
        var examples = (int)Math.Round(dataset.Indices(Split.Train).Length * fraction);
        return new(seconds, examples, [.. run.Trials.Values.Select(trial => new TrialRun(trial.Number, trial.Evaluation!.DurationSeconds, trial.Evaluation.Score))]); // not null: all have ended
    }

    /// <summary>Where the run is.</summary>
    public static string RunFolder(string folder) => Path.Combine(folder, "run");
}
