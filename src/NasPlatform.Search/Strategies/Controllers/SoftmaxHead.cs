using System.Numerics;

namespace NasPlatform.Search.Strategies.Controllers;

/// <summary>A full layer that gives the logits of a kind of decision: one for each option.</summary>
internal sealed class SoftmaxHead<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly Parameter<T> _weight;
    private readonly Parameter<T> _bias;

    /// <param name="name">Prefix of its parameters' names.</param>
    /// <param name="units">Numbers that it is given.</param>
    /// <param name="options">Logits.</param>
    public SoftmaxHead(string name, int units, int options)
    {
        _weight = new($"{name}.weight", options, units);
        _bias = new($"{name}.bias", 1, options);
    }

    public IReadOnlyList<Parameter<T>> Parameters => [_weight, _bias];

    public void Forward(ReadOnlySpan<T> hidden, Span<T> logits)
    {
        for (var option = 0; option < logits.Length; option++)
        {
            logits[option] = _bias.Values[option] + Vectors.Dot(hidden, _weight.Row(option));
        }
    }

    /// <summary>Adds gradients to those of the parameters and to <paramref name="ofHidden"/>.</summary>
    public void Backward(ReadOnlySpan<T> hidden, ReadOnlySpan<T> ofLogits, Span<T> ofHidden)
    {
        for (var option = 0; option < ofLogits.Length; option++)
        {
            _bias.Gradient[option] += ofLogits[option];
            Vectors.AddScaled(_weight.GradientOfRow(option), ofLogits[option], hidden);
            Vectors.AddScaled(ofHidden, ofLogits[option], _weight.Row(option));
        }
    }
}
