using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp;

internal static partial class Native
{
    [LibraryImport(Library)] internal static partial Done nas_lstm_cell(Tensor input, Tensor h, Tensor c, Tensor weightIh, Tensor weightHh, Tensor? biasIh, Tensor? biasHh, out Tensor newH, out Tensor newC);
    [LibraryImport(Library)] internal static partial Tensor nas_gru_cell(Tensor input, Tensor h, Tensor weightIh, Tensor weightHh, Tensor? biasIh, Tensor? biasHh);
    [LibraryImport(Library)] internal static partial Done nas_lstm(Tensor input, Tensor h, Tensor c, TensorList weights, int count, Flag biases, long layers, double dropout, Flag training, Flag bidirectional, Flag batchFirst, out Tensor output, out Tensor newH, out Tensor newC);
    [LibraryImport(Library)] internal static partial Done nas_embedding_renorm_(Tensor weight, Tensor indices, double maxNorm, double normType);
}
