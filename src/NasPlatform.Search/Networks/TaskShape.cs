using System.Text.Json.Serialization;

namespace NasPlatform.Search.Networks;

/// <summary>What a network is to take in and to give out.</summary>
/// <param name="Channels">Channels of an input image: 1 for grey, 3 for colour.</param>
/// <param name="Height">Rows of an input image.</param>
/// <param name="Width">Columns of an input image.</param>
/// <param name="Classes">Logits at the output, one a class.</param>
public sealed record TaskShape(int Channels, int Height, int Width, int Classes)
{
    /// <summary>CIFAR-10's shape, for which the papers print their sizes; used where decisions are walked and no dataset is named.</summary>
    public static readonly TaskShape Cifar10 = new(3, 32, 32, 10);

    [JsonIgnore]
    public Shape Input => Shape.Image(Channels, Height, Width);
}
