using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Optimisers, with PyTorch's update rules. Each step is one native call for a group of parameters.</summary>
    public static partial class optim
    {
        /// <summary>What changes parameters along their gradients.</summary>
        public abstract class Optimizer : IDisposable
        {
            private protected readonly List<ParamGroup> Groups = [];

            internal Optimizer()
            {
            }

            public virtual IEnumerable<ILearningRateController> ParamGroups => Groups;

            public virtual IEnumerable<Parameter> parameters() => Groups.SelectMany(group => group.Parameters);

            public virtual void add_param_group(ParamGroup param_group) => Groups.Add(param_group);

            /// <summary>Sets the gradients of all parameters to zero where they are.</summary>
            public virtual void zero_grad()
            {
                TensorList list = TensorList.Of(parameters());
                Native.nas_zero_grad(list, list.Count, false);
            }

            /// <summary>Changes the parameters once.</summary>
            /// <param name="closure">Computes the loss and its gradients anew, if given.</param>
            /// <returns>The loss, if a closure was given.</returns>
            public virtual Tensor? step(Func<Tensor>? closure = null)
            {
                if (closure is null) return null;
                using IDisposable _ = enable_grad();
                return closure();
            }

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            protected virtual void Dispose(bool disposing)
            {
            }

            /// <summary>Options by group and states by parameter, the optimiser's own.</summary>
            public class StateDictionary
            {
                internal StateDictionary()
                {
                }

                public List<OptimizerOptions> Options { get; } = [];
                public List<OptimizerState> State { get; } = [];
            }
        }

        /// <summary>What schedules of the learning rate steer.</summary>
        public interface ILearningRateController
        {
            double LearningRate { get; set; }
            double InitialLearningRate { get; set; }
        }

        public interface IMomentum
        {
            double Momentum { get; set; }
        }

        public interface IBetas
        {
            (double, double) Betas { get; set; }
        }
    }
}
