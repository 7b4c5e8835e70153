using NasPlatform.Search.Networks;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace NasPlatform.Search.Training;

/// <summary>
/// What an optimiser remembers of its parameters, in a safetensors file: <c>momentum/</c>, the gradients' <c>mean/</c> and <c>square/</c>, and <c>steps/</c>, each with the parameter's name; of these what
/// its rule has.
/// </summary>
internal static class OptimizerMemory
{
    /// <param name="optimiser">Whose memory.</param>
    /// <param name="parameters">Its parameters with their names, in its order.</param>
    public static IEnumerable<TensorEntry> Save(OptimizerHelper optimiser, IEnumerable<(string Name, Parameter Parameter)> parameters)
    {
        foreach (var (name, _, state) in States(optimiser, parameters))
        {
            foreach (var (prefix, value, _) in TensorsOf(state))
            {
                if (value is not null)
                {
                    yield return WeightFile.Entry(prefix + name, value);
                }
            }

            if (StepsOf(state) is > 0 and var steps)
            {
                yield return WeightFile.Entry($"steps/{name}", tensor(steps));
            }
        }
    }

    public static void Load(SafetensorsFile file, OptimizerHelper optimiser, IEnumerable<(string Name, Parameter Parameter)> parameters)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        foreach (var (name, parameter, state) in States(optimiser, parameters))
        {
            foreach (var (prefix, _, put) in TensorsOf(state))
            {
                if (file.Contains(prefix + name))
                {
                    put(zeros_like(parameter).copy_(WeightFile.Read(file, prefix + name)).DetachFromDisposeScope());
                }
            }

            if (file.Contains($"steps/{name}"))
            {
                SetSteps(state, BitConverter.ToInt64(file.Bytes($"steps/{name}")));
            }
        }
    }

    /// <summary>The optimiser's live states; it keeps them in the order of its parameters.</summary>
    private static IEnumerable<(string Name, Parameter Parameter, OptimizerState State)> States(OptimizerHelper optimiser, IEnumerable<(string Name, Parameter Parameter)> parameters) =>
        parameters.Zip(optimiser.state_dict().State, (entry, state) => (entry.Name, entry.Parameter, state));

    private static (string Prefix, Tensor? Value, Action<Tensor> Put)[] TensorsOf(OptimizerState state) => state switch
    {
        SGD.State sgd => [("momentum/", sgd.momentum_buffer, value => sgd.momentum_buffer = value)],
        Adam.State adam => [("mean/", adam.exp_avg, value => adam.exp_avg = value), ("square/", adam.exp_avg_sq, value => adam.exp_avg_sq = value)],
        AdamW.State adam => [("mean/", adam.exp_avg, value => adam.exp_avg = value), ("square/", adam.exp_avg_sq, value => adam.exp_avg_sq = value)],
        RMSProp.State rms => [("square/", rms.square_avg, value => rms.square_avg = value), ("momentum/", rms.momentum_buffer, value => rms.momentum_buffer = value)],
        _ => throw new NotSupportedException($"What {state.GetType().FullName} remembers cannot be stored."),
    };

    /// <summary>Steps that were made, where the rule counts them.</summary>
    private static long? StepsOf(OptimizerState state) => state switch
    {
        Adam.State adam => adam.step,
        AdamW.State adam => adam.step,
        _ => null,
    };

    private static void SetSteps(OptimizerState state, long steps)
    {
        switch (state)
        {
            case Adam.State adam:
                adam.step = steps;
                break;
            case AdamW.State adam:
                adam.step = steps;
                break;
        }
    }
}
