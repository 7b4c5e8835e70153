using NasPlatform.Search.Training;

namespace NasPlatform.Search.Evaluation;

/// <summary>Tries an architecture: by training it, or by looking it up in a table of a benchmark. Called from several threads at once.</summary>
public interface IEvaluator
{
    /// <summary>Never throws for what is the architecture's fault: that is an outcome.</summary>
    /// <param name="proposal">What to try.</param>
    /// <param name="progress">Told while it trains.</param>
    /// <param name="cancellation">Ends it with <see cref="OperationCanceledException"/>.</param>
    Evaluation Evaluate(Proposal proposal, IProgress<TrainingProgress> progress, CancellationToken cancellation);
}
