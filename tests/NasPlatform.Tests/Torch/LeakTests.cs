using NasPlatform.Tests.Support;
using NasPlatform.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace NasPlatform.Tests.Torch;

[Collection(Alone.Name)]
public sealed class LeakTests
{
    [Fact]
    public void A_training_run_leaves_as_many_tensors_as_it_found()
    {
        Train(steps: 1);
        Settle();
        long before = LiveTensors.Count;
        Train(steps: 5);
        Assert.Equal(before, LiveTensors.Count);
        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void A_step_leaves_as_many_tensors_as_the_step_before()
    {
        using DisposeScope scope = NewDisposeScope();
        using Sequential network = Network();
        using Adam adam = optim.Adam(network.parameters());
        Tensor images = rand(4, 3, 8, 8), labels = randint(0, 5, [4]);
        Step(network, adam, images, labels);
        long before = LiveTensors.Count;
        for (int i = 0; i < 3; i++) Step(network, adam, images, labels);
        Assert.Equal(before, LiveTensors.Count);
    }

    [Fact]
    public void A_failed_operator_leaves_nothing_behind()
    {
        using Tensor tensor = ones(2, 3);
        long before = LiveTensors.Count;
        for (int i = 0; i < 10; i++) Assert.ThrowsAny<Exception>(() => tensor.matmul(tensor));
        Assert.Equal(before, LiveTensors.Count);
    }

    [Fact]
    public void A_forgotten_tensor_is_freed_by_the_collector()
    {
        Settle();
        long before = LiveTensors.Count;
        Forget();
        Settle();
        Assert.Equal(before, LiveTensors.Count);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static void Forget()
        {
            for (int i = 0; i < 10; i++) ones(3);
        }
    }

    private static void Train(int steps)
    {
        using DisposeScope scope = NewDisposeScope();
        using Sequential network = Network();
        using SGD sgd = optim.SGD(network.parameters(), 0.1, momentum: 0.9, nesterov: true);
        Tensor images = rand(4, 3, 8, 8), labels = randint(0, 5, [4]);
        for (int step = 0; step < steps; step++) Step(network, sgd, images, labels);
        utils.clip_grad_norm_(network.parameters(), 1);
        network.to(ScalarType.Float64).load_state_dict(network.state_dict());
        Assert.Equal(10, network.named_parameters().Count());
    }

    private static void Step(Sequential network, optim.Optimizer optimizer, Tensor images, Tensor labels)
    {
        using DisposeScope scope = NewDisposeScope();
        optimizer.zero_grad(set_to_none: true);
        Tensor loss = functional.cross_entropy(network.call(images), labels);
        loss.backward();
        optimizer.step();
        foreach (Tensor part in images.chunk(2)) part.Dispose();
    }

    private static Sequential Network() => Sequential(
        Conv2d(3, 4, 3, padding: 1), BatchNorm2d(4), ReLU(inplace: true), MaxPool2d(2), Conv2d(4, 4, 1), BatchNorm2d(4), Dropout(0.1),
        AdaptiveAvgPool2d(1), Flatten(), Linear(4, 5));

    private static void Settle()
    {
        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }
}
