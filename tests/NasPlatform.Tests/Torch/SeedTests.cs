using NasPlatform.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace NasPlatform.Tests.Torch;

[Collection(Alone.Name)]
public sealed class SeedTests : TorchTest
{
    [Fact]
    public void The_same_seed_gives_the_same_numbers()
    {
        manual_seed(5);
        Tensor first = randn(10), order = randperm(20);
        manual_seed(5);
        Near.Equal(first, randn(10), 0);
        Near.Equal(order, randperm(20), 0);
        Assert.Equal(5, initial_seed());
    }

    [Fact]
    public void A_generator_of_ones_own_is_independent_and_can_be_put_back()
    {
        using Generator mine = new(11), same = new(11);
        Tensor first = rand(5, generator: mine);
        rand(100);
        Near.Equal(first, rand(5, generator: same), 0);
        Tensor state = mine.get_state();
        Tensor next = ones(8).bernoulli_(0.5, mine);
        mine.set_state(state);
        Near.Equal(next, ones(8).bernoulli_(0.5, mine), 0);
        mine.manual_seed(11);
        Near.Equal(first, rand(5, generator: mine), 0);
        Assert.Equal(11, mine.initial_seed());
    }

    [Fact]
    public void Draws_follow_their_distributions()
    {
        using Generator generator = new(1);
        Tensor integers = randint(3, 7, [5000], generator: generator);
        Assert.Equal(3, integers.min().ToInt64());
        Assert.Equal(6, integers.max().ToInt64());
        Assert.Equal(1.5, empty(20_000).uniform_(1, 2, generator).mean().ToDouble(), 0.02);
        Tensor normal = empty(20_000).normal_(3, 2, generator);
        Assert.Equal(3, normal.mean().ToDouble(), 0.06);
        Assert.Equal(2, normal.std().ToDouble(), 0.06);
        Tensor picks = tensor(new float[] { 0, 1, 3 }).multinomial(8000, true, generator);
        Assert.Equal(0.75, (picks == 2).to(ScalarType.Float32).mean().ToDouble(), 0.02);
        Assert.Equal(0.2, full(20_000, 0.2).bernoulli(generator).mean().ToDouble(), 0.02);
        Assert.Equal([.. Enumerable.Range(0, 50).Select(i => (long)i)], randperm(50, generator: generator).sort().Values.data<long>());
    }

    [Theory]
    [InlineData("Linear")]
    [InlineData("Conv2d")]
    [InlineData("Embedding")]
    [InlineData("LSTMCell")]
    public void A_seed_gives_the_initial_weights_it_gives_in_PyTorch(string layer)
    {
        manual_seed(42);
        using Module module = layer switch
        {
            "Linear" => Linear(3, 2),
            "Conv2d" => Conv2d(2, 2, 2),
            "Embedding" => Embedding(3, 2, padding_idx: 1),
            _ => LSTMCell(2, 1),
        };
        foreach ((string name, double[] values) in GoldenFile.Values.Initial[layer]) Near.Equal(values, module.get_parameter(name)!, 1e-7);
    }
}
