namespace NasPlatform.Search.Experiments;

/// <summary>Where a search finds what it is to do and keeps its trials: a folder, or the platform's store at the other end of a pipe.</summary>
public interface ITrialLog
{
    ExperimentSpec Spec { get; }

    /// <summary>As last written, by number.</summary>
    IReadOnlyDictionary<int, Trial> Trials { get; }

    /// <summary>Keeps a trial's state; when it returns, the state survives the process. From one thread at a time.</summary>
    void Write(Trial trial);
}
