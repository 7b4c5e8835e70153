using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using NasPlatform.Web.Accounts;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Trials;

/// <summary>A trial with all that is known of it.</summary>
/// <param name="Summary">What lists show.</param>
/// <param name="Decisions">Chosen options, 0-based, by the names of their places.</param>
/// <param name="Diagnostics">What the strategy knew after it was told, by name.</param>
/// <param name="Curve">Its epochs, in order.</param>
/// <param name="Attempts">The attempts to evaluate it, the first one first; those of a search in the terminal are not known.</param>
internal sealed record TrialDetail(
    TrialRow Summary, IReadOnlyDictionary<string, int> Decisions, IReadOnlyDictionary<string, double> Diagnostics, IReadOnlyList<CurvePoint> Curve, IReadOnlyList<AttemptRow> Attempts)
{
    /// <summary>Reads one; the right to see the experiment is the caller's to check before.</summary>
    /// <exception cref="RefusedException">The experiment has no such trial.</exception>
    public static async Task<TrialDetail> LoadAsync(StoreContext context, Guid experimentId, int number, CancellationToken cancellation)
    {
        var stored = context.Trials.Where(trial => trial.ExperimentId == experimentId && trial.Number == number);
        var row = await TrialList.Rows(stored).SingleOrDefaultAsync(cancellation) ?? throw RefusedException.NotFound($"trial {number}");
        var told = await stored.Select(trial => new { trial.Decisions, trial.Diagnostics }).SingleAsync(cancellation);
        var attempts = await (
            from attempt in context.Attempts
            join job in context.Jobs on attempt.JobId equals job.Id
            where job.ExperimentId == experimentId && job.TrialNumber == number && job.Kind == JobKind.Trial
            orderby attempt.StartedAt
            select new AttemptRow(attempt.StartedAt, attempt.EndedAt, attempt.Outcome, attempt.Reason)).ToListAsync(cancellation);
        return new(
            row,
            JsonSerializer.Deserialize<Dictionary<string, int>>(told.Decisions)!, // not null: written so
            told.Diagnostics is null ? new Dictionary<string, double>() : JsonSerializer.Deserialize<Dictionary<string, double>>(told.Diagnostics)!, // not null: written so
            await CurvePoint.ReadAsync(context.MetricPoints.Where(point => point.ExperimentId == experimentId && point.TrialNumber == number), cancellation),
            attempts);
    }
}

/// <summary>A try at a trial.</summary>
/// <param name="Outcome">How it ended; null while it runs.</param>
/// <param name="Reason">Why it did not complete.</param>
internal sealed record AttemptRow(DateTimeOffset StartedAt, DateTimeOffset? EndedAt, AttemptOutcome? Outcome, string? Reason);
