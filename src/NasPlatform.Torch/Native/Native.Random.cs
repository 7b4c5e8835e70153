using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp;

internal static partial class Native
{
    [LibraryImport(Library)] internal static partial IntPtr nas_generator(long seed, int deviceType, int deviceIndex);
    [LibraryImport(Library)] internal static partial IntPtr nas_default_generator(int deviceType, int deviceIndex);
    [LibraryImport(Library)] internal static partial void nas_generator_free(IntPtr random);
    [LibraryImport(Library)] internal static partial Done nas_generator_set_seed(Generator random, long seed);
    [LibraryImport(Library)] internal static partial Done nas_generator_new_seed(Generator random, out long seed);
    [LibraryImport(Library)] internal static partial long nas_generator_seed(Generator random);
    [LibraryImport(Library)] internal static partial Tensor nas_generator_state(Generator random);
    [LibraryImport(Library)] internal static partial Done nas_generator_set_state(Generator random, Tensor state);
    [LibraryImport(Library)] internal static partial Done nas_manual_seed(long seed);
    [LibraryImport(Library)] internal static partial Tensor nas_rand(ReadOnlySpan<long> size, int count, Generator? random, Placement placement);
    [LibraryImport(Library)] internal static partial Tensor nas_randn(ReadOnlySpan<long> size, int count, Generator? random, Placement placement);
    [LibraryImport(Library)] internal static partial Tensor nas_randint(long low, long high, ReadOnlySpan<long> size, int count, Generator? random, Placement placement);
    [LibraryImport(Library)] internal static partial Tensor nas_randperm(long n, Generator? random, Placement placement);
    [LibraryImport(Library)] internal static partial Tensor nas_rand_like(Tensor self, Placement placement);
    [LibraryImport(Library)] internal static partial Tensor nas_randn_like(Tensor self, Placement placement);
    [LibraryImport(Library)] internal static partial Tensor nas_randint_like(Tensor self, long low, long high, Placement placement);
    [LibraryImport(Library)] internal static partial Tensor nas_normal(Tensor mean, Tensor std, Generator? random);
    [LibraryImport(Library)] internal static partial Tensor nas_bernoulli(Tensor self, Generator? random);
    [LibraryImport(Library)] internal static partial Done nas_bernoulli_(Tensor self, double p, Generator? random);
    [LibraryImport(Library)] internal static partial Done nas_bernoulli_tensor_(Tensor self, Tensor p, Generator? random);
    [LibraryImport(Library)] internal static partial Tensor nas_multinomial(Tensor self, long count, Flag replacement, Generator? random);
    [LibraryImport(Library)] internal static partial Done nas_normal_(Tensor self, double mean, double std, Generator? random);
    [LibraryImport(Library)] internal static partial Done nas_uniform_(Tensor self, double from, double to, Generator? random);
    [LibraryImport(Library)] internal static partial Done nas_exponential_(Tensor self, double lambda, Generator? random);
    [LibraryImport(Library)] internal static partial Done nas_random_(Tensor self, long from, long to, Generator? random);
    [LibraryImport(Library)] internal static partial Done nas_fill_(Tensor self, Number value);
    [LibraryImport(Library)] internal static partial Done nas_zero_(Tensor self);
}
