using NasPlatform.Search.Datasets;
using NasPlatform.Web.Artifacts;
using NasPlatform.Web.Jobs.Runners;
using NasPlatform.Web.Store;
using Quartz;

namespace NasPlatform.Web.Jobs;

/// <summary>What this node does of the queue.</summary>
/// <param name="Groups">The groups of jobs that it takes.</param>
/// <param name="CpuSlots">Threads that training on the CPU may use at once.</param>
/// <param name="CudaSlots">Trials side by side on GPUs.</param>
/// <param name="RunnerBytes">Resident memory of one runner.</param>
internal sealed record WorkerOptions(IReadOnlyList<string> Groups, int CpuSlots, int CudaSlots, long RunnerBytes)
{
    /// <summary>All of this machine: a slot a core, and no runner larger than its share of the memory.</summary>
    public static WorkerOptions OfThisMachine()
    {
        var cores = Environment.ProcessorCount;
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        return new(JobGroups.All, cores, 1, Math.Max(2L << 30, (long)(memory * 0.8 / Math.Min(cores, 4))));
    }
}

internal static class JobServices
{
    /// <summary>Adds the queue, the runners and the alarm clock.</summary>
    public static IServiceCollection AddJobs(this IServiceCollection services, WorkerOptions worker, StoreOptions database, DataFolders folders)
    {
        services.AddSingleton(worker);
        services.AddSingleton(NodeIdentity.New(worker.Groups, worker.CpuSlots));
        services.AddSingleton<JobQueue>();
        services.AddSingleton<JobWorker>();
        services.AddSingleton<AlarmClock>();
        services.AddSingleton(provider => new Spool(folders.Spool, provider.GetRequiredService<PlatformStore>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new RunnerPool(
            RunnerStart.OfThisProgram(folders.Root),
            new() { Bytes = worker.RunnerBytes },
            new Dictionary<string, int> { [JobGroups.Cpu] = worker.CpuSlots, [JobGroups.Ingest] = 1, [JobGroups.Cuda] = worker.CudaSlots },
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IJobWork, SearchWork>();
        services.AddSingleton<IJobWork, TrialWork>();
        services.AddSingleton<IJobWork, FinalWork>();
        services.AddSingleton<IJobWork, IngestWork>();
        services.AddHostedService<Reconciler>();

        const int Searches = 100;
        services.AddQuartz(quartz =>
        {
            quartz.UseDefaultThreadPool(worker.CpuSlots + worker.CudaSlots + Searches + 4);
            quartz.UseExecutionLimits(limits =>
            {
                limits.ForGroup(JobGroups.Search, Searches);
                limits.ForGroup(JobGroups.Cpu, worker.CpuSlots);
                limits.ForGroup(JobGroups.Cuda, worker.CudaSlots);
                limits.ForGroup(JobGroups.Ingest, 2);
            });
            quartz.ServeExecutionGroups([.. worker.Groups]);
            if (database.IsPostgres)
            {
                quartz.UsePersistentStore(persistent =>
                {
                    persistent.UsePostgres(database.PostgresConnection);
                    persistent.ProvisionSchema();
                    persistent.UseClustering(clustering =>
                    {
                        clustering.CheckinInterval = TimeSpan.FromSeconds(5);
                        clustering.CheckinMisfireThreshold = TimeSpan.FromSeconds(15);
                    });
                });
            }
            else
            {
                quartz.UseInMemoryStore();
            }
        });
        services.Configure<QuartzSchedulerOptions>(options =>
        {
            // Another node's alarm is only noticed by looking.
            options.IdleWaitTime = TimeSpan.FromSeconds(2);
            options.MaxBatchSize = 1;
            options.ShutdownJobInterruption = ShutdownJobInterruption.Always;
        });
        services.Configure<AdoJobStoreOptions>(options =>
        {
            options.CommandTimeout = TimeSpan.FromSeconds(10);
            options.UseBackgroundThreads = true;
        });
        services.AddQuartzHostedService(options => options.WaitForJobsToComplete = true);
        return services;
    }
}
