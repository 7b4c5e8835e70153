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
internal sealed class Spool(string folder, PlatformStore store, TimeProvider time)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <summary>Opens the file of a new attempt.</summary>
    public SpoolFile Begin(JobLease lease)
    {
        Directory.CreateDirectory(folder);
        return new(Path.Join(folder, $"{lease.JobId:N}.{lease.Token}.jsonl"));
    }

    /// <summary>
    /// Writes entries to the database in one transaction; false when the lease is no longer good, and then nothing was written. Entries that are there already are passed
    /// over.
    /// </summary>
    public Task<bool> CommitAsync(JobLease lease, IReadOnlyList<SpoolEntry> entries, CancellationToken cancellation) => store.WriteAsync(
        async (context, again) =>
        {
            if (!await JobQueue.Held(context, lease).AnyAsync(again))
            {
                return false;
            }

            var experiment = await context.Experiments.SingleAsync(experiment => experiment.Id == lease.ExperimentId, again);
            var number = lease.TrialNumber ?? 0;
            var last = await context.MetricPoints
                .Where(point => point.ExperimentId == experiment.Id && point.TrialNumber == number && point.Token == lease.Token)
                .MaxAsync(point => (int?)point.Epoch, again) ?? 0;
            foreach (var epoch in entries.Select(entry => entry.Epoch).OfType<EpochResult>().Where(epoch => epoch.Epoch > last))
            {
                context.MetricPoints.Add(Point(experiment.Id, number, lease.Token, epoch));
                context.Happened(experiment.Id, EventKind.EpochEnded, Text(number, epoch), number);
            }

            if (entries.Select(entry => entry.Evaluation).OfType<Evaluation>().LastOrDefault() is { } evaluation)
            {
                var now = time.GetUtcNow();
                var trial = await context.Trials.SingleAsync(trial => trial.ExperimentId == experiment.Id && trial.Number == number, again);
                ExperimentFlow.EndTrial(context, experiment, trial, evaluation, now);
                await JobQueue.EndAsync(context, lease, JobState.Completed, AttemptOutcome.Completed, null, now, again);
            }

            return true;
        },
        cancellation);

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

            var parts = Path.GetFileName(path).Split('.');
            if (Guid.TryParseExact(parts[0], "N", out var id) && long.TryParse(parts[1], out var token))
            {
                await using var context = store.Open();
                if (await context.Jobs.SingleOrDefaultAsync(job => job.Id == id && job.Token == token, cancellation) is { } job
                    && await CommitAsync(new(job), Read(own), cancellation))
                {
                    replayed++;
                }
            }

            File.Delete(path);
        }

        return replayed;
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
            Accuracy = epoch.Accuracy,
            Loss = loss,
            LossNonFinite = nonFinite,
            Seconds = epoch.Seconds,
        };
    }

    public static string Text(int trial, EpochResult epoch)
    {
        var what = trial == 0 ? "Final training" : $"Trial {trial}";
        var accuracy = epoch.Accuracy is { } share ? $", {100 * share:0.00} % on validation" : "";
        return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{what}: epoch {epoch.Epoch} ended, training loss {epoch.TrainLoss:0.000}{accuracy}.");
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

    /// <summary>The file of one attempt.</summary>
    internal sealed class SpoolFile(string path) : IDisposable
    {
        private readonly FileStream _file = new(path, FileMode.Create, FileAccess.Write, FileShare.Read);

        /// <summary>Keeps an entry; an evaluation is on the disk when this returns.</summary>
        public void Add(SpoolEntry entry)
        {
            _file.Write(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(entry, Json) + "\n"));
            _file.Flush(flushToDisk: entry.Evaluation is not null);
        }

        /// <summary>All of it is in the database, or nobody wants it any more.</summary>
        public void Delete() => File.Delete(path);

        public void Dispose() => _file.Dispose();
    }
}

/// <summary>One thing that an attempt found; one of the two.</summary>
internal sealed record SpoolEntry(EpochResult? Epoch = null, Evaluation? Evaluation = null);
