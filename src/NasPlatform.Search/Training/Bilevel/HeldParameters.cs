using TorchSharp.Modules;

namespace NasPlatform.Search.Training.Bilevel;

/// <summary>
/// Parameters that are constants until this is disposed: passes begun meanwhile neither compute their gradients nor keep what those would need, which for architecture parameters is every branch's output.
/// </summary>
internal sealed class HeldParameters : IDisposable
{
    private readonly IReadOnlyList<Parameter> _parameters;

    public HeldParameters(IReadOnlyList<Parameter> parameters)
    {
        _parameters = parameters;
        SetTrainable(false);
    }

    public void Dispose() => SetTrainable(true);

    private void SetTrainable(bool isTrainable)
    {
        foreach (var parameter in _parameters)
        {
            parameter.requires_grad = isTrainable;
        }
    }
}
