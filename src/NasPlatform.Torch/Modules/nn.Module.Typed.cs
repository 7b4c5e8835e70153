namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public interface IModule<T, TResult>
        {
            TResult call(T input1);
        }

        public interface IModule<T1, T2, TResult>
        {
            TResult call(T1 input1, T2 input2);
        }

        /// <summary>A module of one input.</summary>
        public abstract class Module<T, TResult> : HookableModule<Func<Module<T, TResult>, T, T>, Func<Module<T, TResult>, T, TResult, TResult>>, IModule<T, TResult>
        {
            protected Module(string name) : base(name)
            {
            }

            public abstract TResult forward(T input);

            /// <summary>The forward pass with the hooks around it.</summary>
            public TResult call(T input)
            {
                if (!HasHooks) return forward(input);
                foreach (Func<Module<T, TResult>, T, T> hook in Before) input = hook(this, input) ?? input;
                TResult result = forward(input);
                foreach (Func<Module<T, TResult>, T, TResult, TResult> hook in After) result = hook(this, input, result) ?? result;
                return result;
            }
        }

        /// <summary>A module of two inputs.</summary>
        public abstract class Module<T1, T2, TResult> : HookableModule<Func<Module<T1, T2, TResult>, T1, T2, (T1, T2)?>, Func<Module<T1, T2, TResult>, T1, T2, TResult, TResult>>, IModule<T1, T2, TResult>
        {
            protected Module(string name) : base(name)
            {
            }

            public abstract TResult forward(T1 input1, T2 input2);

            /// <summary>The forward pass with the hooks around it.</summary>
            public TResult call(T1 input1, T2 input2)
            {
                if (!HasHooks) return forward(input1, input2);
                foreach (Func<Module<T1, T2, TResult>, T1, T2, (T1, T2)?> hook in Before)
                {
                    if (hook(this, input1, input2) is var (first, second)) (input1, input2) = (first, second);
                }
                TResult result = forward(input1, input2);
                foreach (Func<Module<T1, T2, TResult>, T1, T2, TResult, TResult> hook in After) result = hook(this, input1, input2, result) ?? result;
                return result;
            }
        }
    }
}
