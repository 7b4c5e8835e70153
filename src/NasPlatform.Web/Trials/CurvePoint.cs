using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Trials;

/// <summary>What a training measured in an epoch.</summary>
/// <param name="Trial">The trial's number; 0 for the final training.</param>
/// <param name="Epoch">1-based.</param>
/// <param name="TrainLoss">Mean training cross entropy of the epoch, in nats; null where it was not finite.</param>
/// <param name="TrainLosses">The same over each of some parts of the epoch, of equal length; empty where it was not kept.</param>
/// <param name="Score">On the validation split, 0 to 1; null where there was no validation.</param>
/// <param name="Loss">Validation cross entropy, in nats; null without validation or where it was not finite.</param>
/// <param name="Seconds">Wall-clock time since the training began.</param>
public sealed record CurvePoint(int Trial, int Epoch, double? TrainLoss, ImmutableArray<double> TrainLosses, double? Score, double? Loss, double Seconds)
{
    /// <summary>
    /// Points in the order of trials and epochs: of the last attempt at each training, and of those before it what was before the checkpoint that it went on from.
    /// </summary>
    /// <param name="stored">Those of whole trainings, of one experiment.</param>
    internal static async Task<List<CurvePoint>> ReadAsync(IQueryable<MetricPoint> stored, CancellationToken cancellation)
    {
        var rows = await stored
            .Select(point => new { point.TrialNumber, point.Token, point.Epoch, point.TrainLoss, point.TrainLosses, point.Score, point.Loss, point.Seconds })
            .ToListAsync(cancellation);
        return
        [
            .. rows.GroupBy(row => (row.TrialNumber, row.Epoch), (_, attempts) => attempts.MaxBy(row => row.Token)!) // not null: groups are not empty
                .GroupBy(row => row.TrialNumber)
                .SelectMany(training =>
                {
                    // An attempt that began anew has its own first epoch: what earlier ones measured behind its last was never reached again.
                    var last = training.MaxBy(row => row.Token)!.Token; // not null: groups are not empty
                    var end = training.Where(row => row.Token == last).Max(row => row.Epoch);
                    return training.Where(row => row.Epoch <= end);
                })
                .OrderBy(row => row.TrialNumber).ThenBy(row => row.Epoch)
                .Select(row => new CurvePoint(
                    row.TrialNumber,
                    row.Epoch,
                    row.TrainLoss,
                    row.TrainLosses is { } parts ? JsonSerializer.Deserialize<ImmutableArray<double>>(parts) : [],
                    row.Score,
                    row.Loss,
                    row.Seconds)),
        ];
    }
}
