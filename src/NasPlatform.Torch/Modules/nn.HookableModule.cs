namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>A module that lets others see, and change, what goes in and comes out.</summary>
        public class HookableModule<TPreHook, TPostHook> : Module where TPreHook : Delegate where TPostHook : Delegate
        {
            private Dictionary<string, TPreHook>? _before;
            private Dictionary<string, TPostHook>? _after;
            private int _hooks;

            protected HookableModule(string name) : base(name)
            {
            }

            /// <summary>Calls the hook with the input before each forward pass; what it gives, if anything, is the input then.</summary>
            public HookRemover register_forward_pre_hook(TPreHook hook) => Registered(_before ??= [], hook);

            /// <summary>Calls the hook with input and output after each forward pass; what it gives, if anything, is the output then.</summary>
            public HookRemover register_forward_hook(TPostHook hook) => Registered(_after ??= [], hook);

            internal IEnumerable<TPreHook> Before => _before is null ? [] : _before.Values;
            internal IEnumerable<TPostHook> After => _after is null ? [] : _after.Values;
            internal bool HasHooks => _before is { Count: > 0 } || _after is { Count: > 0 };

            private HookRemover Registered<T>(Dictionary<string, T> hooks, T hook)
            {
                string key = (++_hooks).ToString();
                hooks.Add(key, hook);
                return new HookRemover(this, key);
            }

            /// <summary>Takes a hook away again.</summary>
            public class HookRemover(HookableModule<TPreHook, TPostHook> module, string key)
            {
                public void remove()
                {
                    module._before?.Remove(key);
                    module._after?.Remove(key);
                }
            }
        }
    }
}
