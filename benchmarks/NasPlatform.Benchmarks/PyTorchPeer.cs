using System.Diagnostics;
using System.Globalization;

namespace NasPlatform.Benchmarks;

/// <summary>The plain PyTorch loop in a process of its own, which runs steps when told to.</summary>
internal sealed class PyTorchPeer : IDisposable
{
    private readonly Process _process;

    /// <param name="script">pytorch_loop.py.</param>
    /// <param name="modelFolder">Holds model.py and model.safetensors.</param>
    /// <param name="batch">Examples a step.</param>
    /// <param name="threads">PyTorch's threads.</param>
    public PyTorchPeer(string script, string modelFolder, int batch, int threads) =>
        _process = Process.Start(new ProcessStartInfo("/usr/bin/python3", [script, modelFolder, $"{batch}", $"{threads}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!; // not null: a new process is started

    /// <summary>Milliseconds of each of <paramref name="steps"/> steps.</summary>
    public double[] Run(int steps)
    {
        _process.StandardInput.WriteLine(steps);
        _process.StandardInput.Flush();
        var line = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The PyTorch loop ended; its error is above.");
        return [.. line.Split(' ').Select(text => double.Parse(text, CultureInfo.InvariantCulture))];
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit(5000);
        _process.Dispose();
    }
}
