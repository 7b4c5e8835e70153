using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static LSTMCell LSTMCell(long inputSize, long hiddenSize, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(inputSize, hiddenSize, bias, device, dtype);
            public static GRUCell GRUCell(long inputSize, long hiddenSize, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(inputSize, hiddenSize, bias, device, dtype);
        }
    }
}

namespace TorchSharp.Modules
{
    /// <summary>
    /// One step of an LSTM: input [N, in] and state (h, c) [N, hidden] each, zeros where none is given, to the next state.
    /// weight_ih [4 hidden, in], weight_hh [4 hidden, hidden] and the biases hold the gates in, forget, cell, out.
    /// </summary>
    public sealed class LSTMCell : nn.Module<Tensor, (Tensor, Tensor)?, (Tensor, Tensor)>
    {
        [ComponentName(Name = nameof(weight_ih))] private Parameter _weightIh;
        [ComponentName(Name = nameof(weight_hh))] private Parameter _weightHh;
        [ComponentName(Name = nameof(bias_ih))] private Parameter? _biasIh;
        [ComponentName(Name = nameof(bias_hh))] private Parameter? _biasHh;

        internal LSTMCell(long inputSize, long hiddenSize, bool bias, Device? device, ScalarType? dtype) : base(nameof(LSTMCell))
        {
            (_weightIh, _weightHh, _biasIh, _biasHh) = RecurrentWeights.Create(4, inputSize, hiddenSize, bias, device, dtype);
            RegisterComponents();
        }

        public Parameter weight_ih
        {
            get => _weightIh;
            set => ConditionallyRegisterParameter(nameof(weight_ih), _weightIh = value);
        }

        public Parameter weight_hh
        {
            get => _weightHh;
            set => ConditionallyRegisterParameter(nameof(weight_hh), _weightHh = value);
        }

        public Parameter? bias_ih
        {
            get => _biasIh;
            set => ConditionallyRegisterParameter(nameof(bias_ih), _biasIh = value);
        }

        public Parameter? bias_hh
        {
            get => _biasHh;
            set => ConditionallyRegisterParameter(nameof(bias_hh), _biasHh = value);
        }

        public override (Tensor, Tensor) forward(Tensor input, (Tensor, Tensor)? h0_c0)
        {
            using Tensor? zero = h0_c0 is null ? zeros([.. input.shape[..^1], _weightHh.size(1)], input.dtype, input.device) : null;
            (Tensor h, Tensor c) = h0_c0 ?? (zero!, zero!); // one of the two is there, see above
            Native.nas_lstm_cell(input, h, c, _weightIh, _weightHh, _biasIh, _biasHh, out Tensor newH, out Tensor newC);
            return (newH, newC);
        }

        public new (Tensor, Tensor) call(Tensor input, (Tensor, Tensor)? h0_c0 = null) => base.call(input, h0_c0);
    }

    /// <summary>
    /// One step of a GRU: input [N, in] and state [N, hidden], zeros where none is given, to the next state.
    /// weight_ih [3 hidden, in], weight_hh [3 hidden, hidden] and the biases hold the gates reset, update, new.
    /// </summary>
    public sealed class GRUCell : nn.Module<Tensor, Tensor, Tensor>
    {
        [ComponentName(Name = nameof(weight_ih))] private Parameter _weightIh;
        [ComponentName(Name = nameof(weight_hh))] private Parameter _weightHh;
        [ComponentName(Name = nameof(bias_ih))] private Parameter? _biasIh;
        [ComponentName(Name = nameof(bias_hh))] private Parameter? _biasHh;

        internal GRUCell(long inputSize, long hiddenSize, bool bias, Device? device, ScalarType? dtype) : base(nameof(GRUCell))
        {
            (_weightIh, _weightHh, _biasIh, _biasHh) = RecurrentWeights.Create(3, inputSize, hiddenSize, bias, device, dtype);
            RegisterComponents();
        }

        public Parameter weight_ih
        {
            get => _weightIh;
            set => ConditionallyRegisterParameter(nameof(weight_ih), _weightIh = value);
        }

        public Parameter weight_hh
        {
            get => _weightHh;
            set => ConditionallyRegisterParameter(nameof(weight_hh), _weightHh = value);
        }

        public Parameter? bias_ih
        {
            get => _biasIh;
            set => ConditionallyRegisterParameter(nameof(bias_ih), _biasIh = value);
        }

        public Parameter? bias_hh
        {
            get => _biasHh;
            set => ConditionallyRegisterParameter(nameof(bias_hh), _biasHh = value);
        }

        public override Tensor forward(Tensor input, Tensor? h0 = null)
        {
            using Tensor? zero = h0 is null ? zeros([.. input.shape[..^1], _weightHh.size(1)], input.dtype, input.device) : null;
            return Native.nas_gru_cell(input, h0 ?? zero!, _weightIh, _weightHh, _biasIh, _biasHh); // one of the two is there, see above
        }
    }

    /// <summary>The four parameters of a recurrent layer, uniform within ±1/√hidden.</summary>
    internal static class RecurrentWeights
    {
        internal static (Parameter weightIh, Parameter weightHh, Parameter? biasIh, Parameter? biasHh) Create(
            long gates, long inputSize, long hiddenSize, bool bias, Device? device, ScalarType? dtype)
        {
            double bound = hiddenSize > 0 ? 1 / Math.Sqrt(hiddenSize) : 0;
            Parameter Uniform(params long[] shape) => new(empty(shape, dtype, device).uniform_(-bound, bound));
            return (Uniform(gates * hiddenSize, inputSize), Uniform(gates * hiddenSize, hiddenSize),
                bias ? Uniform(gates * hiddenSize) : null, bias ? Uniform(gates * hiddenSize) : null);
        }
    }
}
