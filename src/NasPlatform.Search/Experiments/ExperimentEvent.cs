using System.Text.Json.Serialization;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Training;
using NasPlatform.Search.Training.Supernets;

namespace NasPlatform.Search.Experiments;

/// <summary>Something that happened in an experiment, told as it happens and in order.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "event")]
[JsonDerivedType(typeof(SearchStarted), "search_started")]
[JsonDerivedType(typeof(TrialStarted), "trial_started")]
[JsonDerivedType(typeof(TrialProgressed), "trial_progressed")]
[JsonDerivedType(typeof(TrialEnded), "trial_ended")]
[JsonDerivedType(typeof(StrategyTold), "strategy_told")]
[JsonDerivedType(typeof(SupernetStarted), "supernet_started")]
[JsonDerivedType(typeof(SupernetProgressed), "supernet_progressed")]
[JsonDerivedType(typeof(SupernetEpochEnded), "supernet_epoch_ended")]
[JsonDerivedType(typeof(SupernetEnded), "supernet_ended")]
[JsonDerivedType(typeof(FinalStarted), "final_started")]
[JsonDerivedType(typeof(FinalProgressed), "final_progressed")]
[JsonDerivedType(typeof(Finished), "finished")]
public abstract record ExperimentEvent
{
    private ExperimentEvent()
    {
    }

    /// <param name="Resumed">Trials that had ended in earlier runs.</param>
    public sealed record SearchStarted(ExperimentSpec Spec, int Resumed) : ExperimentEvent;

    /// <summary>A one-shot strategy trains its supernet, before the first trial.</summary>
    /// <param name="Epochs">For how long.</param>
    public sealed record SupernetStarted(int Epochs) : ExperimentEvent
    {
        /// <summary>The epochs that an interrupted training had behind it and that are not trained again.</summary>
        public IReadOnlyList<SupernetEpoch> Done { get; init; } = [];
    }

    public sealed record SupernetProgressed(TrainingProgress Progress) : ExperimentEvent;

    public sealed record SupernetEpochEnded(SupernetEpoch Epoch) : ExperimentEvent;

    public sealed record SupernetEnded(SupernetResult Result) : ExperimentEvent;

    public sealed record TrialStarted(Trial Trial) : ExperimentEvent;

    public sealed record TrialProgressed(int Number, TrainingProgress Progress) : ExperimentEvent;

    /// <param name="Trial">As it ended.</param>
    /// <param name="Best">The best trial so far; null while none has completed.</param>
    public sealed record TrialEnded(Trial Trial, Trial? Best) : ExperimentEvent;

    /// <summary>The strategy was told a result.</summary>
    /// <param name="Number">The trial's.</param>
    /// <param name="Diagnostics">What the strategy now knows, such as a controller's baseline and entropy; empty for one that tells nothing.</param>
    public sealed record StrategyTold(int Number, IReadOnlyDictionary<string, double> Diagnostics) : ExperimentEvent;

    /// <param name="Winner">What is trained in full.</param>
    /// <param name="Epochs">For how long.</param>
    public sealed record FinalStarted(Trial Winner, int Epochs) : ExperimentEvent
    {
        /// <summary>The epochs that an interrupted training had behind it and that are not trained again.</summary>
        public IReadOnlyList<EpochResult> Done { get; init; } = [];
    }

    public sealed record FinalProgressed(TrainingProgress Progress) : ExperimentEvent;

    public sealed record Finished(ExperimentResult Result) : ExperimentEvent;
}
