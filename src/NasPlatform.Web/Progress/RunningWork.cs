using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using NasPlatform.Search.Training;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Progress;

/// <summary>A training that is under way.</summary>
/// <param name="TrialNumber">0 for the final training, <see cref="Supernet"/> for a one-shot strategy's supernet.</param>
/// <param name="Progress">Where it stands, at most about a second ago.</param>
public sealed record RunningWork(int TrialNumber, TrainingProgress Progress)
{
    public const int Supernet = -1;

    /// <summary>What is trained, in words.</summary>
    public string Name => TrialNumber switch
    {
        Supernet => "Supernet",
        0 => "Final training",
        _ => $"Trial {TrialNumber}",
    };

    /// <summary>The trainings of some experiments that have said where they stand, in the order of their trials.</summary>
    internal static async Task<IReadOnlyList<(Guid ExperimentId, RunningWork Work)>> ReadAsync(StoreContext context, Guid[] experiments, CancellationToken cancellation)
    {
        var jobs = await context.Jobs
            .Where(job => job.ExperimentId != null && experiments.Contains(job.ExperimentId.Value) && job.State == JobState.Running && job.Progress != null && job.Kind != JobKind.Search)
            .Select(job => new { ExperimentId = job.ExperimentId!.Value, job.Kind, job.TrialNumber, job.Progress })
            .ToListAsync(cancellation);
        return
        [
            .. jobs.Select(job => (job.ExperimentId, new RunningWork(
                job.Kind == JobKind.Supernet ? Supernet : job.Kind == JobKind.Final ? 0 : job.TrialNumber ?? 0,
                JsonSerializer.Deserialize<TrainingProgress>(job.Progress!, JsonSerializerOptions.Web)!))) // not null: asked for above
                .OrderBy(job => job.Item2.TrialNumber),
        ];
    }

    /// <summary>Whether it stands where the other one stands; what it measured there need not be compared for that.</summary>
    public bool Equals(RunningWork? other) =>
        other is { Progress: var progress } && (other.TrialNumber, progress.Epoch, progress.Epochs, progress.Step) == (TrialNumber, Progress.Epoch, Progress.Epochs, Progress.Step);

    public override int GetHashCode() => HashCode.Combine(TrialNumber, Progress.Epoch, Progress.Epochs, Progress.Step);
}
