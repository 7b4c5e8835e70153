using System.Runtime.Intrinsics.X86;
using NasPlatform.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace NasPlatform.Tests.Torch;

public sealed class BeyondTests : TorchTest
{
    [Fact]
    public void Channels_last_changes_the_order_in_memory_and_nothing_else()
    {
        Tensor image = arange(2 * 3 * 4 * 5, ScalarType.Float32).reshape(2, 3, 4, 5);
        Tensor last = image.contiguous(memory_format.channels_last);
        Assert.Equal([60, 1, 15, 3], last.stride());
        Assert.True(last.is_contiguous(memory_format.channels_last));
        Assert.False(last.is_contiguous());
        Near.Equal(image, last, 0);
        Assert.Equal(image.data<float>().ToArray(), last.data<float>().ToArray());
        Assert.True(last.contiguous(memory_format.contiguous_format).is_contiguous());
    }

    [Fact]
    public void A_network_in_channels_last_keeps_its_parameters_and_computes_the_same()
    {
        using Sequential network = Sequential(Conv2d(3, 6, 3, padding: 1), BatchNorm2d(6), ReLU(), Conv2d(6, 6, 3, groups: 2), AdaptiveAvgPool2d(1), Flatten(), Linear(6, 2));
        Parameter[] before = [.. network.parameters()];
        Tensor image = randn(4, 3, 8, 8);
        Tensor output = network.call(image);
        output.sum().backward();
        Tensor gradient = before[0].grad!.clone();
        Gradients.zero_grad(optim.SGD(network.parameters(), 1), set_to_none: true);

        Assert.Same(network, network.to_channels_last());

        Assert.All(network.parameters().Zip(before), pair => Assert.Same(pair.Second, pair.First));
        Assert.All(before, parameter => Assert.True(parameter is { is_leaf: true, requires_grad: true }));
        Assert.True(before[0].is_contiguous(memory_format.channels_last));
        Tensor again = network.call(image.contiguous(memory_format.channels_last));
        Near.Equal(output, again, 1e-5);
        again.sum().backward();
        Near.Equal(gradient, before[0].grad!, 1e-4);
        using SGD sgd = optim.SGD(network.parameters(), 0.1, momentum: 0.9);
        Tensor expected = before[0].detach() - before[0].grad! * 0.1;
        sgd.step();
        Near.Equal(expected, before[0], 1e-6);
        Assert.True(before[0].is_contiguous(memory_format.channels_last));
    }

    [Fact]
    public void Mixed_precision_narrows_products_and_ends_with_its_scope()
    {
        Tensor a = randn(8, 8), b = randn(8, 8);
        Tensor weight = randn(4, 3, 3, 3).requires_grad_(), image = randn(2, 3, 6, 6);
        using (new Autocast(DeviceType.CPU, ScalarType.BFloat16))
        {
            Assert.Equal(ScalarType.BFloat16, a.matmul(b).dtype);
            Near.Equal(a.matmul(b).@float(), a.bfloat16().matmul(b.bfloat16()).@float(), 0);
            Tensor features = functional.conv2d(image, weight);
            Assert.Equal(ScalarType.BFloat16, features.dtype);
            using (new Autocast(DeviceType.CPU, ScalarType.BFloat16, enabled: false)) Assert.Equal(ScalarType.Float32, a.matmul(b).dtype);
            Assert.Equal(ScalarType.BFloat16, a.mm(b).dtype);
            features.@float().sum().backward();
        }
        Assert.Equal(ScalarType.Float32, a.matmul(b).dtype);
        Assert.Equal(ScalarType.Float32, weight.grad!.dtype);
        Tensor narrow = weight.grad.clone();
        weight.grad = null;
        functional.conv2d(image, weight).sum().backward();
        Near.Equal(weight.grad!, narrow, 0.5);
        Assert.Throws<ArgumentException>(() => new Autocast(CPU, ScalarType.Float16));
    }

    [Fact]
    public void Gradients_are_freed_or_kept_as_zeros()
    {
        Parameter parameter = new(ones(3));
        using SGD sgd = optim.SGD([parameter], 0.1);
        parameter.sum().backward();
        sgd.zero_grad(set_to_none: false);
        Near.Equal([0, 0, 0], parameter.grad!);
        sgd.zero_grad(set_to_none: true);
        Assert.Null(parameter.grad);
    }

    [Fact]
    public void Denormals_are_flushed_on_the_thread_that_asked()
    {
        // On a thread of its own: one of a pool may have it on already, from a training.
        static double Tiny() => (tensor(1e-30f) * tensor(1e-10f)).ToDouble();
        var (isAble, before, during, after) = (false, double.NaN, double.NaN, double.NaN);
        var thread = new Thread(() =>
        {
            Denormals.Flush(false); // a thread begins as the one that started it is
            before = Tiny();
            isAble = Denormals.Flush();
            during = Tiny();
            Denormals.Flush(false);
            after = Tiny();
        });
        thread.Start();
        thread.Join();

        Assert.SkipUnless(isAble, "this processor cannot flush denormals");
        Assert.NotEqual(0, before);
        Assert.Equal(0, during);
        Assert.NotEqual(0, after);
    }

    [Fact]
    public void The_facts_name_what_computes_here()
    {
        RuntimeFacts facts = RuntimeFacts.Read();
        Assert.Matches(@"^\d+\.\d+", facts.Libtorch);
        Assert.Contains(facts.CpuCapability, new[] { "DEFAULT", "AVX2", "AVX512", "NO AVX" });
        Assert.Equal(1, facts.Threads);
        Assert.Equal(cuda.device_count(), facts.CudaDevices);
        Assert.NotEmpty(facts.Blas);
        Assert.Equal(facts.Blas == "OpenBLAS", facts.BlasCore is not null);
        Assert.Equal(facts.Blas == "OpenBLAS", facts.BlasThreads is not null);
        Assert.Equal(facts.Blas == "reference BLAS", facts.Advice.Any(advice => advice.Contains("install OpenBLAS", StringComparison.Ordinal)));
        if (OperatingSystem.IsLinux()) Assert.Equal(File.ReadAllText("/proc/cpuinfo").Contains("avx512_bf16", StringComparison.Ordinal), facts.HasFastBFloat16);
    }

    [Fact]
    public void Advice_says_what_slows_a_machine_down_and_nothing_else()
    {
        RuntimeFacts good = RuntimeFacts.Read() with { Blas = "OpenBLAS", BlasCore = "SkylakeX", BlasThreads = 1, Threads = 1 };
        Assert.Empty(good.Advice);
        Assert.Contains("libopenblas0-pthread", Assert.Single((good with { Blas = "reference BLAS", BlasCore = null, BlasThreads = null }).Advice));
        Assert.Contains("OPENBLAS_NUM_THREADS=1", Assert.Single((good with { BlasThreads = 8 }).Advice));
        Assert.Contains("OMP_NUM_THREADS", Assert.Single((good with { Threads = Environment.ProcessorCount + 1 }).Advice));
        Assert.Equal(Avx512BW.IsSupported, (good with { BlasCore = "Zen" }).Advice.Any(advice => advice.Contains("OPENBLAS_CORETYPE=SkylakeX", StringComparison.Ordinal)));
    }
}
