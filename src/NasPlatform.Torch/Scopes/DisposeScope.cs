using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>Owns what is created while it is open, and disposes it at its end. Opened by <see cref="NewDisposeScope"/>.</summary>
public sealed class DisposeScope : IDisposable
{
    // A list of the scope that was closed last on this thread, for the next one: scopes come and go with every batch.
    [ThreadStatic] private static List<IDisposable>? _spare;

    // A tensor knows its place in the list, so that it is taken out without a search.
    private readonly List<IDisposable> _disposables;
    private bool _closed;

    internal DisposeScope(DisposeScope? outer)
    {
        Outer = outer;
        _disposables = _spare ?? new List<IDisposable>(256);
        _spare = null;
    }

    internal DisposeScope? Outer { get; set; }

    public int DisposablesCount => _disposables.Count;
    public IReadOnlyList<IDisposable> DisposablesView => [.. _disposables];
    public bool Contains(IDisposable disposable) => PlaceOf(disposable) >= 0;

    /// <summary>Disposes everything in the scope and closes it; the outer scope is the current one again.</summary>
    public void Dispose()
    {
        if (_closed) return;
        DisposeEverything();
        DisposeScopeManager.Close(this);
        _closed = true;
        if (_disposables.Capacity <= 1 << 16) _spare = _disposables;
    }

    public void Attach(IDisposable disposable) => MoveInto(this, disposable);
    public void Attach(params IDisposable[] disposables) => Attach((IEnumerable<IDisposable>)disposables);
    public IReadOnlyList<IDisposable> Attach(IEnumerable<IDisposable> disposables)
    {
        IDisposable[] all = [.. disposables];
        foreach (IDisposable disposable in all) MoveInto(this, disposable);
        return all;
    }

    public T Detach<T>(T disposable) where T : IDisposable => MoveToOther(null, disposable);
    public (T1 first, T2 second) Detach<T1, T2>(T1 first, T2 second) where T1 : IDisposable where T2 : IDisposable =>
        MoveToOther(null, first, second);
    public (T1 first, T2 second, T3 third) Detach<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable => MoveToOther(null, first, second, third);
    public void Detach(params IDisposable[] disposables) => MoveToOther(null, disposables);
    public void Detach(IEnumerable<IDisposable> disposables) => MoveToOther(null, disposables);

    public T MoveToOuter<T>(T disposable) where T : IDisposable => MoveToOther(Outer, disposable);
    public (T1 first, T2 second) MoveToOuter<T1, T2>(T1 first, T2 second) where T1 : IDisposable where T2 : IDisposable =>
        MoveToOther(Outer, first, second);
    public (T1 first, T2 second, T3 third) MoveToOuter<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable => MoveToOther(Outer, first, second, third);
    public void MoveToOuter(params IDisposable[] disposables) => MoveToOther(Outer, disposables);
    public void MoveToOuter(IEnumerable<IDisposable> disposables) => MoveToOther(Outer, disposables);

    public T MoveToOther<T>(DisposeScope? scope, T disposable) where T : IDisposable
    {
        Move(scope, disposable);
        return disposable;
    }

    public (T1 first, T2 second) MoveToOther<T1, T2>(DisposeScope? scope, T1 first, T2 second)
        where T1 : IDisposable where T2 : IDisposable =>
        (MoveToOther(scope, first), MoveToOther(scope, second));

    public (T1 first, T2 second, T3 third) MoveToOther<T1, T2, T3>(DisposeScope? scope, T1 first, T2 second, T3 third)
        where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable =>
        (MoveToOther(scope, first), MoveToOther(scope, second), MoveToOther(scope, third));

    public void MoveToOther(DisposeScope? scope, params IDisposable[] disposables) =>
        MoveToOther(scope, (IEnumerable<IDisposable>)disposables);

    public void MoveToOther(DisposeScope? scope, IEnumerable<IDisposable> disposables)
    {
        foreach (IDisposable disposable in disposables) Move(scope, disposable);
    }

    public void DisposeEverything()
    {
        while (_disposables.Count > 0)
        {
            IDisposable last = _disposables[^1];
            _disposables.RemoveAt(_disposables.Count - 1);
            if (last is Tensor tensor) tensor.OwningDisposeScope = null;
            last.Dispose();
        }
    }

    public T DisposeEverythingBut<T>(T keep) where T : IDisposable
    {
        DisposeEverythingBut([keep]);
        return keep;
    }

    public (T1 first, T2 second) DisposeEverythingBut<T1, T2>(T1 first, T2 second) where T1 : IDisposable where T2 : IDisposable
    {
        DisposeEverythingBut([first, second]);
        return (first, second);
    }

    public (T1 first, T2 second, T3 third) DisposeEverythingBut<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable
    {
        DisposeEverythingBut([first, second, third]);
        return (first, second, third);
    }

    public void DisposeEverythingBut(params IDisposable[] keep) => DisposeEverythingBut((IEnumerable<IDisposable>)keep);

    public void DisposeEverythingBut(IEnumerable<IDisposable> inKeep)
    {
        IDisposable[] keep = [.. inKeep.Where(Exclude)];
        DisposeEverything();
        foreach (IDisposable disposable in keep) Include(disposable);
    }

    /// <summary>Forgets something that was disposed by other means.</summary>
    public void MarkAsDisposed(IDisposable disposable) => Exclude(disposable);

    internal void Include(IDisposable disposable)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        if (disposable is Tensor tensor)
        {
            tensor.OwningDisposeScope = this;
            tensor.PlaceInScope = _disposables.Count;
        }
        _disposables.Add(disposable);
    }

    /// <summary>Takes a tensor from wherever it is into a scope, or out of every scope.</summary>
    internal static void MoveInto(DisposeScope? scope, IDisposable disposable)
    {
        if (disposable is Tensor tensor) tensor.OwningDisposeScope?.Exclude(tensor);
        else if (scope?.Contains(disposable) == true) return;
        scope?.Include(disposable);
    }

    private void Move(DisposeScope? scope, IDisposable disposable)
    {
        Exclude(disposable);
        MoveInto(scope, disposable);
    }

    private bool Exclude(IDisposable disposable)
    {
        int place = PlaceOf(disposable);
        if (place < 0) return false;
        IDisposable last = _disposables[^1];
        _disposables[place] = last;
        if (last is Tensor moved) moved.PlaceInScope = place;
        _disposables.RemoveAt(_disposables.Count - 1);
        if (disposable is Tensor tensor) tensor.OwningDisposeScope = null;
        return true;
    }

    private int PlaceOf(IDisposable disposable) =>
        disposable is not Tensor tensor ? _disposables.FindIndex(other => ReferenceEquals(other, disposable))
        : ReferenceEquals(tensor.OwningDisposeScope, this) ? tensor.PlaceInScope
        : -1;
}
