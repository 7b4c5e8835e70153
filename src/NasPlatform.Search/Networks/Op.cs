using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace NasPlatform.Search.Networks;

/// <summary>
/// A primitive operation of a layer graph. The set is closed: shape inference, costs, execution and each exporter are one
/// switch over it. Composites such as a separable convolution are functions that add several primitives.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "op")]
[JsonDerivedType(typeof(Input), "input")]
[JsonDerivedType(typeof(Conv2d), "conv2d")]
[JsonDerivedType(typeof(BatchNorm), "batch_norm")]
[JsonDerivedType(typeof(Activation), "activation")]
[JsonDerivedType(typeof(MaxPool), "max_pool")]
[JsonDerivedType(typeof(AvgPool), "avg_pool")]
[JsonDerivedType(typeof(GlobalAvgPool), "global_avg_pool")]
[JsonDerivedType(typeof(Linear), "linear")]
[JsonDerivedType(typeof(Add), "add")]
[JsonDerivedType(typeof(Concat), "concat")]
[JsonDerivedType(typeof(Pad), "pad")]
[JsonDerivedType(typeof(Crop), "crop")]
[JsonDerivedType(typeof(Slice), "slice")]
[JsonDerivedType(typeof(Flatten), "flatten")]
[JsonDerivedType(typeof(Scale), "scale")]
[JsonDerivedType(typeof(Zero), "zero")]
[JsonDerivedType(typeof(Dropout), "dropout")]
[JsonDerivedType(typeof(DropPath), "drop_path")]
[JsonDerivedType(typeof(Embedding), "embedding")]
[JsonDerivedType(typeof(TiedLinear), "tied_linear")]
[JsonDerivedType(typeof(ToSequence), "to_sequence")]
[JsonDerivedType(typeof(LastStep), "last_step")]
[JsonDerivedType(typeof(Multiply), "multiply")]
[JsonDerivedType(typeof(Lerp), "lerp")]
[JsonDerivedType(typeof(Mean), "mean")]
[JsonDerivedType(typeof(Recurrent), "recurrent")]
[JsonDerivedType(typeof(Mix), "mix")]
[JsonDerivedType(typeof(HighwayMix), "highway_mix")]
public abstract record Op
{
    /// <summary>What <see cref="ActivationKind.LeakyRelu"/> multiplies negative values by.</summary>
    public const double LeakySlope = 0.1;

    private Op()
    {
    }

    /// <summary>The batch of examples: images, normalised; series; rows; token numbers. In a recurrent cell what a step is given.</summary>
    public sealed record Input : Op;

    /// <summary>
    /// Cross-correlation, zero-padded on both sides alike. Weights <c>[OutChannels, in / Groups, Kernel]</c>;
    /// output side <c>⌊(in + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1</c>.
    /// </summary>
    public sealed record Conv2d(int OutChannels, Extent Kernel, Extent Stride, Extent Padding, Extent Dilation, int Groups, bool Bias) : Op;

    /// <summary>
    /// Batch normalisation over the channel with scale and shift, or without (not <paramref name="Affine"/>); <paramref name="Momentum"/> is libtorch's, the weight of the new value.
    /// </summary>
    public sealed record BatchNorm(double Epsilon = 1e-5, double Momentum = 0.1, bool Affine = true) : Op;

    /// <summary>An elementwise function.</summary>
    public sealed record Activation(ActivationKind Kind) : Op;

    /// <summary>The largest value under the window; padding never wins.</summary>
    public sealed record MaxPool(Extent Kernel, Extent Stride, Extent Padding) : Op;

    /// <summary>The mean under the window, padding excluded from the count, as darts, NAS-Bench-201 and TensorFlow have it.</summary>
    public sealed record AvgPool(Extent Kernel, Extent Stride, Extent Padding) : Op;

    /// <summary>The mean over height and width: an image becomes a vector.</summary>
    public sealed record GlobalAvgPool : Op;

    /// <summary>A full layer on a vector, or on each step of a sequence.</summary>
    public sealed record Linear(int OutFeatures, bool Bias = true) : Op;

    /// <summary>The sum of two or more inputs of one shape.</summary>
    public sealed record Add : Op;

    /// <summary>Inputs of equal height and width, or steps, joined along the channels, in order.</summary>
    public sealed record Concat : Op;

    /// <summary>Zeros around an image.</summary>
    public sealed record Pad(int Top, int Left, int Bottom, int Right) : Op;

    /// <summary>An image without some of its outer rows and columns.</summary>
    public sealed record Crop(int Top, int Left, int Bottom, int Right) : Op;

    /// <summary>Some consecutive channels of an image or features of a vector or of each step of a sequence.</summary>
    public sealed record Slice(int Start, int Count) : Op;

    /// <summary>All numbers of an image as a vector, channel by channel, row by row.</summary>
    public sealed record Flatten : Op;

