using NasPlatform.Search.Networks;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace NasPlatform.Search.Training;

/// <summary>The momentum of an SGD optimiser in a safetensors file: <c>momentum/</c> and the parameter's name.</summary>
internal static class MomentumState
{
    private const string Prefix = "momentum/";

    /// <param name="optimiser">Whose momentum.</param>
    /// <param name="parameters">Its parameters with their names, in its order.</param>
    public static IEnumerable<TensorEntry> Save(SGD optimiser, IEnumerable<(string Name, Parameter Parameter)> parameters) =>
        States(optimiser, parameters).Where(state => state.State.momentum_buffer is not null)
            .Select(state => WeightFile.Entry(Prefix + state.Name, state.State.momentum_buffer!)); // not null: asked for just now

    public static void Load(SafetensorsFile file, SGD optimiser, IEnumerable<(string Name, Parameter Parameter)> parameters)
    {
        using var _ = no_grad();
        foreach (var (name, parameter, state) in States(optimiser, parameters))
        {
            if (file.Contains(Prefix + name))
            {
                using var value = WeightFile.Read(file, Prefix + name);
                state.momentum_buffer = zeros_like(parameter).copy_(value).DetachFromDisposeScope();
            }
        }
    }

    /// <summary>The optimiser's live states; it keeps them in the order of its parameters.</summary>
    private static IEnumerable<(string Name, Parameter Parameter, SGD.State State)> States(SGD optimiser, IEnumerable<(string Name, Parameter Parameter)> parameters) =>
        parameters.Zip(optimiser.state_dict().State, (entry, state) => (entry.Name, entry.Parameter, (SGD.State)state));
}
