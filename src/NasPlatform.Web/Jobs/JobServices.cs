using NasPlatform.Search.Datasets;
using NasPlatform.Web.Artifacts;
using NasPlatform.Web.Jobs.Runners;
using NasPlatform.Web.Store;
using Npgsql;
using Quartz;

namespace NasPlatform.Web.Jobs;

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
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<Spool>(provider, folders.Spool));
        services.AddSingleton(provider => new RunnerPool(
            folders.Root,
            worker.Limits,
            new Dictionary<string, int> { [JobGroups.Cpu] = worker.CpuSlots, [JobGroups.Ingest] = 1, [JobGroups.Cuda] = worker.CudaSlots },
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IJobWork, SupernetWork>();
        services.AddSingleton<IJobWork, SearchWork>();
        services.AddSingleton<IJobWork, TrialWork>();
        services.AddSingleton<IJobWork, FinalWork>();
        services.AddSingleton<IJobWork, IngestWork>();
        services.AddHostedService<Reconciler>();
        services.AddSingleton<Housekeeping>();
        services.AddHostedService(provider => provider.GetRequiredService<Housekeeping>());

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
            quartz.AddQuartzHealthChecks(check => (check.Name, check.StaleFiringTolerance) = ("scheduler", 3));
            quartz.ServeExecutionGroups([.. worker.Groups]);
            if (database.IsPostgres)
            {
                quartz.UsePersistentStore(persistent =>
                {
                    // A name of its own makes a pool of its own: neither starves the other.
                    persistent.UsePostgres(new NpgsqlConnectionStringBuilder(database.PostgresConnection) { ApplicationName = "nas scheduler" }.ConnectionString);
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
