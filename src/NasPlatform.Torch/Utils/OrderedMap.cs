using System.Collections;

namespace TorchSharp.Utils;

/// <summary>Parts of a module by name, in the order of their registration.</summary>
internal sealed class OrderedMap<T> : IEnumerable<(string name, T value)>
{
    private readonly List<(string name, T value)> _entries = [];

    internal IEnumerable<T> Values => _entries.Select(entry => entry.value);

    internal void Add(string name, T value, string kind)
    {
        if (_entries.Exists(entry => entry.name == name)) throw new InvalidOperationException($"{kind} {name} is already registered.");
        _entries.Add((name, value));
    }

    /// <summary>Puts another part in the place of the one of this name.</summary>
    internal void Replace(string name, T value) => _entries[_entries.FindIndex(entry => entry.name == name)] = (name, value);

    internal void Remove(string name) => _entries.RemoveAll(entry => entry.name == name);
    internal void Clear() => _entries.Clear();

    public IEnumerator<(string name, T value)> GetEnumerator() => _entries.GetEnumerator();
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
