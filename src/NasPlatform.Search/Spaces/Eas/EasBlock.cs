using System.Globalization;
using System.Numerics;

namespace NasPlatform.Search.Spaces.Eas;

/// <summary>What can be decided about the layers of a block.</summary>
/// <param name="Word">What a layer's text begins with: <c>conv</c>, <c>fc</c>, <c>g</c>.</param>
/// <param name="Count">How many layers, at least 1.</param>
/// <param name="Width">Filters, units or growth: the list of levels.</param>
/// <param name="Kernel">Sides of the kernel; null where layers have none to be chosen.</param>
public sealed record EasBlock(string Word, Choice Count, Choice Width, Choice? Kernel)
{
    /// <summary>Most layers.</summary>
    public int MostLayers => Count.Options.Length;

    public int Widest => Width.Options.Length - 1;

    public int Kernels => Kernel?.Options.Length ?? 1;

    /// <summary>How many different blocks there are: <c>Σ oⁿ</c> for n = 1 to the most layers, with o different layers.</summary>
    public BigInteger Size
    {
        get
        {
            BigInteger layers = Width.Options.Length * Kernels;
            return layers.IsOne ? MostLayers : layers * (BigInteger.Pow(layers, MostLayers) - 1) / (layers - 1);
        }
    }

    /// <summary>Filters, units or growth of a layer.</summary>
    public int WidthOf(EasLayer layer) => Number(Width, layer.Width);

    /// <summary>The side of a layer's kernel.</summary>
    public int KernelOf(EasLayer layer) => Kernel is null ? 1 : Number(Kernel, layer.Kernel);

    private static int Number(Choice choice, int option) => int.Parse(choice.Options[option], CultureInfo.InvariantCulture);
}

/// <summary>One layer of a block.</summary>
/// <param name="Width">The place of its width in the list of levels.</param>
/// <param name="Kernel">The place of its kernel's side in the list; 0 where it has none.</param>
public readonly record struct EasLayer(int Width, int Kernel);
