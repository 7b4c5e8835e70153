using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.SignalR;
using NasPlatform.Web.Accounts;
using NasPlatform.Web.Progress;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Live;

/// <summary>
/// The hub <c>/live</c>, described in docs/guide/live.md: what happens in an experiment, as a stream that begins with what the viewer missed. Each viewer's stream is a loop
/// of its own that reads from the store at the viewer's pace, so that one who stalls holds nobody up.
/// </summary>
/// <remarks>Open to those without an account, since a public link is a right by itself; <see cref="Watch"/> asks for one.</remarks>
[AllowAnonymous]
internal sealed class LiveHub(LiveFeed feed, LiveRights rights, ShareActions shares, TimeProvider time) : Hub
{
    /// <summary>How often a stream asks again whether the viewer may still see it.</summary>
    public static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(30);

    /// <summary>Streams an experiment to somebody with an account.</summary>
    /// <param name="experimentId">Which.</param>
    /// <param name="since">The number of the last event that the viewer knows; 0 for all.</param>
    public IAsyncEnumerable<LiveMessage> Watch(Guid experimentId, long since, CancellationToken cancellation) =>
        StreamAsync(
            async again => Context.User is { } viewer && await rights.MaySeeAsync(viewer, experimentId, again) ? experimentId : null, since, isPublic: false, "There is no such experiment.", cancellation);

    /// <summary>Streams the experiment that a public link opens; the stream ends when the link is revoked or expires.</summary>
    /// <param name="token">The link's.</param>
    /// <param name="since">The number of the last event that the viewer knows; 0 for all.</param>
    public IAsyncEnumerable<LiveMessage> WatchShared(string token, long since, CancellationToken cancellation) =>
        StreamAsync(async again => (await shares.ResolveAsync(token, countsAsView: false, again))?.ExperimentId, since, isPublic: true, "There is no such link, or it has ended.", cancellation);

    /// <param name="find">The experiment, if it may be seen now.</param>
    private async IAsyncEnumerable<LiveMessage> StreamAsync(
        Func<CancellationToken, Task<Guid?>> find, long since, bool isPublic, string refusal, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var id = await find(cancellation) ?? throw new HubException(refusal);
        var shown = new HashSet<int>();
        var checkedAt = time.GetTimestamp();
        using var pulse = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await using var updates = feed.WatchAsync(id, since, pulse.Token).GetAsyncEnumerator(CancellationToken.None);
        var next = updates.MoveNextAsync().AsTask();
        try
        {
            while (true)
            {
                // In quiet times too: who may no longer see it must not be told the next thing that happens.
                var left = CheckInterval - time.GetElapsedTime(checkedAt);
                var isTold = left > TimeSpan.Zero && await IsDoneWithinAsync(next, left, cancellation);
                var isRightChanged = isTold && next is { IsCompletedSuccessfully: true, Result: true } && updates.Current.Events.Any(happened => happened.Kind == EventKind.Changed);
                if (!isTold || isRightChanged)
                {
                    checkedAt = time.GetTimestamp();
                    if (await find(cancellation) != id)
                    {
                        throw new HubException("You may no longer see this experiment.");
                    }
                }

                if (isTold)
                {
                    if (!await next)
                    {
                        yield break;
                    }

                    yield return LiveMessage.Of(updates.Current, isPublic);
                    next = updates.MoveNextAsync().AsTask();
                }
            }
        }
        finally
        {
            await pulse.CancelAsync();
            await next.ContinueWith(static ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    private async Task<bool> IsDoneWithinAsync(Task task, TimeSpan atMost, CancellationToken cancellation)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var first = await Task.WhenAny(task, Task.Delay(atMost, time, over.Token));
        await over.CancelAsync();
        cancellation.ThrowIfCancellationRequested();
        return first == task;
    }
}
