using System.Runtime.InteropServices;

namespace NasPlatform.Web.Commands;

/// <summary>
/// Whether the terminal on the standard input shows what is typed. While something is drawn in place it must not: each Enter would push the
/// picture down a line. What was typed meanwhile is discarded. On Linux only, and only for the job that the terminal listens to.
/// </summary>
internal static class TerminalEcho
{
    private const int StandardInput = 0;
    private const int FlushInput = 2; // TCSAFLUSH
    private const int LocalFlags = 3; // c_lflag's place among termios' first words
    private const uint Echo = 8;
    private const int Room = 256; // more than any termios needs

    private static readonly Lock Changing = new();
    private static byte[]? _before;

    /// <summary>Switches it off; until <see cref="Restore"/>.</summary>
    public static void SwitchOff()
    {
        lock (Changing)
        {
            if (_before is not null || !OperatingSystem.IsLinux() || !IsForeground())
            {
                return;
            }

            var settings = new byte[Room];
            if (GetSettings(StandardInput, settings) != 0)
            {
                return; // not a terminal
            }

            _before = [.. settings];
            var flags = MemoryMarshal.Cast<byte, uint>(settings.AsSpan());
            flags[LocalFlags] &= ~Echo;
            _ = SetSettings(StandardInput, FlushInput, settings); // if it cannot be, it stays as it is
        }
    }

    /// <summary>Puts the terminal back as it was; does nothing where it was not changed. From any thread.</summary>
    public static void Restore()
    {
        lock (Changing)
        {
            // A job in the background would be stopped for it; the shell has put its terminal right itself.
            if (_before is not null && IsForeground())
            {
                _ = SetSettings(StandardInput, FlushInput, _before);
            }

            _before = null;
        }
    }

    private static bool IsForeground() => ForegroundGroup(StandardInput) == OwnGroup();

    [DllImport("libc", EntryPoint = "tcgetattr")]
    private static extern int GetSettings(int file, [Out] byte[] settings);

    [DllImport("libc", EntryPoint = "tcsetattr")]
    private static extern int SetSettings(int file, int when, byte[] settings);

    [DllImport("libc", EntryPoint = "tcgetpgrp")]
    private static extern int ForegroundGroup(int file);

    [DllImport("libc", EntryPoint = "getpgrp")]
    private static extern int OwnGroup();
}
