using System.Numerics;
using System.Text;

namespace NasPlatform.Search;

/// <summary>
/// The one source of chance: xoshiro256** (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021),
/// its state filled from a 64-bit key by SplitMix64. It is our own so that a seed gives the same numbers under every runtime.
/// Not safe for use by several threads: give each its own by <see cref="Split(string)"/>.
/// </summary>
public sealed class RandomSource
{
    private const ulong GoldenGamma = 0x9E3779B97F4A7C15;

    private readonly ulong _key;
    private ulong _s0, _s1, _s2, _s3;
    private double? _spareGaussian;

    /// <summary>A generator whose whole stream is determined by <paramref name="seed"/>; every value is a good seed.</summary>
    public RandomSource(ulong seed)
    {
        _key = seed;
        _s0 = Mix(seed += GoldenGamma);
        _s1 = Mix(seed += GoldenGamma);
        _s2 = Mix(seed += GoldenGamma);
        _s3 = Mix(seed + GoldenGamma);
    }

    /// <summary>
    /// A child generator that depends on this one's seed and on <paramref name="name"/> only, never on how much was drawn from
    /// this one. The child's seed is Mix(seed + Mix(h)), with h the 64-bit FNV-1a hash of the name's UTF-8 bytes and Mix the
    /// output function of SplitMix64.
    /// </summary>
    public RandomSource Split(string name) => new(Mix(_key + Mix(Fnv1a(name))));

    /// <summary>The child of <see cref="Split(string)"/> that is numbered <paramref name="index"/>: one per trial, class or epoch.</summary>
    public RandomSource Split(string name, long index) =>
        new(Mix(Mix(_key + Mix(Fnv1a(name))) + Mix((ulong)index + GoldenGamma)));

    /// <summary>64 uniform bits.</summary>
    public ulong NextUInt64()
    {
        var result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
        var t = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= t;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>A whole number in [0, <paramref name="max"/>), each equally likely (Lemire's multiply-and-reject).</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="max"/> is below 1.</exception>
    public int Next(int max)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        var range = (ulong)max;
        var high = Math.BigMul(NextUInt64(), range, out var low);
        if (low >= range)
            return (int)high;
        var threshold = (0 - range) % range;
        while (low < threshold)
            high = Math.BigMul(NextUInt64(), range, out low);
        return (int)high;
    }

    /// <summary>A number in [0, 1): one of 2^53 evenly spaced values.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A draw from the normal distribution of mean 0 and deviation 1 (Marsaglia's polar method).</summary>
    public double NextGaussian()
    {
        if (_spareGaussian is { } spare)
        {
            _spareGaussian = null;
            return spare;
        }
        while (true)
        {
            var x = 2 * NextDouble() - 1;
            var y = 2 * NextDouble() - 1;
            var s = x * x + y * y;
            if (s is >= 1 or 0)
                continue;
            var scale = Math.Sqrt(-2 * Math.Log(s) / s);
            _spareGaussian = y * scale;
            return x * scale;
        }
    }

    /// <summary>Puts <paramref name="items"/> in random order, every order equally likely (Fisher and Yates, from the end).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var last = items.Length - 1; last > 0; last--)
        {
            var other = Next(last + 1);
            (items[last], items[other]) = (items[other], items[last]);
        }
    }

    private static ulong Fnv1a(string name)
    {
        var hash = 0xCBF29CE484222325UL;
        foreach (var value in Encoding.UTF8.GetBytes(name))
            hash = (hash ^ value) * 0x100000001B3;
        return hash;
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
