using System.Reflection;
using TorchSharp.Modules;
using TorchSharp.Utils;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>
        /// A part of a network: parameters, buffers and sub-modules under names, with TorchSharp's members and meaning.
        /// Fields of a derived class that hold parameters, tensors or modules are registered under the field's name
        /// (or its <see cref="ComponentNameAttribute"/>) by <see cref="RegisterComponents"/>. What is registered belongs
        /// to the module: it leaves its dispose scope and is disposed with the module.
        /// </summary>
        public partial class Module : IDisposable
        {
            private readonly string _name;
            private readonly OrderedMap<Parameter> _parametersByName = new();
            private readonly OrderedMap<(Tensor tensor, bool persistent)> _buffersByName = new();
            private readonly OrderedMap<Module> _modulesByName = new();
            private bool _componentsRegistered;

            protected Module(string name) => _name = name;

            public virtual string GetName() => _name;

            /// <summary>Whether the module learns: dropout drops, batch norm follows the batch.</summary>
            public bool training { get; private set; } = true;

            public virtual void train(bool train = true)
            {
                training = train;
                foreach (Module child in _modulesByName.Values) child.train(train);
            }

            public virtual void eval() => train(false);

            /// <summary>Applies a function to every sub-module and then to this one.</summary>
            public virtual Module apply(Action<Module> fn)
            {
                foreach (Module child in _modulesByName.Values) child.apply(fn);
                fn(this);
                return this;
            }

            /// <summary>Frees the gradients of all parameters, or sets them to zero where they are.</summary>
            public virtual void zero_grad(bool set_to_none = true)
            {
                TensorList list = TensorList.Of(parameters());
                Native.nas_zero_grad(list, list.Count, set_to_none);
            }

            /// <summary>Registers what the fields of the derived class hold; its constructor calls this last.</summary>
            protected virtual void RegisterComponents()
            {
                if (_componentsRegistered) return;
                _componentsRegistered = true;
                foreach (FieldInfo field in GetType().GetFields(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance))
                {
                    switch (field.GetValue(this))
                    {
                        case Module module: register_module(field.ComponentName(), module); break;
                        case Parameter parameter: register_parameter(field.ComponentName(), parameter); break;
                        case Tensor tensor: register_buffer(field.ComponentName(), tensor); break;
                    }
                }
            }

            public virtual void register_parameter(string name, Parameter? param)
            {
                if (param is null)
                {
                    _parametersByName.Remove(name);
                    return;
                }
                _parametersByName.Add(Checked(name), param, "Parameter");
                param.DetachFromDisposeScope();
            }

            /// <summary>A buffer that is not persistent is left out of the state dictionary.</summary>
            public virtual void register_buffer(string name, Tensor tensor, bool persistent = true)
            {
                _buffersByName.Add(Checked(name), (tensor, persistent), "Buffer");
                tensor.DetachFromDisposeScope();
            }

            public virtual void register_module(string name, Module? submodule)
            {
                if (submodule is null)
                {
                    _modulesByName.Remove(name);
                    return;
                }
                submodule.RegisterComponents();
                _modulesByName.Add(Checked(name), submodule, "Sub-module");
            }

            public void add_module(string name, Module module) => register_module(name, module);

            protected void ConditionallyRegisterParameter(string name, Parameter? value)
            {
                _parametersByName.Remove(name);
                if (value is not null) register_parameter(name, value);
            }

            protected void ConditionallyRegisterBuffer(string name, Tensor? value, bool persistent = true)
            {
                _buffersByName.Remove(name);
                if (value is not null) register_buffer(name, value, persistent);
            }

            private protected void ReplaceModule(string name, Module module)
            {
                module.RegisterComponents();
                _modulesByName.Replace(name, module);
            }

            protected void ClearModules() => _modulesByName.Clear();

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            protected virtual void Dispose(bool disposing)
            {
                if (!disposing) return;
                foreach ((Tensor tensor, _) in _buffersByName.Values) tensor.Dispose();
                foreach (Parameter parameter in _parametersByName.Values) parameter.Dispose();
                foreach (Module module in _modulesByName.Values) module.Dispose();
            }

            private static string Checked(string name) =>
                name.Length == 0 ? throw new ArgumentException("A part of a module needs a name.", nameof(name))
                : name.Contains('.') ? throw new ArgumentException($"The name of a part of a module can't contain \".\", got '{name}'.", nameof(name))
                : name;
        }
    }
}
