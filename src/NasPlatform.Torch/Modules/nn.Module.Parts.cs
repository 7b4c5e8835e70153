using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public partial class Module
        {
            /// <summary>Parameters by name, this module's own first; sub-modules put their name and a dot before.</summary>
            public virtual IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true)
            {
                var seen = new HashSet<Parameter>(ReferenceEqualityComparer.Instance);
                foreach ((string name, Parameter parameter) in _parametersByName)
                {
                    if (seen.Add(parameter)) yield return (name, parameter);
                }
                if (!recurse) yield break;
                foreach ((string child, Module module) in _modulesByName)
                {
                    foreach ((string name, Parameter parameter) in module.named_parameters())
                    {
                        if (seen.Add(parameter)) yield return ($"{child}.{name}", parameter);
                    }
                }
            }

            public virtual IEnumerable<(string name, Tensor buffer)> named_buffers(bool recurse = true, bool include_nonpersistent = true)
            {
                var seen = new HashSet<Tensor>(ReferenceEqualityComparer.Instance);
                foreach ((string name, (Tensor tensor, bool persistent)) in _buffersByName)
                {
                    if ((persistent || include_nonpersistent) && seen.Add(tensor)) yield return (name, tensor);
                }
                if (!recurse) yield break;
                foreach ((string child, Module module) in _modulesByName)
                {
                    foreach ((string name, Tensor tensor) in module.named_buffers(true, include_nonpersistent))
                    {
                        if (seen.Add(tensor)) yield return ($"{child}.{name}", tensor);
                    }
                }
            }

            public virtual IEnumerable<(string name, Module module)> named_children() => _modulesByName;

            /// <summary>All modules below this one, a level at a time.</summary>
            public virtual IEnumerable<(string name, Module module)> named_modules()
            {
                foreach ((string name, Module module) in _modulesByName) yield return (name, module);
                foreach ((string child, Module module) in _modulesByName)
                {
                    foreach ((string name, Module below) in module.named_modules()) yield return ($"{child}.{name}", below);
                }
            }

            public virtual IEnumerable<Parameter> parameters(bool recurse = true) => named_parameters(recurse).Select(named => named.parameter);
            public virtual IEnumerable<Tensor> buffers(bool recurse = true, bool include_nonpersistent = true) =>
                named_buffers(recurse, include_nonpersistent).Select(named => named.buffer);
            public virtual IEnumerable<Module> children() => named_children().Select(named => named.module);
            public virtual IEnumerable<Module> modules() => named_modules().Select(named => named.module);

            public virtual bool has_parameter(string target) => get_parameter(target) is not null;
            public virtual bool has_buffer(string target) => get_buffer(target) is not null;
            public virtual Parameter? get_parameter(string target) => named_parameters().FirstOrDefault(named => named.name == target).parameter;
            public virtual Tensor? get_buffer(string target) => named_buffers().FirstOrDefault(named => named.name == target).buffer;

            /// <summary>Parameters and persistent buffers by name; the tensors are the module's own.</summary>
            public virtual Dictionary<string, Tensor> state_dict(Dictionary<string, Tensor>? destination = null, string? prefix = null)
            {
                destination ??= [];
                string before = string.IsNullOrEmpty(prefix) ? "" : $"{prefix}.";
                foreach ((string name, Parameter parameter) in named_parameters()) destination.TryAdd(before + name, parameter);
                foreach ((string name, Tensor buffer) in named_buffers(include_nonpersistent: false)) destination.TryAdd(before + name, buffer);
                return destination;
            }

            /// <summary>Copies values from a state dictionary, whatever device and type they have there.</summary>
            /// <exception cref="InvalidOperationException">The names differ, unless <paramref name="strict"/> is false, or a shape does.</exception>
            public virtual (IList<string> missing_keys, IList<string> unexpected_keyes) load_state_dict(Dictionary<string, Tensor> source, bool strict = true, IList<string>? skip = null)
            {
                Dictionary<string, Tensor> mine = state_dict();
                List<string> missing = [.. mine.Keys.Where(key => !source.ContainsKey(key) && skip?.Contains(key) != true)];
                List<string> unexpected = [.. source.Keys.Where(key => !mine.ContainsKey(key) && skip?.Contains(key) != true)];
                if (strict && missing.Count + unexpected.Count > 0)
                {
                    throw new InvalidOperationException(
                        $"The state dictionary does not fit the module: missing [{string.Join(", ", missing)}], unexpected [{string.Join(", ", unexpected)}].");
                }
                using IDisposable _ = no_grad();
                foreach ((string key, Tensor value) in source)
                {
                    if (skip?.Contains(key) == true || !mine.TryGetValue(key, out Tensor? target)) continue;
                    if (!target.shape.AsSpan().SequenceEqual(value.shape))
                        throw new InvalidOperationException($"'{key}' has shape [{string.Join(", ", target.shape)}], the state dictionary has [{string.Join(", ", value.shape)}].");
                    target.copy_(value);
                }
                return (missing, unexpected);
            }

            /// <summary>Moves and converts parameters, buffers and gradients where they are: every reference to them stays good.</summary>
            internal void Place(Device? device, ScalarType? dtype, bool nonBlocking)
            {
                using DisposeScope scope = NewDisposeScope();
                using IDisposable _ = no_grad();
                foreach (Parameter parameter in parameters())
                {
                    Tensor? gradient = parameter.grad;
                    Replace(parameter, device, dtype, nonBlocking);
                    if (gradient is null) continue;
                    Replace(gradient, device, dtype, nonBlocking);
                    parameter.grad = gradient;
                }
                foreach (Tensor buffer in buffers()) Replace(buffer, device, buffer.is_floating_point() ? dtype : null, nonBlocking);
            }

            private static void Replace(Tensor tensor, Device? device, ScalarType? dtype, bool nonBlocking)
            {
                using Tensor detached = tensor.detach();
                using Tensor placed = Native.nas_to(detached, Placement.Like(dtype, device), nonBlocking, false);
                Native.nas_set_data(tensor, placed);
            }
        }
    }
}
