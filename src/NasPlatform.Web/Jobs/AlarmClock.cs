using Quartz;

namespace NasPlatform.Web.Jobs;

/// <summary>Quartz, used as an alarm clock: an alarm says only "look at this job", on a node that serves its group and has a place free.</summary>
internal sealed class AlarmClock(ISchedulerFactory schedulers)
{
    /// <summary>Sets an alarm for now, unless one is set already.</summary>
    public async Task SetAsync(Guid jobId, string group, CancellationToken cancellation)
    {
        var scheduler = await schedulers.GetScheduler(cancellation);
        var key = new JobKey(jobId.ToString("N"), "nas");
        if (await scheduler.Exists(key, cancellation))
        {
            return;
        }

        try
        {
            await scheduler.ScheduleJob(
                JobBuilder.Create<JobAlarm>().WithIdentity(key).UsingJobData(JobAlarm.JobId, jobId.ToString("N")).Build(),
                TriggerBuilder.Create().WithIdentity(jobId.ToString("N"), "nas").WithExecutionGroup(group).StartNow().Build(),
                cancellationToken: cancellation);
        }
        catch (ObjectAlreadyExistsException)
        {
            // Another node set it between the question and this.
        }
    }
}

/// <summary>What an alarm does. Its full name is stored in the scheduler's database and never changes.</summary>
internal sealed class JobAlarm(JobWorker worker) : IJob
{
    public const string JobId = "jobId";

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        await worker.RunAsync(Guid.ParseExact(context.MergedJobDataMap.GetString(JobId)!, "N"), cancellationToken); // not null: set with the alarm
    }
}
