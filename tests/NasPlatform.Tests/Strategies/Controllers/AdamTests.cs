using NasPlatform.Search;
using NasPlatform.Search.Strategies.Controllers;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Tests.Strategies.Controllers;

public sealed class AdamTests
{
    [Fact]
    public void Steps_are_libtorchs()
    {
        using var scope = NewDisposeScope();
        var random = new RandomSource(1);
        var ours = new Parameter<double>("p", 3, 16); // whole vectors, so that both have the same numbers
        ours.Draw(random, 1);
        var theirs = new TorchSharp.Modules.Parameter(tensor(ours.Values));
        var adam = new Adam<double>([ours], 0.01);
        using var libtorchs = optim.Adam([theirs], 0.01);

        for (var step = 0; step < 30; step++)
        {
            for (var place = 0; place < ours.Gradient.Length; place++)
            {
                ours.Gradient[place] = step % 3 == 0 && place % 2 == 0 ? 0 : random.NextDouble() - 0.4;
            }

            theirs.grad = tensor(ours.Gradient);
            libtorchs.step();
            adam.Step();
        }

        Assert.All(ours.Values.Zip(theirs.data<double>().ToArray()), numbers => Assert.Equal(numbers.Second, numbers.First, 1e-12));
        Assert.All(ours.Gradient, gradient => Assert.Equal(0, gradient));
    }
}
