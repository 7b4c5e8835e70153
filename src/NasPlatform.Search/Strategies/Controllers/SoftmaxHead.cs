using System.Numerics;

namespace NasPlatform.Search.Strategies.Controllers;

/// <summary>A full layer that gives the logits of a kind of decision: one for each option.</summary>
internal sealed class SoftmaxHead<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly bool _hasBias;

    /// <param name="name">Prefix of its parameters' names.</param>
    /// <param name="units">Numbers that it is given.</param>
    /// <param name="options">Logits.</param>
    /// <param name="hasBias">Whether it has a bias; else that stays zero.</param>
    public SoftmaxHead(string name, int units, int options, bool hasBias = true)
    {
        _hasBias = hasBias;
        Weight = new($"{name}.weight", options, units);
        Bias = new($"{name}.bias", 1, options);
    }

    /// <summary>A row for each option.</summary>
    public Parameter<T> Weight { get; }

    public IReadOnlyList<Parameter<T>> Parameters => _hasBias ? [Weight, Bias] : [Weight];

    /// <summary>A number for each option.</summary>
    public Parameter<T> Bias { get; }

    public void Forward(ReadOnlySpan<T> hidden, Span<T> logits)
    {
        for (var option = 0; option < logits.Length; option++)
        {
            logits[option] = Logit(option, hidden);
        }
    }

    /// <summary>The logit of one option alone.</summary>
    public T Logit(int option, ReadOnlySpan<T> hidden) => Bias.Values[option] + Vectors.Dot(hidden, Weight.Row(option));

    /// <summary>Adds gradients to those of the parameters and to <paramref name="ofHidden"/>.</summary>
    /// <param name="hidden">What it was given.</param>
    /// <param name="ofLogits">Of some options, one after the other.</param>
    /// <param name="ofHidden">The gradient of what it was given.</param>
    /// <param name="first">The first of those options.</param>
    public void Backward(ReadOnlySpan<T> hidden, ReadOnlySpan<T> ofLogits, Span<T> ofHidden, int first = 0)
    {
        for (var place = 0; place < ofLogits.Length; place++)
        {
            var option = first + place;
            Bias.Gradient[option] += ofLogits[place];
            Vectors.AddScaled(Weight.GradientOfRow(option), ofLogits[place], hidden);
            Vectors.AddScaled(ofHidden, ofLogits[place], Weight.Row(option));
        }
    }
}
