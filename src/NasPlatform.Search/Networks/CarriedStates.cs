using TorchSharp;

namespace NasPlatform.Search.Networks;

/// <summary>
/// Where a network stands in one of several texts that it reads by turns, or in one that several networks with recurrent layers alike read by turns: the states of these layers after the last batch.
/// </summary>
internal sealed class CarriedStates : IDisposable
{
    private IReadOnlyDictionary<string, torch.Tensor[]>? _states;

    /// <summary>A network's next batch is the one after that of the last <see cref="Keep"/>; the first begins with zeros.</summary>
    /// <param name="network">Carries its states (<see cref="Network.CarriesState"/>).</param>
    public void Begin(Network network)
    {
        network.ResetState();
        if (_states is not null)
        {
            network.PutStates(_states);
        }
    }

    /// <summary>A network's last batch is where this text stands.</summary>
    public void Keep(Network network)
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