    /// <summary>The first input, an image, each channel times its number in the second, a vector: the gate of squeeze-and-excitation.</summary>
    public sealed record Scale : Op;

    /// <summary>Zeros of the input's shape: the operation <c>none</c>.</summary>
    public sealed record Zero : Op;

    /// <summary>
    /// Each number is zeroed with <paramref name="Probability"/> in training and the rest scaled up; identity in evaluation. In a recurrent cell one mask serves all steps of a sequence (Gal
    /// &amp; Ghahramani 2016, arXiv 1512.05287).
    /// </summary>
    /// <param name="Probability">Of each number.</param>
    /// <param name="IsLocked">On a sequence: one mask for all its steps.</param>
    /// <param name="Mask">In a recurrent cell: dropouts that give one name here share a mask; null for a mask of its own.</param>
    public sealed record Dropout(double Probability, bool IsLocked = false, string? Mask = null) : Op;

    /// <summary>
    /// The whole input of an example is zeroed with <paramref name="Probability"/> in training and else scaled up; identity in evaluation. The probability is the one at the
    /// training's end: a trainer lets it grow from 0.
    /// </summary>
    public sealed record DropPath(double Probability) : Op;

    /// <summary>
    /// For each token number its row of a matrix <c>[Count, Size]</c>: a text becomes a sequence. It alone may read a text's input. With <paramref name="DropProbability"/>, in training, the
    /// whole row of a token is zero wherever the token stands in the batch, and the others are scaled up (Gal &amp; Ghahramani 2016).
    /// </summary>
    public sealed record Embedding(int Count, int Size, double DropProbability = 0) : Op;

    /// <summary>
    /// A full layer whose matrix is an embedding's, with a bias of its own (Press &amp; Wolf 2017, arXiv 1608.05859): the first input, of the embedding's size, gives a number for each token. The
    /// second is the embedding layer, of which it takes the weights alone.
    /// </summary>
    public sealed record TiedLinear : Op;

    /// <summary>An image of one row as a sequence, its columns the steps.</summary>
    public sealed record ToSequence : Op;

    /// <summary>The last step of a sequence, a vector.</summary>
    public sealed record LastStep : Op;

    /// <summary>The product, number by number, of two or more inputs of one shape.</summary>
    public sealed record Multiply : Op;

    /// <summary>Of three inputs of one shape, a gate and two values: <c>from + gate · (to − from)</c>, for a gate of 0 to 1 what lies between.</summary>
    public sealed record Lerp : Op;

    /// <summary>The mean, number by number, of two or more inputs of one shape.</summary>
    public sealed record Mean : Op;

    /// <summary>Runs a cell over the steps of a sequence, from a state of zeros on: the sequence of its first state after each step.</summary>
    public sealed record Recurrent(RecurrentCell Cell) : Op;

    /// <summary>
    /// The sum of two or more inputs of one shape, each times its share: the softmax of a row of architecture parameters, a number an input (Liu et al. 2019, §2.2). Zeros among the inputs have
    /// their share and add nothing.
    /// </summary>
    /// <param name="Alphas">The row's name. Mixtures of one name share the row, which is none of their weights: <see cref="Network.Alphas"/> holds it.</param>
    public sealed record Mix(string Alphas) : Op;

    /// <summary>
    /// A node of DARTS's relaxed recurrent cell (Liu et al. 2019; released code). Its inputs are the values of some earlier nodes, and then the same for the matrix to read, masked. All edges share one matrix, whose
    /// halves give a gate <c>c = σ(k·Wᶜ)</c> and a value <c>k·Wʰ</c>; the node is the sum over the edges and over <see cref="HighwayFunctions"/> of <c>k + c ⊙ (f(k·Wʰ) − k)</c>, each times its share in
    /// the softmax of the edge's row of architecture parameters, in which <c>none</c> has its share first and adds nothing. Weights <c>[2 · size, size]</c>.
    /// </summary>
    /// <param name="Alphas">What the rows' names begin with: <c>node2</c> for <c>node2/edge0</c>, <c>node2/edge1</c>, ... Nodes of one name share the rows.</param>
    public sealed record HighwayMix(string Alphas) : Op
    {
        /// <summary>What a row weighs, in the order of the released code; null for the identity.</summary>
        public static readonly ImmutableArray<ActivationKind?> HighwayFunctions = [ActivationKind.Tanh, ActivationKind.Relu, ActivationKind.Sigmoid, null];

        /// <summary>The name of an edge's row.</summary>
        /// <param name="edge">From 0.</param>
        public string Row(int edge) => $"{Alphas}/edge{edge}";
    }
}

/// <summary>The elementwise functions.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ActivationKind>))]
public enum ActivationKind
{
    Relu,

    /// <summary>Negative values times 0.1.</summary>
    LeakyRelu,
    Relu6,
    Sigmoid,
    Tanh,
    Silu,
    HardSwish,
}
