using System.Runtime.InteropServices;

namespace NasPlatform.Web.Commands;

/// <summary>Ctrl-C and SIGTERM: the first asks the program to stop cleanly, the second ends it at once.</summary>
internal sealed class Interrupts : IDisposable
{
    private readonly Terminal _terminal;
    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration[] _registrations;

    public Interrupts(Terminal terminal)
    {
        _terminal = terminal;
        _registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle)];
    }

    public CancellationToken Token => _stop.Token;

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _stop.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        context.Cancel = true;
        if (_stop.IsCancellationRequested)
        {
            if (_terminal.IsLive)
            {
                _terminal.Output.Write(LiveArea.ShowCursor);
                TerminalEcho.Restore();
            }

            EndAtOnce(ExitCode.Interrupted);
        }

        _stop.Cancel();
    }

    /// <summary>Not by <see cref="Environment.Exit"/>, which takes native libraries down under threads that compute in them.</summary>
    [DllImport("libc", EntryPoint = "_exit")]
    internal static extern void EndAtOnce(int exitCode);
}
