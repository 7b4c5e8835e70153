using System.Globalization;
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

    /// <summary>The form of a text, for messages and help.</summary>
    public const string TextForm = "channels (1 or 3) x rows x columns / classes (2 or more), such as 3x32x32/10";

    private const int MaxSide = 16_384;
    private const int MaxClasses = 1_000_000;

    /// <summary>Reads what <see cref="ToString"/> writes: <c>3x32x32/10</c>.</summary>
    public static bool TryParse(string text, out TaskShape shape)
    {
        shape = Cifar10;
        if (text.Split('/') is [var image, var classesText]
            && image.Split('x') is [var channelsText, var heightText, var widthText]
            && Within(channelsText, 3, out var channels) && channels != 2
            && Within(heightText, MaxSide, out var height)
            && Within(widthText, MaxSide, out var width)
            && Within(classesText, MaxClasses, out var classes) && classes > 1)
        {
            shape = new(channels, height, width, classes);
            return true;
        }

        return false;

        static bool Within(string text, int most, out int value) =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= 1 && value <= most;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Channels}x{Height}x{Width}/{Classes}");

    [JsonIgnore]
    public Shape Input => Shape.Image(Channels, Height, Width);
}
