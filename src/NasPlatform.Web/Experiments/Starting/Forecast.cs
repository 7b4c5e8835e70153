using NasPlatform.Search.Datasets;
using NasPlatform.Search.Experiments;
using NasPlatform.Search.Spaces.Tuned;
using NasPlatform.Search.Strategies;
using NasPlatform.Web.Commands;
using NasPlatform.Web.Datasets;

namespace NasPlatform.Web.Experiments.Starting;

/// <summary>What will happen, in sentences, before an experiment is started.</summary>
internal static class Forecast
{
    /// <param name="spec">What is to be started.</param>
    /// <param name="dataset">Its dataset; null where none is chosen.</param>
    /// <param name="secondsPerTrial">What a trial took in earlier experiments of this kind on this platform; null where there were none.</param>
    public static IReadOnlyList<string> Of(ExperimentSpec spec, DatasetReport? dataset, double? secondsPerTrial)
    {
        var sentences = new List<string>();
        var share = spec.FinalEpochs == 0 ? 1 : spec.Budget.SearchShare;
        if (StrategyCatalog.IsOneShot(spec.Strategy))
        {
            sentences.Add($"First one network of all choices, the supernet, is trained{(spec.Budget.Minutes is null ? "" : ", for as much of the search's time as it needs but for a fifth")}; then what it finds is tried.");
        }

        if (dataset is not null)
        {
            var examples = (int)Math.Ceiling(dataset.CountOf(Split.Train) * Math.Clamp(spec.Fidelity.Fraction, 0, 1));
            sentences.Add(
                $"Each trial trains one architecture on {DatasetWords.Amount(dataset.Task, examples)} for {(StrategyCatalog.IsMultiFidelity(spec.Strategy) ? "at most " : "")}{Figures.Many(spec.Fidelity.Epochs, "epoch")} and measures it on {DatasetWords.Amount(dataset.Task, dataset.CountOf(Split.Validation))} of the validation split.");
        }

        if (spec.Tune.Count > 0)
        {
            sentences.Add($"Searched is {(spec.Architecture is null ? "the training along with the architecture" : "the training of one architecture")}: {string.Join(", ", TrainingChoice.All.Where(what => spec.Tune.ContainsKey(what.Name)).Select(what => what.Title.ToLowerInvariant()))}.");
        }

        sentences.Add(spec.Parallelism == 1 ? "Trials run one after the other." : $"{spec.Parallelism} trials run side by side.");
        if (Estimate(spec, share, secondsPerTrial) is { } estimate)
        {
            sentences.Add(estimate);
        }

        sentences.Add(spec.Budget switch
        {
            { Minutes: { } minutes, Trials: { } trials } => $"The search ends after {Figures.Many(trials, "trial")} or {Time(minutes * share)}, whichever comes first.",
            { Minutes: { } minutes } => $"The search ends after {Time(minutes * share)}.",
            _ => $"The search ends after {Figures.Many(spec.Budget.Trials ?? 0, "trial")}.",
        });
        sentences.Add((spec.FinalEpochs, spec.Budget.Minutes) switch
        {
            (0, _) => "The best is not trained in full, so there will be no model to download.",
            (var epochs, { } minutes) => $"The best is trained in full for as many epochs as fit into the other {Time(minutes * (1 - share))}, at most {epochs}; then it is tested once and exported.",
            (var epochs, _) => $"The best is trained in full for {Figures.Many(epochs, "epoch")}, tested once and exported.",
        });
        return sentences;
    }

    private static string? Estimate(ExperimentSpec spec, double share, double? secondsPerTrial)
    {
        if (secondsPerTrial is not { } seconds || seconds <= 0)
        {
            return null;
        }

        var trials = spec.Budget.Minutes is { } minutes ? (int)(minutes * 60 * share / seconds * spec.Parallelism) : (int?)null;
        return trials is { } count && (spec.Budget.Trials is null || count < spec.Budget.Trials)
            ? $"Earlier trials of this kind took {seconds:0.#} s here, so expect about {Figures.Many(Math.Max(1, count), "trial")}."
            : $"Earlier trials of this kind took {seconds:0.#} s here, so expect the search to take about {Time((spec.Budget.Trials ?? 0) * seconds / 60 / Math.Max(1, spec.Parallelism))}.";
    }

    private static string Time(double minutes) => minutes switch
    {
        < 1 => $"{Math.Max(1, Math.Round(minutes * 60)):0} s",
        < 120 => $"{minutes:0.#} min",
        _ => $"{minutes / 60:0.#} h",
    };
}
