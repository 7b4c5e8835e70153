using System.Numerics;

namespace NasPlatform.Search.Strategies.Controllers;

/// <summary>The distribution over a decision's options that logits stand for.</summary>
internal static class Softmax
{
    /// <summary>Makes logits log probabilities, in their place.</summary>
    public static void ToLogProbabilities<T>(Span<T> logits)
        where T : IBinaryFloatingPointIeee754<T>
    {
        var largest = logits[0];
        foreach (var logit in logits)
        {
            largest = T.Max(largest, logit);
        }

        var sum = T.Zero;
        foreach (var logit in logits)
        {
            sum += T.Exp(logit - largest);
        }

        var total = largest + T.Log(sum);
        foreach (ref var logit in logits)
        {
            logit -= total;
        }
    }

    /// <summary>In nats.</summary>
    public static T Entropy<T>(ReadOnlySpan<T> logProbabilities)
        where T : IBinaryFloatingPointIeee754<T>
    {
        var entropy = T.Zero;
        foreach (var logProbability in logProbabilities)
        {
            entropy -= T.Exp(logProbability) * logProbability;
        }

        return entropy;
    }

    /// <summary>Makes log probabilities the gradients of the logits, in their place: those of log p(value), times a number, plus those of the entropy, times another.</summary>
    public static void Backward<T>(Span<T> logProbabilities, int value, T ofLogProbability, T ofEntropy)
        where T : IBinaryFloatingPointIeee754<T>
    {
        var entropy = Entropy<T>(logProbabilities);
        for (var option = 0; option < logProbabilities.Length; option++)
        {
            var (logProbability, probability) = (logProbabilities[option], T.Exp(logProbabilities[option]));
            var ofChosen = option == value ? ofLogProbability : T.Zero;
            logProbabilities[option] = ofChosen - (ofLogProbability * probability) - (ofEntropy * probability * (logProbability + entropy));
        }
    }
}
