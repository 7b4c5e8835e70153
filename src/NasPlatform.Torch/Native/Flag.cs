namespace TorchSharp;

/// <summary>A boolean as native code takes and gives it: an integer, because P/Invoke knows no one size for bool.</summary>
internal readonly struct Flag
{
    private readonly int _value;

    private Flag(bool value) => _value = value ? 1 : 0;

    public static implicit operator Flag(bool value) => new(value);
    public static implicit operator bool(Flag flag) => flag._value != 0;
}
