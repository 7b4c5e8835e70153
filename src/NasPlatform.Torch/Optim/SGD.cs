using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class optim
        {
            public static SGD SGD(IEnumerable<Parameter> parameters, double learningRate, double momentum = 0, double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false) =>
                new(parameters, learningRate, momentum, dampening, weight_decay, nesterov, maximize);

            public static SGD SGD(IEnumerable<(string name, Parameter parameter)> parameters, double learningRate, double momentum = 0, double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false) =>
                new(parameters.Select(named => named.parameter), learningRate, momentum, dampening, weight_decay, nesterov, maximize);

            public static SGD SGD(IEnumerable<SGD.ParamGroup> parameters, double learningRate, double momentum = 0, double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false) =>
                new(parameters, learningRate, momentum, dampening, weight_decay, nesterov, maximize);
        }
    }
}

namespace TorchSharp.Modules
{
    /// <summary>Stochastic gradient descent with momentum, Nesterov's if asked, and weight decay.</summary>
    public class SGD : OptimizerHelper, IMomentum
    {
        private readonly Options _defaults;

        public SGD(IEnumerable<Parameter> parameters, double lr, double momentum = 0, double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false)
            : this([new ParamGroup { Parameters = [.. parameters] }], lr, momentum, dampening, weight_decay, nesterov, maximize)
        {
        }

        public SGD(IEnumerable<ParamGroup> parameters, double lr, double momentum = 0, double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false)
        {
            if (lr < 0) throw new ArgumentException($"Invalid learning rate: {lr}");
            if (momentum < 0) throw new ArgumentException($"Invalid momentum value: {momentum}");
            if (weight_decay < 0) throw new ArgumentException($"Invalid weight_decay value: {weight_decay}");
            if (nesterov && (momentum <= 0 || dampening != 0)) throw new ArgumentException("Nesterov momentum requires a momentum and zero dampening");
            _defaults = new Options { LearningRate = lr, momentum = momentum, dampening = dampening, weight_decay = weight_decay, nesterov = nesterov, maximize = maximize };
            AddGroups(parameters);
        }

        public double Momentum
        {
            get => _defaults.momentum!.Value; // set in the constructor
            set
            {
                _defaults.momentum = value;
                foreach (ParamGroup group in Groups.Cast<ParamGroup>()) group.Momentum = value;
            }
        }

        public override void add_param_group(Modules.ParamGroup param_group)
        {
            Options options = (Options?)param_group.Options ?? new Options();
            options.LearningRate ??= _defaults.LearningRate;
            options.InitialLearningRate = options.LearningRate!.Value; // set in the line above
            options.momentum ??= _defaults.momentum;
            options.dampening ??= _defaults.dampening;
            options.weight_decay ??= _defaults.weight_decay;
            options.nesterov ??= _defaults.nesterov;
            options.maximize ??= _defaults.maximize;
            param_group.Options = options;
            base.add_param_group(param_group);
        }

        public override Tensor? step(Func<Tensor>? closure = null) => StepAll(closure, Step);

        protected override void Dispose(bool disposing)
        {
            if (disposing) FreeStates();
            base.Dispose(disposing);
        }

        internal override OptimizerState NewState(Parameter parameter) => new State(parameter);

        public class Options : OptimizerOptions
        {
            public double? momentum;
            public double? dampening;
            public double? weight_decay;
            public bool? nesterov;
            public bool? maximize;

            public override void LoadStateDict(OptimizerOptions source)
            {
                base.LoadStateDict(source);
                Options other = (Options)source;
                (momentum, dampening, weight_decay, nesterov, maximize) = (other.momentum, other.dampening, other.weight_decay, other.nesterov, other.maximize);
            }
        }

        /// <summary>The momentum buffer is null before the first step with momentum.</summary>
        public sealed class State : OptimizerState
        {
            public Tensor? momentum_buffer;

            public State(Parameter parameter) : base(parameter)
            {
            }

            public override void Initialize(OptimizerOptions options)
            {
            }

            public override void LoadStateDict(OptimizerState source) => Copy(ref momentum_buffer, ((State)source).momentum_buffer);
            public override void to(Device device) => Move(ref momentum_buffer, device);
            public override bool ApproximatelyEquals(OptimizerState other) => Close(momentum_buffer, (other as State)?.momentum_buffer);
            internal override void Free() => momentum_buffer?.Dispose();
        }

        public class ParamGroup : ParamGroup<Options>, IMomentum
        {
            public ParamGroup()
            {
            }

            public ParamGroup(IEnumerable<Parameter> parameters, Options options) : base(parameters, options)
            {
            }

            public ParamGroup(IEnumerable<Parameter> parameters, double lr = 0.001, double momentum = 0, double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false)
                : base(parameters, new Options { LearningRate = lr, momentum = momentum, dampening = dampening, weight_decay = weight_decay, nesterov = nesterov, maximize = maximize })
            {
            }

            public double Momentum
            {
                get => Options.momentum.GetValueOrDefault();
                set => Options.momentum = value;
            }
        }

        private static void Step(Modules.ParamGroup group, OptimizerState[] states)
        {
            Options options = (Options)group.Options;
            IntPtr[] buffers = Array.ConvertAll(states, state => ((State)state).momentum_buffer?.Handle ?? IntPtr.Zero);
            TensorList parameters = TensorList.Of(group.Parameters);
            Native.nas_sgd_step(parameters, parameters.Count, buffers, new Native.SgdOptions
            {
                LearningRate = options.LearningRate.GetValueOrDefault(),
                Momentum = options.momentum.GetValueOrDefault(),
                Dampening = options.dampening.GetValueOrDefault(),
                WeightDecay = options.weight_decay.GetValueOrDefault(),
                Nesterov = options.nesterov.GetValueOrDefault(),
                Maximize = options.maximize.GetValueOrDefault(),
            });
            for (int i = 0; i < states.Length; i++)
            {
                State state = (State)states[i];
                if (state.momentum_buffer is null && buffers[i] != IntPtr.Zero) state.momentum_buffer = new Tensor(buffers[i]).DetachFromDisposeScope();
            }
        }
    }
}
