using NasPlatform.Search.Evaluation;
using NasPlatform.Web.Store;

namespace NasPlatform.LoadBenchmarks;

/// <summary>A full store: how long each list and page takes, in turns.</summary>
internal static class ListCase
{
    private const int Experiments = 300;
    private const int Rounds = 15;

    public static async Task RunAsync(int trials)
    {
        await using var server = new MeasuredServer();
        var full = Guid.CreateVersion7();
        await server.FillAsync(context => Fill(context, full, trials));
        await server.StartAsync();
        string[] paths =
        [
            "/api/v1/experiments", "/api/v1/experiments?search=7&sort=bestScore", "/api/v1/experiments?state=completed&sort=name&order=asc&page=3", $"/api/v1/experiments/{full}",
            $"/api/v1/experiments/{full}/trials", $"/api/v1/experiments/{full}/trials?sort=score&size=100", $"/api/v1/experiments/{full}/trials?sort=score&page=100",
            $"/api/v1/experiments/{full}/trials?search=3x3&sort=parameters&order=asc", $"/api/v1/experiments/{full}/trials?state=failed&minScore=0.5", $"/api/v1/experiments/{full}/trials/5000",
            $"/api/v1/experiments/{full}/points?first=4000&last=4999", $"/api/v1/experiments/{full}/events?since=0", $"/api/v1/experiments/{full}/trials.csv", $"/api/v1/experiments/{full}/trials.json",
            "/api/v1/models", "/api/v1/datasets", "/api/v1/queue", "/api/v1/spaces", "/api/v1/openapi.json",
            "/", "/experiments", "/experiments?search=7&sort=bestScore", $"/experiments/{full}", $"/experiments/{full}/trials", $"/experiments/{full}/trials?sort=score&page=100",
            $"/experiments/{full}/trials/5000", $"/experiments/{full}/log", "/datasets", "/models",
        ];
        Console.WriteLine($"{trials} trials, {Experiments} experiments; milliseconds of {Rounds} requests after the first");
        Console.WriteLine("| address | status | median | largest | KiB |");
        Console.WriteLine("| --- | --- | --- | --- | --- |");
        foreach (var path in paths)
        {
            var times = new List<double>();
            var (status, length) = (0, 0L);
            for (var round = 0; round <= Rounds; round++)
            {
                var started = TimeProvider.System.GetTimestamp();
                using var answer = await server.Client.GetAsync(path);
                length = (await answer.Content.ReadAsByteArrayAsync()).Length;
                status = (int)answer.StatusCode;
                if (round > 0)
                {
                    times.Add(TimeProvider.System.GetElapsedTime(started).TotalMilliseconds);
                }
            }

            times.Sort();
            Console.WriteLine($"| {path.Replace($"{full}", "{id}")} | {status} | {times[times.Count / 2]:0} | {times[^1]:0} | {length >> 10} |");
        }
    }

    private static void Fill(StoreContext context, Guid full, int trials)
    {
        var random = new Random(1);
        for (var number = 0; number < Experiments; number++)
        {
            var experiment = MeasuredServer.Experiment(Guid.CreateVersion7(), $"experiment {number}", ExperimentState.Completed);
            (experiment.BestScore, experiment.TestScore) = (random.NextDouble(), random.NextDouble());
            context.Experiments.Add(experiment);
        }

        var one = MeasuredServer.Experiment(full, "full", ExperimentState.Completed);
        (one.TrialCount, one.EndedCount, one.BestTrial, one.BestScore) = (trials, trials, 1, 0.99);
        context.Experiments.Add(one);
        context.Datasets.Add(new() { Id = Guid.CreateVersion7(), Name = "fashion-mnist", State = DatasetState.Failed, CreatedAt = one.CreatedAt });
        for (var number = 1; number <= trials; number++)
        {
            var hasFailed = random.Next(20) == 0;
            var accuracy = random.NextDouble();
            context.Trials.Add(new()
            {
                ExperimentId = full,
                Number = number,
                Genotype = "3x3/1x1/36 -> 5x7/1x1/48 -> 7x7/2x2/64 -> 1x5/1x1/24 [0,1,3]",
                Decisions = "{" + string.Join(',', Enumerable.Range(1, 6).SelectMany(layer => new[] { "filter height", "filter width", "stride", "filters" }.Select(name => $"\"layer{layer}/{name}\":{random.Next(2)}"))) + "}",
                Key = $"{random.NextInt64():x16}{random.NextInt64():x16}",
                State = hasFailed ? StoredTrialState.Failed : StoredTrialState.Completed,
                Outcome = hasFailed ? Outcome.Diverged : Outcome.Completed,
                Reason = hasFailed ? "The loss was no longer finite." : null,
                ProposedAt = one.CreatedAt.AddSeconds(number),
                StartedAt = one.CreatedAt.AddSeconds(number),
                EndedAt = one.CreatedAt.AddSeconds(number + 5),
                ToldAt = one.CreatedAt.AddSeconds(number + 5),
                ElapsedSeconds = number,
                Score = hasFailed ? null : accuracy,
                Loss = hasFailed ? null : 1 - accuracy,
                ParameterCount = random.Next(1_000_000),
                MultiplyAdds = random.Next(100_000_000),
                DurationSeconds = 5,
                Diagnostics = """{"reward":0.52,"baseline":0.51,"entropy":1.3}""",
            });
            for (var epoch = 1; epoch <= 2; epoch++)
            {
                context.MetricPoints.Add(new() { ExperimentId = full, TrialNumber = number, Token = 1, Epoch = epoch, TrainLoss = 0.5, Score = accuracy, Loss = 0.5, Seconds = epoch });
            }

            context.Happened(full, EventKind.TrialEnded, $"Trial {number} reached {100 * accuracy:0.00} % on validation.", number);
        }
    }
}
