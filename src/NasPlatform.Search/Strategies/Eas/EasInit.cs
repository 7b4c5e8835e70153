using System.Numerics;
using NasPlatform.Search.Strategies.Controllers;

namespace NasPlatform.Search.Strategies.Eas;

/// <summary>
/// How the weights of policies that read networks begin: embeddings uniform in ±√3, forget gates with a bias of 1, as TensorFlow's; other weights uniform in ±√(6 / (rows + columns)), of which the papers say
/// nothing. Biases begin at 0.
/// </summary>
internal static class EasInit
{
    public static void DrawEmbedding<T>(Parameter<T> embedding, RandomSource init)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => embedding.Draw(init.Split(embedding.Name), Math.Sqrt(3));

    public static void Draw<T>(LstmLayer<T> layer, RandomSource init)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        DrawWeight(layer.Parameters[0], init);
        DrawWeight(layer.Parameters[1], init);
        var bias = layer.Parameters[2];
        for (var unit = 0; unit < bias.Columns / 4; unit++)
        {
            bias.Values[bias.Place(0, (bias.Columns / 4) + unit)] = T.One; // gates are input, forget, value, output
        }
    }

    public static void Draw<T>(SoftmaxHead<T> head, RandomSource init)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => DrawWeight(head.Weight, init);

    private static void DrawWeight<T>(Parameter<T> weight, RandomSource init)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => weight.Draw(init.Split(weight.Name), Math.Sqrt(6.0 / (weight.Rows + weight.Columns)));
}
