using static TorchSharp.torch;

namespace TorchSharp.Modules;

public interface IParameterLessModule;

/// <summary>A module that is a function: it has no parts.</summary>
public abstract class ParameterLessModule<T1, TResult> : nn.Module<T1, TResult>, IParameterLessModule
{
    protected ParameterLessModule(string name) : base(name)
    {
    }

    public override void register_buffer(string name, Tensor tensor, bool persistent = true) => throw NoParts();
    public override void register_module(string name, nn.Module? submodule) => throw NoParts();
    public override void register_parameter(string name, Parameter? param) => throw NoParts();

    private InvalidOperationException NoParts() => new($"{GetName()} has no parameters, buffers or modules.");
}
