using System.Runtime.InteropServices;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Strategies.Controllers;

namespace NasPlatform.Search.Strategies.Enas;

/// <summary>
/// How ENAS's controller learns (released code): the gradient of −log π·(R + w·H − b), averaged over some architectures, and of the penalty on connections. H is an architecture's entropy, the sum over its
/// decisions; the baseline b takes each reward in before it is subtracted, and is 0 at first.
/// </summary>
internal sealed class ControllerLearning(SearchSpace space, Policy<float> controller, Adam<float> adam, EnasOptions options)
{
    private const string Prefix = "controller/";

    private readonly Dictionary<string, double> _diagnostics = [];
    private double _baseline;

    public IReadOnlyDictionary<string, double> Diagnostics => new Dictionary<string, double>(_diagnostics);

    public Genotype Sample(RandomSource random) => controller.Sample(space, random);

    /// <summary>One update.</summary>
    /// <param name="drawn">Architectures that the policy drew as it is, with what each is paid.</param>
    public void Learn(IReadOnlyList<(Genotype Genotype, double Reward)> drawn)
    {
        var scores = controller.Score([.. drawn.Select(entry => (space, entry.Genotype))]);
        var ofScores = new Score[drawn.Count];
        foreach (var (place, (genotype, reward)) in drawn.Index())
        {
            var paid = reward + (options.Entropy * scores[place].Entropy * genotype.Decisions.Length);
            _baseline += (1 - options.Decay) * (paid - _baseline);
            ofScores[place] = new(-(paid - _baseline) / drawn.Count, 0, options.SkipWeight / drawn.Count);
        }

        controller.Backward(ofScores);
        adam.Step();
        _diagnostics["reward"] = drawn.Average(entry => entry.Reward);
        _diagnostics["baseline"] = _baseline;
        _diagnostics["entropy"] = scores.Average(score => score.Entropy);
    }

    /// <summary>The policy, what its optimiser remembers, and the baseline.</summary>
    public IEnumerable<TensorEntry> Save() =>
    [
        .. adam.Moments.SelectMany(moment => new[]
        {
            Entry($"{moment.Parameter.Name}/values", moment.Parameter.Values), Entry($"{moment.Parameter.Name}/mean", moment.Mean), Entry($"{moment.Parameter.Name}/square", moment.Square),
        }),
        Numbers("state", [_baseline, adam.Steps, .. Known.Select(name => _diagnostics.GetValueOrDefault(name, double.NaN))]),
    ];

    public void Load(SafetensorsFile file)
    {
        foreach (var (parameter, mean, square) in adam.Moments)
        {
            Read($"{parameter.Name}/values", parameter.Values);
            Read($"{parameter.Name}/mean", mean);
            Read($"{parameter.Name}/square", square);
        }

        var state = MemoryMarshal.Cast<byte, double>(file.Bytes($"{Prefix}state")).ToArray();
        (_baseline, adam.Steps) = (state[0], (int)state[1]);
        foreach (var (place, name) in Known.Index())
        {
            if (double.IsFinite(state[place + 2]))
            {
                _diagnostics[name] = state[place + 2];
            }
        }

        void Read(string name, float[] into) => file.Bytes(Prefix + name).CopyTo(MemoryMarshal.AsBytes(into.AsSpan()));
    }

    private static string[] Known => ["reward", "baseline", "entropy"];

    private static TensorEntry Entry(string name, float[] values) =>
        new(Prefix + name, TensorType.F32, [values.Length], stream => stream.Write(MemoryMarshal.AsBytes(values.AsSpan())));

    private static TensorEntry Numbers(string name, double[] values) =>
        new(Prefix + name, TensorType.F64, [values.Length], stream => stream.Write(MemoryMarshal.AsBytes(values.AsSpan())));
}
