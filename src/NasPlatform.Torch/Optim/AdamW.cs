using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class optim
        {
            public static AdamW AdamW(IEnumerable<Parameter> parameters, double lr = 0.001, double beta1 = 0.9, double beta2 = 0.999, double eps = 1E-08, double weight_decay = 0, bool amsgrad = false, bool maximize = false) =>
                new(parameters, lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);

            public static AdamW AdamW(IEnumerable<(string name, Parameter parameter)> parameters, double lr = 0.001, double beta1 = 0.9, double beta2 = 0.999, double eps = 1E-08, double weight_decay = 0, bool amsgrad = false, bool maximize = false) =>
                new(parameters.Select(named => named.parameter), lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);

            public static AdamW AdamW(IEnumerable<AdamW.ParamGroup> parameters, double lr = 0.001, double beta1 = 0.9, double beta2 = 0.999, double eps = 1E-08, double weight_decay = 0, bool amsgrad = false, bool maximize = false) =>
                new(parameters, lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);
        }
    }
}

namespace TorchSharp.Modules
{
    /// <summary>Loshchilov and Hutter, "Decoupled weight decay regularization" (2019): Adam that shrinks the weights themselves.</summary>
    public class AdamW : OptimizerHelper, IBetas
    {
        private readonly Options _defaults;

        public AdamW(IEnumerable<Parameter> parameters, double lr = 0.001, double beta1 = 0.9, double beta2 = 0.999, double eps = 1E-08, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
            : this([new ParamGroup { Parameters = [.. parameters] }], lr, beta1, beta2, eps, weight_decay, amsgrad, maximize)
        {
        }

        public AdamW(IEnumerable<ParamGroup> parameters, double lr = 0.001, double beta1 = 0.9, double beta2 = 0.999, double eps = 1E-08, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
        {
            if (lr < 0) throw new ArgumentException($"Invalid learning rate: {lr}");
            if (beta1 is < 0 or >= 1) throw new ArgumentException($"Invalid beta1 value: {beta1}");
            if (beta2 is < 0 or >= 1) throw new ArgumentException($"Invalid beta2 value: {beta2}");
            if (eps < 0) throw new ArgumentException($"Invalid eps value: {eps}");
            if (weight_decay < 0) throw new ArgumentException($"Invalid weight_decay value: {weight_decay}");
            _defaults = new Options { LearningRate = lr, beta1 = beta1, beta2 = beta2, eps = eps, weight_decay = weight_decay, amsgrad = amsgrad, maximize = maximize };
            AddGroups(parameters);
        }

        public (double, double) Betas
        {
            get => (_defaults.beta1.GetValueOrDefault(), _defaults.beta2.GetValueOrDefault());
            set
            {
                (_defaults.beta1, _defaults.beta2) = value;
                foreach (ParamGroup group in Groups.Cast<ParamGroup>()) group.Betas = value;
            }
        }

        public override void add_param_group(Modules.ParamGroup param_group)
        {
            Options options = (Options?)param_group.Options ?? new Options();
            options.LearningRate ??= _defaults.LearningRate;
            options.InitialLearningRate = options.LearningRate!.Value; // set in the line above
            options.beta1 ??= _defaults.beta1;
            options.beta2 ??= _defaults.beta2;
            options.eps ??= _defaults.eps;
            options.weight_decay ??= _defaults.weight_decay;
            options.amsgrad ??= _defaults.amsgrad;
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
            public double? beta1;
            public double? beta2;
            public double? eps;
            public double? weight_decay;
            public bool? amsgrad;
            public bool? maximize;

            public override void LoadStateDict(OptimizerOptions source)
            {
                base.LoadStateDict(source);
                Options other = (Options)source;
                (beta1, beta2, eps, weight_decay, amsgrad, maximize) = (other.beta1, other.beta2, other.eps, other.weight_decay, other.amsgrad, other.maximize);
            }
        }

        /// <summary>Running averages of gradients and of their squares; they are made at the first step.</summary>
        public sealed class State : OptimizerState
        {
            public long step;
            public Tensor? exp_avg;
            public Tensor? exp_avg_sq;
            public Tensor? max_exp_avg_sq;

            public State(Parameter parameter) : base(parameter)
            {
            }

            public override void Initialize(OptimizerOptions options)
            {
                exp_avg ??= ZerosLikeParameter();
                exp_avg_sq ??= ZerosLikeParameter();
                if (((Options)options).amsgrad == true) max_exp_avg_sq ??= ZerosLikeParameter();
            }

            public override void LoadStateDict(OptimizerState source)
            {
                State other = (State)source;
                step = other.step;
                Copy(ref exp_avg, other.exp_avg);
                Copy(ref exp_avg_sq, other.exp_avg_sq);
                Copy(ref max_exp_avg_sq, other.max_exp_avg_sq);
            }

            public override void to(Device device)
            {
                Move(ref exp_avg, device);
                Move(ref exp_avg_sq, device);
                Move(ref max_exp_avg_sq, device);
            }

            public override bool ApproximatelyEquals(OptimizerState other) => other is State state && step == state.step
                && Close(exp_avg, state.exp_avg) && Close(exp_avg_sq, state.exp_avg_sq) && Close(max_exp_avg_sq, state.max_exp_avg_sq);

            internal override void Free()
            {
                exp_avg?.Dispose();
                exp_avg_sq?.Dispose();
                max_exp_avg_sq?.Dispose();
            }
        }

        public class ParamGroup : ParamGroup<Options>, IBetas
        {
            public ParamGroup()
            {
            }

            public ParamGroup(IEnumerable<Parameter> parameters, Options options) : base(parameters, options)
            {
            }

            public ParamGroup(IEnumerable<Parameter> parameters, double lr = 0.001, double beta1 = 0.9, double beta2 = 0.999, double eps = 1E-08, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
                : base(parameters, new Options { LearningRate = lr, beta1 = beta1, beta2 = beta2, eps = eps, weight_decay = weight_decay, amsgrad = amsgrad, maximize = maximize })
            {
            }

            public (double, double) Betas
            {
                get => (Options.beta1.GetValueOrDefault(), Options.beta2.GetValueOrDefault());
                set => (Options.beta1, Options.beta2) = value;
            }
        }

        private static void Step(Modules.ParamGroup group, OptimizerState[] states)
        {
            Options options = (Options)group.Options;
            bool amsgrad = options.amsgrad.GetValueOrDefault();
            foreach (State state in states.Cast<State>()) state.Initialize(options);
            TensorList parameters = TensorList.Of(group.Parameters);
            TensorList averages = TensorList.Of(Array.ConvertAll(states, state => ((State)state).exp_avg));
            TensorList squares = TensorList.Of(Array.ConvertAll(states, state => ((State)state).exp_avg_sq));
            TensorList largest = TensorList.Of(amsgrad ? Array.ConvertAll(states, state => ((State)state).max_exp_avg_sq) : []);
            long[] steps = Array.ConvertAll(states, state => ((State)state).step);
            Native.nas_adam_step(parameters, parameters.Count, averages, squares, largest, steps, new Native.AdamOptions
            {
                LearningRate = options.LearningRate.GetValueOrDefault(),
                Beta1 = options.beta1.GetValueOrDefault(),
                Beta2 = options.beta2.GetValueOrDefault(),
                Epsilon = options.eps.GetValueOrDefault(),
                WeightDecay = options.weight_decay.GetValueOrDefault(),
                Decoupled = true,
                Maximize = options.maximize.GetValueOrDefault(),
            });
            for (int i = 0; i < states.Length; i++) ((State)states[i]).step = steps[i];
        }
    }
}
