using System.Globalization;
using NasPlatform.Tests.Support;
using NasPlatform.Torch;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace NasPlatform.Tests.Torch;

[Collection(Alone.Name)]
public sealed class HeapTests
{
    private const long MiB = 1 << 20;

    [Fact]
    public void What_trainings_on_threads_of_their_own_leave_behind_is_given_back()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs /proc");
        Train(1);
        Heap.Trim();
        long before = Resident();

        // Unlike sizes, so that what one leaves does not simply fit the next.
        for (int round = 1; round <= 6; round++)
        {
            var threads = new[] { 2 * round, (2 * round) + 1 }.Select(scale => new Thread(() => Train(scale))).ToList();
            threads.ForEach(thread => thread.Start());
            threads.ForEach(thread => thread.Join());
            Heap.Trim();
        }

        Assert.InRange(Resident() - before, long.MinValue, 48 * MiB);
    }

    [Fact]
    public void Tensors_keep_their_values_when_their_neighbours_are_given_back()
    {
        using DisposeScope scope = NewDisposeScope();
        var kept = new List<(int Value, Tensor Tensor)>();
        for (int value = 1; value <= 40; value++)
        {
            Tensor tensor = full([value * 40_000], value, ScalarType.Int32);
            if (value % 3 == 0) tensor.Dispose();
            else kept.Add((value, tensor));
        }

        Heap.Trim();

        Tensor fresh = ones([300_000], ScalarType.Int32);
        Assert.All(kept, pair => Assert.Equal(pair.Value, pair.Tensor.min().ToInt32()));
        Assert.All(kept, pair => Assert.Equal(pair.Value, pair.Tensor.max().ToInt32()));
        Assert.Equal(300_000, fresh.sum().ToInt64());
    }

    [Fact]
    public void A_tensor_that_cannot_be_had_is_refused_and_the_next_one_is_made()
    {
        Assert.ThrowsAny<Exception>(() => empty([1L << 45], ScalarType.Int64));
        using Tensor small = ones(1 << 20);
        Assert.Equal(1 << 20, small.sum().ToDouble());
    }

    private static void Train(int scale)
    {
        set_num_threads(1);
        using DisposeScope scope = NewDisposeScope();
        using var network = Sequential(Conv2d(1, 8 + scale, 3, padding: 1), BatchNorm2d(8 + scale), ReLU(), Conv2d(8 + scale, 8, 3), Flatten(), Linear(8 * 26 * 26, 5));
        Tensor images = rand(32 + scale, 1, 28, 28);
        for (int step = 0; step < 2; step++)
        {
            using DisposeScope inner = NewDisposeScope();
            network.call(images).sum().backward();
        }
    }

    /// <summary>Memory that is this process's own, in bytes.</summary>
    private static long Resident()
    {
        string line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("RssAnon:", StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
