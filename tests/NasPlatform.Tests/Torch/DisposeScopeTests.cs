using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Tests.Torch;

public sealed class DisposeScopeTests : TorchTest
{
    [Fact]
    public void A_scope_disposes_what_was_made_in_it()
    {
        Tensor inner;
        using (DisposeScope scope = NewDisposeScope())
        {
            inner = ones(2) + 1;
            Assert.Equal(2, scope.DisposablesCount);
            Assert.True(scope.Contains(inner));
        }
        Assert.True(inner.IsInvalid);
    }

    [Fact]
    public void Tensors_move_out_one_scope_at_a_time()
    {
        Tensor kept, detached, both;
        using (NewDisposeScope())
        {
            using (DisposeScope inner = NewDisposeScope())
            {
                kept = ones(2).MoveToOuterDisposeScope();
                detached = ones(2).DetachFromDisposeScope();
                (both, _) = inner.MoveToOuter(ones(1), ones(1));
            }
            Assert.False(kept.IsInvalid);
            Assert.False(both.IsInvalid);
        }
        Assert.True(kept.IsInvalid);
        Assert.True(both.IsInvalid);
        Assert.False(detached.IsInvalid);
        detached.Dispose();
    }

    [Fact]
    public void A_scope_can_be_emptied_but_for_some()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor a = ones(1), b = ones(1);
        scope.DisposeEverythingBut(a);
        Assert.False(a.IsInvalid);
        Assert.True(b.IsInvalid);
        Assert.Equal(1, scope.DisposablesCount);
        scope.DisposeEverything();
        Assert.True(a.IsInvalid);
    }

    [Fact]
    public void A_tensor_disposed_by_hand_leaves_its_scope()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor a = ones(1);
        a.Dispose();
        Assert.Equal(0, scope.DisposablesCount);
    }

    [Fact]
    public void A_tensor_can_be_attached_and_follow_another()
    {
        Tensor attached, follower;
        Tensor free = ones(1).DetachFromDisposeScope();
        using (DisposeScope outer = NewDisposeScope())
        {
            Tensor leader = ones(1);
            outer.Attach(free);
            attached = free;
            using (NewDisposeScope()) follower = ones(1).MoveToOtherDisposeScope(leader);
            Assert.False(follower.IsInvalid);
        }
        Assert.True(attached.IsInvalid);
        Assert.True(follower.IsInvalid);
    }

    [Fact]
    public void Tensors_leave_in_any_order_and_others_stay()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] tensors = [.. Enumerable.Range(0, 10).Select(i => tensor((long)i))];
        foreach (int i in new[] { 3, 9, 0, 8, 5 }) tensors[i].Dispose();
        Assert.Equal(5, scope.DisposablesCount);
        Assert.All(new[] { 1, 2, 4, 6, 7 }, i => Assert.True(scope.Contains(tensors[i])));
        scope.Detach(tensors[2], tensors[7]);
        scope.DisposeEverything();
        Assert.Equal([2, 7], Enumerable.Range(0, 10).Where(i => !tensors[i].IsInvalid));
        tensors[2].Dispose();
        tensors[7].Dispose();
    }

    [Fact]
    public void Other_disposables_are_kept_once_and_disposed()
    {
        Counter counter = new();
        using (DisposeScope scope = NewDisposeScope())
        {
            scope.Attach(counter);
            scope.Attach(counter);
            Assert.Equal(1, scope.DisposablesCount);
        }
        Assert.Equal(1, counter.Disposals);
    }

    [Fact]
    public void A_scope_closed_out_of_turn_leaves_the_others()
    {
        using DisposeScope outer = NewDisposeScope();
        DisposeScope middle = NewDisposeScope();
        using DisposeScope inner = NewDisposeScope();
        middle.Dispose();
        Tensor kept = ones(1).MoveToOuterDisposeScope();
        Assert.True(outer.Contains(kept));
        inner.Dispose();
        Assert.Same(outer, CurrentDisposeScope);
    }

    [Fact]
    public void Each_thread_has_its_own_scopes()
    {
        using DisposeScope mine = NewDisposeScope();
        Tensor? theirs = null;
        var thread = new Thread(() => theirs = ones(1));
        thread.Start();
        thread.Join();
        Assert.Equal(0, mine.DisposablesCount);
        mine.Dispose();
        Assert.False(theirs!.IsInvalid);
        theirs.Dispose();
    }

    [Fact]
    public void A_wrapped_expression_leaves_only_its_value()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor value = WrappedTensorDisposeScope(() => (ones(2) + 1) * 2);
        Near.Equal([4, 4], value);
        Assert.True(scope.Contains(value));
    }

    private sealed class Counter : IDisposable
    {
        internal int Disposals { get; private set; }

        public void Dispose() => Disposals++;
    }
}
