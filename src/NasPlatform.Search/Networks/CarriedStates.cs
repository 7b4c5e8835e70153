using TorchSharp;

namespace NasPlatform.Search.Networks;

/// <summary>Where a network stands in one of several texts that it reads by turns: the states of its recurrent layers after the last batch.</summary>
/// <param name="network">Carries its states (<see cref="Network.CarriesState"/>).</param>
internal sealed class CarriedStates(Network network) : IDisposable
{
    private IReadOnlyDictionary<string, torch.Tensor[]>? _states;

    /// <summary>The network's next batch is the one after that of the last <see cref="Keep"/>; the first begins with zeros.</summary>
    public void Begin()
    {
        network.ResetState();
        if (_states is not null)
        {
            network.PutStates(_states);
        }
    }

    /// <summary>The network's last batch is where this text stands.</summary>
    public void Keep()
    {
        Forget();
        _states = network.TakeStates();
    }

    /// <summary>Goes back to the text's beginning.</summary>
    public void Forget()
    {
        foreach (var state in (_states ?? new Dictionary<string, torch.Tensor[]>()).Values.SelectMany(states => states))
        {
            state.Dispose();
        }

        _states = null;
    }

    public void Dispose() => Forget();
}
