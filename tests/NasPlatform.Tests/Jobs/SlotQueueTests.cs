using NasPlatform.Web.Jobs;

namespace NasPlatform.Tests.Jobs;

public sealed class SlotQueueTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_asks_first_is_served_first_however_much_it_needs()
    {
        var queue = new SlotQueue(2);
        var held = await queue.TakeAsync(1, Cancellation);

        var all = queue.TakeAsync(2, Cancellation);
        var one = queue.TakeAsync(1, Cancellation);
        Assert.False(one.IsCompleted, "One slot is free, but who needs both came first.");
        held.Dispose();
        using (await all)
        {
            Assert.False(one.IsCompleted);
        }

        (await one).Dispose();
    }

    [Fact]
    public async Task Who_gives_up_waiting_makes_way_for_the_next()
    {
        var queue = new SlotQueue(2);
        using var held = await queue.TakeAsync(1, Cancellation);
        using var impatience = new CancellationTokenSource();
        var all = queue.TakeAsync(2, impatience.Token);
        var one = queue.TakeAsync(1, Cancellation);

        await impatience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => all);
        (await one).Dispose();
    }

    [Fact]
    public async Task More_than_there_are_counts_as_all_and_giving_back_twice_as_once()
    {
        var queue = new SlotQueue(2);
        var all = await queue.TakeAsync(64, Cancellation);
        all.Dispose();
        all.Dispose();

        using var first = await queue.TakeAsync(2, Cancellation);
        Assert.False(queue.TakeAsync(1, Cancellation).IsCompleted);
    }
}
