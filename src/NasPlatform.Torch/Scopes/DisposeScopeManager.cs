using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>The dispose scopes of a thread, innermost last.</summary>
public class DisposeScopeManager
{
    [ThreadStatic] private static DisposeScope? _current;

    internal static DisposeScope? Current => _current;

    internal static DisposeScope Open() => _current = new DisposeScope(_current);

    /// <summary>Puts a new tensor into the innermost scope, if there is one.</summary>
    internal static void Register(Tensor tensor) => _current?.Include(tensor);

    /// <summary>Takes a scope out of this thread's chain, wherever in it it stands.</summary>
    internal static void Close(DisposeScope scope)
    {
        if (ReferenceEquals(scope, _current))
        {
            _current = scope.Outer;
            return;
        }
        for (DisposeScope? inner = _current; inner is not null; inner = inner.Outer)
        {
            if (ReferenceEquals(inner.Outer, scope)) inner.Outer = scope.Outer;
        }
    }
}

public static partial class torch
{
    /// <summary>
    /// Opens a scope on this thread: every tensor made until it is disposed belongs to it and is disposed with it,
    /// unless it is moved out or detached.
    /// </summary>
    public static DisposeScope NewDisposeScope() => DisposeScopeManager.Open();

    public static DisposeScope? CurrentDisposeScope => DisposeScopeManager.Current;

    /// <summary>The value of <paramref name="expr"/>; what was made on the way to it is disposed.</summary>
    public static Tensor WrappedTensorDisposeScope(Func<Tensor> expr)
    {
        using DisposeScope scope = NewDisposeScope();
        return expr().MoveToOuterDisposeScope();
    }
}
