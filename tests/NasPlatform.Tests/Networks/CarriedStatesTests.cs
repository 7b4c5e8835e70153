using NasPlatform.Search;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Tests.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Tests.Networks;

public sealed class CarriedStatesTests : TorchTest
{
    [Fact]
    public void A_text_goes_on_in_another_network_where_the_last_one_left_it()
    {
        using var __ = no_grad();
        var space = SearchSpaceCatalog.Create("enas-rnn", new Dictionary<string, string> { ["hidden"] = "6", ["nodes"] = "4" });
        var graph = space.Build(space.Sample(new RandomSource(1)), TaskShape.Text(3, 5));
        using var shared = new SharedWeights(CPU, isChannelsLast: false, new RandomSource(2));
        var text = randint(5, [4, 6], dtype: int64, generator: new Generator(3, CPU));
        var (first, second) = (text.narrow(1, 0, 3).contiguous(), text.narrow(1, 3, 3).contiguous());
        using var alone = Reading();
        alone.call(first);
        var expected = alone.call(second);

        using var states = new CarriedStates();
        Tensor afterwards;
        using (var one = Reading())
        {
            states.Begin(one);
            one.call(first);
            states.Keep(one);
        }

        using (var other = Reading())
        {
            states.Begin(other);
            afterwards = other.call(second);
        }

        using var fresh = Reading();
        Assert.True(allclose(expected, afterwards, 1e-6, 1e-6));
        Assert.False(allclose(expected, fresh.call(second), 1e-3, 1e-3));
        states.Forget();
        states.Begin(fresh);
        Assert.False(allclose(expected, fresh.call(second), 1e-3, 1e-3));

        Network Reading()
        {
            var network = new Network(graph, CPU, new RandomSource(4), shared: shared) { CarriesState = true };
            network.eval();
            return network;
        }
    }
}
