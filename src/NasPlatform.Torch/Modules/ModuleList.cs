using System.Collections;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static ModuleList<Module> ModuleList(params Module[] modules) => new(modules);
            public static ModuleList<T> ModuleList<T>(params T[] modules) where T : Module => new(modules);
            public static ModuleDict<Module> ModuleDict(params (string, Module)[] modules) => ModuleDict<Module>(modules);
            public static ModuleDict<T> ModuleDict<T>(params (string, T)[] modules) where T : Module
            {
                ModuleDict<T> dictionary = new();
                foreach ((string name, T module) in modules) dictionary.Add(name, module);
                return dictionary;
            }
        }
    }
}

namespace TorchSharp.Modules
{
    /// <summary>Modules by number; each is registered under its number.</summary>
    public class ModuleList<T> : nn.Module, IEnumerable<T> where T : nn.Module
    {
        private readonly List<T> _list = [];

        public ModuleList(params T[] modules) : base(nameof(ModuleList<T>)) => extend(modules);

        public int Count => _list.Count;

        public T this[int index]
        {
            get => _list[index];
            set
            {
                ReplaceModule(index.ToString(), value);
                _list[index] = value;
            }
        }

        public void Add(T item)
        {
            register_module(_list.Count.ToString(), item);
            _list.Add(item);
        }

        public void append(params T[] parameters) => extend(parameters);

        public void extend(IEnumerable<T> modules)
        {
            foreach (T module in modules) Add(module);
        }

        public bool Contains(T item) => _list.Contains(item);
        public int IndexOf(T item) => _list.IndexOf(item);
        public IEnumerator<T> GetEnumerator() => _list.GetEnumerator();
        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    /// <summary>Modules by name, in the order they were added.</summary>
    public class ModuleDict<T> : nn.Module, IEnumerable<(string, T)> where T : nn.Module
    {
        private readonly List<(string name, T module)> _list = [];

        public ModuleDict() : base(nameof(ModuleDict<T>))
        {
        }

        public int Count => _list.Count;

        public T this[string key]
        {
            get => TryGetValue(key, out T? module) ? module : throw new KeyNotFoundException($"No module is called '{key}'.");
            set
            {
                if (!ContainsKey(key))
                {
                    Add(key, value);
                    return;
                }
                ReplaceModule(key, value);
                _list[_list.FindIndex(entry => entry.name == key)] = (key, value);
            }
        }

        public void Add(string key, T value)
        {
            register_module(key, value);
            _list.Add((key, value));
        }

        public void Add((string, T) item) => Add(item.Item1, item.Item2);
        public bool ContainsKey(string key) => TryGetValue(key, out _);

        public bool TryGetValue(string key, [System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out T value)
        {
            (string name, value) = _list.Find(entry => entry.name == key);
            return name is not null;
        }

        public IEnumerable<string> keys() => _list.Select(entry => entry.name);
        public IEnumerable<T> values() => _list.Select(entry => entry.module);
        public IEnumerator<(string, T)> GetEnumerator() => _list.GetEnumerator();
        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
