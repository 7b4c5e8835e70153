using System.Diagnostics;
using NasPlatform.Torch;

namespace NasPlatform.Search.Networks;

/// <summary>Writes a recurrent cell as the program that our kernels run.</summary>
internal static class RecurrentProgram
{
    /// <param name="cell">The cell. The weights are those of its full layers in their order, of each the matrix and then the bias.</param>
    /// <param name="maskOf">Which mask a dropout multiplies with; null where it drops nothing.</param>
    public static CellProgram Of(RecurrentCell cell, Func<Layer, int?> maskOf)
    {
        var program = new CellProgram(cell.Input.Shape.Channels, [.. cell.States.Select(state => (long)state.Before.Shape.Channels)]);
        var values = new int[cell.Layers.Length]; // what a step is given and the states come first on both sides
        var weights = 0;
        foreach (var layer in cell.Layers)
        {
            values[layer.Index] = layer.Op is Op.Input ? layer.Index : Add(layer, [.. layer.Inputs.Select(input => values[input.Index])]);
        }

        program.Finish([.. cell.States.Select(state => values[state.After.Index])]);
        return program;

        int Add(Layer layer, int[] inputs) => layer.Op switch
        {
            Op.Linear linear => program.Linear(inputs[0], linear.OutFeatures, weights++, linear.Bias ? weights++ : -1),
            Op.Activation activation => program.Curve(CurveOf(activation.Kind), inputs[0]),
            Op.Add => program.Add(inputs),
            Op.Multiply => inputs.Aggregate(program.Multiply),
            Op.Lerp => program.Lerp(inputs[0], inputs[1], inputs[2]),
            Op.Mean => program.Mean(inputs),
            Op.Concat => program.Concat(inputs),
            Op.Slice slice => program.Slice(inputs[0], slice.Start, slice.Count),
            Op.Dropout => maskOf(layer) is { } mask ? program.Mask(inputs[0], mask) : inputs[0],
            _ => throw new UnreachableException(layer.Op.GetType().Name),
        };
    }

    private static CellCurve CurveOf(ActivationKind kind) => kind switch
    {
        ActivationKind.Relu => CellCurve.Relu,
        ActivationKind.LeakyRelu => CellCurve.LeakyRelu,
        ActivationKind.Relu6 => CellCurve.Relu6,
        ActivationKind.Sigmoid => CellCurve.Sigmoid,
        ActivationKind.Tanh => CellCurve.Tanh,
        ActivationKind.Silu => CellCurve.Silu,
        ActivationKind.HardSwish => CellCurve.HardSwish,
    };
}
