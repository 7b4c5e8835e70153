using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Tests.Torch;

/// <summary>A test on tensors: one thread an operator, and everything it makes is disposed at its end.</summary>
public abstract class TorchTest : IDisposable
{
    private readonly DisposeScope _scope;

    protected TorchTest()
    {
        set_num_threads(1);
        _scope = NewDisposeScope();
    }

    public void Dispose()
    {
        _scope.Dispose();
        GC.SuppressFinalize(this);
    }
}
