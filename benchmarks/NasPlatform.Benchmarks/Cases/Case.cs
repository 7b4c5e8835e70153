using NasPlatform.Benchmarks.Measuring;
using NasPlatform.Search.Training;

namespace NasPlatform.Benchmarks.Cases;

/// <summary>Work whose step is timed, by our code and by plain PyTorch, each in a process of its own. A new case is a class, a line in <see cref="KnownCases"/>, and a script in <c>benchmarks/pytorch</c>.</summary>
internal abstract class Case
{
    public required string Name { get; init; }

    /// <summary>Examples a step.</summary>
    public required int Batch { get; init; }

    /// <summary>What the examples are.</summary>
    public virtual string Examples => "images";

    /// <summary>The peer's script in <c>benchmarks/pytorch</c>, which serves commands as <c>peer.py</c> says.</summary>
    public abstract string Script { get; }

    /// <summary>What the script is told beside the folder, threads, precision and layout.</summary>
    public virtual IReadOnlyList<string> ScriptArguments => [];

    /// <summary>Whether both sides at once need more memory than usual machines have: each turn is then a process of its own.</summary>
    public virtual bool IsLarge => false;

    /// <summary>The least that a step must compute and move; null where there is no telling.</summary>
    public virtual Roofline? Roofline => null;

    public virtual bool Suits(Precision precision) => true;

    /// <summary>Writes what the two sides read, so that they train the same network on the same batch, into an empty folder.</summary>
    public abstract void Prepare(string folder);

    /// <summary>Our side.</summary>
    /// <param name="folder">As <see cref="Prepare"/> left it.</param>
    public abstract Work Start(string folder, Precision precision);
}
