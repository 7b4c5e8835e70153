using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using NasPlatform.Search.Evaluation;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Jobs;

/// <summary>
/// What an attempt at a trial found, on this machine's disk before it is in the database: a database that is away, or a process that dies meanwhile, costs no
/// result. One file an attempt, named after job and token; gone when all of it is committed.
/// </summary>
internal sealed class Spool(string folder, PlatformStore store, JobQueue queue, TimeProvider time)
{
    /// <summary>For files of this program alone: numbers that are not finite are written by name.</summary>
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <summary>Opens the file of a new attempt.</summary>
    public SpoolFile Begin(JobLease lease)
    {
        Directory.CreateDirectory(folder);
        return new(Path.Join(folder, $"{lease.JobId:N}.{lease.Token}.jsonl"));
    }

    /// <summary>Writes entries to the database in one transaction, however long that is away. Entries that are there already are passed over.</summary>
    /// <exception cref="LeaseLostException">The lease is no longer good; nothing was written.</exception>
    public Task CommitAsync(JobLease lease, IReadOnlyList<SpoolEntry> entries) => queue.WriteAsync(lease, async (context, experiment, again) =>
    {
        var number = lease.TrialNumber!.Value; // not null: a trial's job
        var last = await context.MetricPoints
            .Where(point => point.ExperimentId == experiment.Id && point.TrialNumber == number && point.Token == lease.Token)
            .MaxAsync(point => (int?)point.Epoch, again) ?? 0;
        foreach (var epoch in entries.Select(entry => entry.Epoch).OfType<EpochResult>().Where(epoch => epoch.Epoch > last))
        {
            context.MetricPoints.Add(Point(experiment.Id, number, lease.Token, epoch));
            context.Happened(experiment.Id, EventKind.EpochEnded, Text(number, epoch, experiment.Metric), number);
        }

        if (entries.Select(entry => entry.Evaluation).OfType<Evaluation>().LastOrDefault() is { } evaluation)
        {
            var now = time.GetUtcNow();
            await JobQueue.EndAsync(context, lease, JobState.Completed, AttemptOutcome.Completed, null, now, again);
            var trial = await context.Trials.SingleAsync(trial => trial.ExperimentId == experiment.Id && trial.Number == number, again);
            ExperimentFlow.EndTrial(context, experiment, trial, evaluation, now);
        }
    });

    /// <summary>
    /// What an earlier life of this machine's process found and did not get into the database. Before the leases of that life are given up: where one is
    /// still good, the trial need not be tried again.
    /// </summary>
    /// <returns>How many attempts were brought in.</returns>
    public async Task<int> ReplayAsync(CancellationToken cancellation)
    {
        var replayed = 0;
        foreach (var path in Directory.Exists(folder) ? Directory.GetFiles(folder, "*.jsonl") : [])
        {
            using var own = OpenAlone(path);
            if (own is null)
            {
                continue; // of a living process of this machine
            }

            if (await FindAsync(Path.GetFileNameWithoutExtension(path), cancellation) is { } job)
            {
                try
                {
                    await CommitAsync(new(job), Read(own));
                    replayed++;
                }
                catch (LeaseLostException)
                {
                    // Another attempt has begun, or the job is over.
                }
            }

            File.Delete(path);
        }

        return replayed;
    }

    private async Task<StoredJob?> FindAsync(string name, CancellationToken cancellation)
    {
        if (name.Split('.') is not [var id, var number] || !Guid.TryParseExact(id, "N", out var jobId) || !long.TryParse(number, out var token))
        {
            return null;
        }

        await using var context = store.Open();
        return await context.Jobs.SingleOrDefaultAsync(job => job.Id == jobId && job.Token == token && job.Kind == JobKind.Trial, cancellation);
    }

    public static MetricPoint Point(Guid experiment, int trial, long token, EpochResult epoch)
    {
        var ((trainLoss, trainNonFinite), (loss, nonFinite)) = (Number64.Split(epoch.TrainLoss), Number64.Split(epoch.Loss));
        return new()
        {
            ExperimentId = experiment,
            TrialNumber = trial,
            Token = token,
            Epoch = epoch.Epoch,
            TrainLoss = trainLoss,
            TrainLossNonFinite = trainNonFinite,
            TrainLosses = epoch.TrainLosses is { Count: > 0 } losses && losses.All(double.IsFinite) ? JsonSerializer.Serialize(losses.Select(part => Math.Round(part, 4))) : null,
            Score = epoch.Score,
            Loss = loss,
            LossNonFinite = nonFinite,
            Seconds = epoch.Seconds,
        };
    }

    public static string Text(int trial, EpochResult epoch, Metric metric)
    {
        var what = trial == 0 ? "Final training" : $"Trial {trial}";
        var score = epoch.Score is { } known ? $", {metric.Words} {metric.Text(known)} on validation" : "";
        return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{what}: epoch {epoch.Epoch} ended, training loss {epoch.TrainLoss:0.000}{score}.");
    }

    private static FileStream? OpenAlone(string path)
    {
        try
        {
            return new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static List<SpoolEntry> Read(FileStream file)
    {
        var entries = new List<SpoolEntry>();
        using var reader = new StreamReader(file);
        while (reader.ReadLine() is { } line)
        {
            try
            {
                entries.Add(JsonSerializer.Deserialize<SpoolEntry>(line, Json)!); // not null: lines are objects
            }
            catch (JsonException)
            {
                // Cut off when the process died: what follows was never said.
                break;
            }
        }

        return entries;
    }
}

/// <summary>One thing that an attempt found; one of the two.</summary>
internal sealed record SpoolEntry(EpochResult? Epoch = null, Evaluation? Evaluation = null);
