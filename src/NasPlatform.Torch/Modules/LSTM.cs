using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static LSTM LSTM(long inputSize, long hiddenSize, long numLayers = 1, bool bias = true, bool batchFirst = false, double dropout = 0, bool bidirectional = false, Device? device = null, ScalarType? dtype = null) =>
                new(inputSize, hiddenSize, numLayers, bias, batchFirst, dropout, bidirectional, device, dtype);
        }
    }
}

namespace TorchSharp.Modules
{
    /// <summary>
    /// Layers of LSTM over a sequence [L, N, in] ([N, L, in] with batchFirst). Parameters weight_ih_l0, weight_hh_l0, bias_ih_l0,
    /// bias_hh_l0, the same for further layers, and with _reverse for the other direction.
    /// </summary>
    public sealed class LSTM : nn.Module<Tensor, (Tensor, Tensor)?, (Tensor, Tensor, Tensor)>
    {
        private readonly long _hiddenSize;
        private readonly long _layers;
        private readonly bool _bias;
        private readonly bool _batchFirst;
        private readonly double _dropout;
        private readonly bool _bidirectional;

        internal LSTM(long inputSize, long hiddenSize, long numLayers, bool bias, bool batchFirst, double dropout, bool bidirectional, Device? device, ScalarType? dtype)
            : base(nameof(LSTM))
        {
            (_hiddenSize, _layers, _bias, _batchFirst, _dropout, _bidirectional) = (hiddenSize, numLayers, bias, batchFirst, dropout, bidirectional);
            string[] directions = bidirectional ? ["", "_reverse"] : [""];
            for (long layer = 0; layer < numLayers; layer++)
            {
                foreach (string direction in directions)
                {
                    long width = layer == 0 ? inputSize : hiddenSize * directions.Length;
                    (Parameter weightIh, Parameter weightHh, Parameter? biasIh, Parameter? biasHh) = RecurrentWeights.Create(4, width, hiddenSize, bias, device, dtype);
                    register_parameter($"weight_ih_l{layer}{direction}", weightIh);
                    register_parameter($"weight_hh_l{layer}{direction}", weightHh);
                    if (biasIh is null) continue;
                    register_parameter($"bias_ih_l{layer}{direction}", biasIh);
                    register_parameter($"bias_hh_l{layer}{direction}", biasHh);
                }
            }
        }

        /// <summary>The outputs of all steps, and the last state (h, c), [layers × directions, N, hidden] each.</summary>
        public override (Tensor, Tensor, Tensor) forward(Tensor input, (Tensor, Tensor)? h0_c0 = null)
        {
            long[] state = [_layers * (_bidirectional ? 2 : 1), input.size(_batchFirst ? 0 : 1), _hiddenSize];
            using Tensor? zero = h0_c0 is null ? zeros(state, input.dtype, input.device) : null;
            (Tensor h, Tensor c) = h0_c0 ?? (zero!, zero!); // one of the two is there, see above
            TensorList weights = TensorList.Of(parameters(false));
            Native.nas_lstm(input, h, c, weights, weights.Count, _bias, _layers, _dropout, training, _bidirectional, _batchFirst,
                out Tensor output, out Tensor newH, out Tensor newC);
            return (output, newH, newC);
        }

        public new (Tensor, Tensor, Tensor) call(Tensor input, (Tensor, Tensor)? h0_c0 = null) => base.call(input, h0_c0);
    }
}
