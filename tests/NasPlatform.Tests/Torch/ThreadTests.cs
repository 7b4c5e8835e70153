using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace NasPlatform.Tests.Torch;

public sealed class ThreadTests : TorchTest
{
    [Fact]
    public void Each_thread_has_its_own_number_of_threads()
    {
        set_num_threads(1);
        int there = 0;
        OnThread(() =>
        {
            set_num_threads(2);
            there = get_num_threads();
        });
        Assert.Equal(2, there);
        Assert.Equal(1, get_num_threads());
    }

    [Fact]
    public void Two_trainings_at_once_give_what_each_gives_alone()
    {
        float[] aloneFirst = Train(1), aloneSecond = Train(2);
        float[]? first = null, second = null;
        var one = new Thread(() => first = Train(1));
        var two = new Thread(() => second = Train(2));
        one.Start();
        two.Start();
        one.Join();
        two.Join();
        Assert.Equal(aloneFirst, first);
        Assert.Equal(aloneSecond, second);
        Assert.NotEqual(aloneFirst, aloneSecond);
    }

    private static float[] Train(ulong seed)
    {
        set_num_threads(1);
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(seed);
        using Sequential network = Sequential(Conv2d(3, 8, 3, padding: 1), BatchNorm2d(8), ReLU(), AdaptiveAvgPool2d(1), Flatten(), Linear(8, 4));
        foreach (Parameter parameter in network.parameters()) init.uniform_(parameter, -0.2, 0.2, generator);
        using AdamW adam = optim.AdamW(network.parameters(), 0.01);
        Tensor images = rand(16, 3, 12, 12, generator: generator), labels = randint(0, 4, [16], generator: generator);
        for (int step = 0; step < 15; step++)
        {
            using DisposeScope inner = NewDisposeScope();
            network.zero_grad();
            functional.cross_entropy(network.call(images), labels).backward();
            adam.step();
        }
        return utils.parameters_to_vector(network.parameters()).detach().data<float>().ToArray();
    }

    private static void OnThread(Action action)
    {
        var thread = new Thread(() => action());
        thread.Start();
        thread.Join();
    }
}
