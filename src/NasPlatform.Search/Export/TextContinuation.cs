using NasPlatform.Search.Networks;
using TorchSharp;

namespace NasPlatform.Search.Export;

/// <summary>Goes on with a text by a language model: each token is drawn by the probability that the model gives it after all before.</summary>
/// <param name="predictor">The model.</param>
public sealed class TextContinuation(Predictor predictor)
{
    private const string Unknown = "<unk>";
    private const string EndOfSentence = "<eos>";

    private readonly Dictionary<string, int> _numbers = predictor.Description.Classes.Index().ToDictionary(pair => pair.Item, pair => pair.Index);

    /// <summary>The text with more tokens after it.</summary>
    /// <param name="beginning">Words between white space, or characters, as the model's are; what it does not know is <c>&lt;unk&gt;</c> where it has that.</param>
    /// <param name="count">How many tokens more.</param>
    /// <param name="temperature">Above 0; at a lower one the likelier tokens come oftener.</param>
    /// <param name="random">What is drawn from.</param>
    /// <param name="cancellation">Looked at before each token.</param>
    /// <exception cref="UserErrorException">The beginning is empty, or has a token that the model does not know.</exception>
    public string Continue(string beginning, int count, double temperature, RandomSource random, CancellationToken cancellation)
    {
        var network = predictor.Network;
        var tokens = Encode(beginning);
        network.ResetState();
        network.CarriesState = true;
        try
        {
            var next = tokens.ToArray();
            for (var made = 0; made < count; made++)
            {
                cancellation.ThrowIfCancellationRequested();
                next = [Draw(next, temperature, random)];
                tokens.Add(next[0]);
            }
        }
        finally
        {
            network.CarriesState = false;
        }

        return Decode(tokens);
    }

    private List<long> Encode(string text)
    {
        var isCharacters = predictor.Description.Input.IsCharacters;
        string[] words = isCharacters
            ? [.. text.EnumerateRunes().Select(rune => rune.ToString())]
            : text.Replace("\n", $" {EndOfSentence} ", StringComparison.Ordinal).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0)
        {
            throw new UserErrorException("There is nothing to go on from; give the beginning of a text.");
        }

        return [.. words.Select(word => (long)(_numbers.TryGetValue(word, out var number) || _numbers.TryGetValue(Unknown, out number)
            ? number
            : throw new UserErrorException($"The model does not know {(isCharacters ? "the character" : "the word")} '{word}'; it knows {_numbers.Count:N0}.")))];
    }

    private string Decode(List<long> tokens)
    {
        var words = tokens.Select(token => predictor.Description.Classes[(int)token]);
        return predictor.Description.Input.IsCharacters ? string.Concat(words) : string.Join(' ', words).Replace($" {EndOfSentence} ", "\n", StringComparison.Ordinal);
    }

    /// <summary>One token after those given, which follow what the network remembers.</summary>
    private long Draw(long[] given, double temperature, RandomSource random)
    {
        using var scope = torch.NewDisposeScope();
        var logits = predictor.Outputs(torch.tensor(given, [1, given.Length]));
        var last = logits.reshape(-1, logits.shape[^1]).narrow(0, given.Length - 1, 1);
        var probabilities = (last / temperature).softmax(1).cpu().data<float>().ToArray();
        var left = random.NextDouble();
        for (var token = 0; token < probabilities.Length; token++)
        {
            left -= probabilities[token];
            if (left < 0)
            {
                return token;
            }
        }

        return Array.IndexOf(probabilities, probabilities.Max());
    }
}
