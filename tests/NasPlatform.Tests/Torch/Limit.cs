using NasPlatform.Torch;

namespace NasPlatform.Tests.Torch;

/// <summary>Has the kernels use certain instructions until it is disposed; skips the test where the processor lacks them.</summary>
internal sealed class Limit : IDisposable
{
    internal Limit(Instructions instructions)
    {
        Instructions used = Kernels.limit(instructions);
        if (used == instructions) return;
        Dispose();
        Assert.Skip($"needs a processor with {instructions}");
    }

    public void Dispose() => Kernels.limit(Instructions.Avx512);
}
