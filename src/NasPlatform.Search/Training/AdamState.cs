using NasPlatform.Search.Networks;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace NasPlatform.Search.Training;

/// <summary>What an Adam optimiser remembers, in a safetensors file: <c>mean/</c>, <c>square/</c> and <c>steps/</c> with the parameter's name.</summary>
internal static class AdamState
{
    /// <param name="optimiser">Whose memory.</param>
    /// <param name="parameters">Its parameters with their names, in its order.</param>
    public static IEnumerable<TensorEntry> Save(Adam optimiser, IEnumerable<(string Name, Parameter Parameter)> parameters) =>
        States(optimiser, parameters).Where(state => state.State.exp_avg is not null).SelectMany(state => new[]
        {
            WeightFile.Entry($"mean/{state.Name}", state.State.exp_avg!), // not null: asked for just now; they come together
            WeightFile.Entry($"square/{state.Name}", state.State.exp_avg_sq!),
            WeightFile.Entry($"steps/{state.Name}", tensor(state.State.step)),
        });

    public static void Load(SafetensorsFile file, Adam optimiser, IEnumerable<(string Name, Parameter Parameter)> parameters)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        foreach (var (name, parameter, state) in States(optimiser, parameters))
        {
            if (file.Contains($"mean/{name}"))
            {
                state.exp_avg = zeros_like(parameter).copy_(WeightFile.Read(file, $"mean/{name}")).DetachFromDisposeScope();
                state.exp_avg_sq = zeros_like(parameter).copy_(WeightFile.Read(file, $"square/{name}")).DetachFromDisposeScope();
                state.step = BitConverter.ToInt64(file.Bytes($"steps/{name}"));
            }
        }
    }

    /// <summary>The optimiser's live states; it keeps them in the order of its parameters.</summary>
    private static IEnumerable<(string Name, Parameter Parameter, Adam.State State)> States(Adam optimiser, IEnumerable<(string Name, Parameter Parameter)> parameters) =>
        parameters.Zip(optimiser.state_dict().State, (entry, state) => (entry.Name, entry.Parameter, (Adam.State)state));
}
