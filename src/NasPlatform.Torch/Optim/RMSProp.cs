using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class optim
        {
            public static RMSProp RMSProp(IEnumerable<Parameter> parameters, double lr = 0.01, double alpha = 0.99, double eps = 1E-08, double weight_decay = 0, double momentum = 0, bool centered = false, bool maximize = false) =>
                new(parameters, lr, alpha, eps, weight_decay, momentum, centered, maximize);

            public static RMSProp RMSProp(IEnumerable<(string name, Parameter parameter)> parameters, double lr = 0.01, double alpha = 0.99, double eps = 1E-08, double weight_decay = 0, double momentum = 0, bool centered = false, bool maximize = false) =>
                new(parameters.Select(named => named.parameter), lr, alpha, eps, weight_decay, momentum, centered, maximize);

            public static RMSProp RMSProp(IEnumerable<RMSProp.ParamGroup> parameters, double lr = 0.01, double alpha = 0.99, double eps = 1E-08, double weight_decay = 0, double momentum = 0, bool centered = false, bool maximize = false) =>
                new(parameters, lr, alpha, eps, weight_decay, momentum, centered, maximize);
        }
    }
}

namespace TorchSharp.Modules
{
    /// <summary>Tieleman and Hinton's RMSProp (Coursera, lecture 6.5, 2012), centered (Graves 2013) and with momentum if asked.</summary>
    public class RMSProp : OptimizerHelper, IMomentum
    {
        private readonly Options _defaults;

        public RMSProp(IEnumerable<Parameter> parameters, double lr = 0.001, double alpha = 0.99, double eps = 1E-08, double weight_decay = 0, double momentum = 0, bool centered = false, bool maximize = false)
            : this([new ParamGroup { Parameters = [.. parameters] }], lr, alpha, eps, weight_decay, momentum, centered, maximize)
        {
        }

        public RMSProp(IEnumerable<ParamGroup> parameters, double lr = 0.001, double alpha = 0.99, double eps = 1E-08, double weight_decay = 0, double momentum = 0, bool centered = false, bool maximize = false)
        {
            if (lr < 0) throw new ArgumentException($"Invalid learning rate: {lr}");
            if (alpha < 0) throw new ArgumentException($"Invalid alpha: {alpha}");
            if (eps < 0) throw new ArgumentException($"Invalid eps: {eps}");
            if (momentum < 0) throw new ArgumentException($"Invalid momentum value: {momentum}");
            if (weight_decay < 0) throw new ArgumentException($"Invalid weight_decay value: {weight_decay}");
            _defaults = new Options { LearningRate = lr, alpha = alpha, eps = eps, weight_decay = weight_decay, momentum = momentum, centered = centered, maximize = maximize };
            AddGroups(parameters);
        }

        public double Momentum
        {
            get => _defaults.momentum.GetValueOrDefault();
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
            options.alpha ??= _defaults.alpha;
            options.eps ??= _defaults.eps;
            options.weight_decay ??= _defaults.weight_decay;
            options.momentum ??= _defaults.momentum;
            options.centered ??= _defaults.centered;
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
            public double? alpha;
            public double? eps;
            public double? weight_decay;
            public double? momentum;
            public bool? centered;
            public bool? maximize;

            public override void LoadStateDict(OptimizerOptions source)
            {
                base.LoadStateDict(source);
                Options other = (Options)source;
                (alpha, eps, weight_decay, momentum, centered, maximize) = (other.alpha, other.eps, other.weight_decay, other.momentum, other.centered, other.maximize);
            }
        }

        /// <summary>Running averages of the gradients' squares and, if centered, of the gradients; they are made at the first step.</summary>
        public sealed class State : OptimizerState
        {
            public long step;
            public Tensor? square_avg;
            public Tensor? grad_avg;
            public Tensor? momentum_buffer;

            public State(Parameter parameter) : base(parameter)
            {
            }

            public override void Initialize(OptimizerOptions options)
            {
                Options settings = (Options)options;
                square_avg ??= ZerosLikeParameter();
                if (settings.centered == true) grad_avg ??= ZerosLikeParameter();
                if (settings.momentum > 0) momentum_buffer ??= ZerosLikeParameter();
            }

            public override void LoadStateDict(OptimizerState source)
            {
                State other = (State)source;
                step = other.step;
                Copy(ref square_avg, other.square_avg);
                Copy(ref grad_avg, other.grad_avg);
                Copy(ref momentum_buffer, other.momentum_buffer);
            }

            public override void to(Device device)
            {
                Move(ref square_avg, device);
                Move(ref grad_avg, device);
                Move(ref momentum_buffer, device);
            }

            public override bool ApproximatelyEquals(OptimizerState other) => other is State state && step == state.step
                && Close(square_avg, state.square_avg) && Close(grad_avg, state.grad_avg) && Close(momentum_buffer, state.momentum_buffer);

            internal override void Free()
            {
                square_avg?.Dispose();
                grad_avg?.Dispose();
                momentum_buffer?.Dispose();
            }
        }

        public class ParamGroup : ParamGroup<Options>, IMomentum
        {
            public ParamGroup()
            {
            }

            public ParamGroup(IEnumerable<Parameter> parameters, Options options) : base(parameters, options)
            {
            }

            public ParamGroup(IEnumerable<Parameter> parameters, double lr = 0.001, double eps = 1E-08, double alpha = 0.99, double weight_decay = 0, double momentum = 0, bool centered = false)
                : base(parameters, new Options { LearningRate = lr, alpha = alpha, eps = eps, weight_decay = weight_decay, momentum = momentum, centered = centered })
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
            foreach (State state in states.Cast<State>()) state.Initialize(options);
            TensorList parameters = TensorList.Of(group.Parameters);
            TensorList squares = TensorList.Of(Array.ConvertAll(states, state => ((State)state).square_avg));
            TensorList means = TensorList.Of(options.centered == true ? Array.ConvertAll(states, state => ((State)state).grad_avg) : []);
            TensorList buffers = TensorList.Of(options.momentum > 0 ? Array.ConvertAll(states, state => ((State)state).momentum_buffer) : []);
            Native.nas_rmsprop_step(parameters, parameters.Count, squares, means, buffers, new Native.RmsPropOptions
            {
                LearningRate = options.LearningRate.GetValueOrDefault(),
                Alpha = options.alpha.GetValueOrDefault(),
                Epsilon = options.eps.GetValueOrDefault(),
                WeightDecay = options.weight_decay.GetValueOrDefault(),
                Momentum = options.momentum.GetValueOrDefault(),
                Maximize = options.maximize.GetValueOrDefault(),
            });
            foreach (State state in states.Cast<State>()) state.step++;
        }
    }
}
