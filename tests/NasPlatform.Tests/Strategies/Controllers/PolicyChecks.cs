using NasPlatform.Search;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Strategies.Controllers;

namespace NasPlatform.Tests.Strategies.Controllers;

/// <summary>What is true of every policy.</summary>
internal static class PolicyChecks
{
    /// <summary>Holds the gradients of every parameter against finite differences of the scores.</summary>
    public static void GradientsAreThoseOfTheFunction(Policy<double> policy, (SearchSpace Space, Genotype Genotype)[] batch, RandomSource random)
    {
        var ofScores = Array.ConvertAll(batch, _ => new Score(random.NextDouble() - 0.5, random.NextDouble() - 0.5, random.NextDouble() - 0.5));
        policy.Score(batch);
        policy.Backward(ofScores);
        const double Distance = 1e-5;

        foreach (var parameter in policy.Parameters)
        {
            var direction = Array.ConvertAll(parameter.Values, _ => random.NextDouble() - 0.5);
            var slope = direction.Zip(parameter.Gradient).Sum(pair => pair.First * pair.Second);
            Assert.Equal((Moved(Distance) - Moved(-Distance)) / (2 * Distance), slope, 1e-8 * (1 + Math.Abs(slope)));
            Assert.True(parameter.Gradient.Any(gradient => gradient != 0), $"The gradient of {parameter.Name} is 0.");

            // Not the numbers that fill a row up.
            double Moved(double distance)
            {
                var before = parameter.Values.ToArray();
                for (var row = 0; row < parameter.Rows; row++)
                {
                    for (var column = 0; column < parameter.Columns; column++)
                    {
                        parameter.Values[parameter.Place(row, column)] += distance * direction[parameter.Place(row, column)];
                    }
                }

                var value = Value(policy.Score(batch), ofScores);
                before.CopyTo(parameter.Values, 0);
                return value;
            }
        }
    }

    /// <summary>The probabilities of all genotypes of a small space.</summary>
    public static double SumOfProbabilities<T>(Policy<T> policy, SearchSpace space)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T> =>
        policy.Score([.. space.Enumerate().Select(genotype => (space, genotype))]).Sum(score => Math.Exp(score.LogProbability));

    /// <summary>Holds how often architectures are drawn against what their scores say.</summary>
    public static void DrawsAreAsLikelyAsScores(Policy<float> policy, SearchSpace space, int draws)
    {
        var random = new RandomSource(9);
        var counts = Enumerable.Range(0, draws).Select(_ => policy.Sample(space, random)).CountBy(genotype => genotype).ToList();
        Assert.All(counts, count =>
        {
            var probability = Math.Exp(policy.Score(space, count.Key).LogProbability);
            var deviation = Math.Sqrt(draws * probability * (1 - probability));
            Assert.InRange(count.Value, (draws * probability) - (5 * deviation), (draws * probability) + (5 * deviation) + 1);
        });
    }

    private static double Value(Score[] scores, Score[] ofScores) =>
        scores.Zip(ofScores).Sum(pair =>
            (pair.First.LogProbability * pair.Second.LogProbability) + (pair.First.Entropy * pair.Second.Entropy) + (pair.First.Divergence * pair.Second.Divergence));
}
