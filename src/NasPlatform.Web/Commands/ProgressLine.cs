namespace NasPlatform.Web.Commands;

/// <summary>One line that says how far something is, rewritten in place on the error stream; nothing where nobody watches.</summary>
internal sealed class ProgressLine(Terminal terminal) : IDisposable
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(200);

    private readonly long _started = terminal.Time.GetTimestamp();
    private readonly Lock _writing = new();
    private TimeSpan _next = Pace;
    private bool _isShown;

    /// <summary>Shows the text if the last one has stood for a while.</summary>
    public void Show(string text)
    {
        if (!terminal.IsLive || terminal.Time.GetElapsedTime(_started) < _next)
        {
            return;
        }

        lock (_writing)
        {
            var width = Math.Max(1, terminal.Size().Width - 1);
            terminal.Error.Write($"\r{(text.Length > width ? text[..width] : text)}\e[K");
            _next = terminal.Time.GetElapsedTime(_started) + Pace;
            _isShown = true;
        }
    }

    public void Dispose()
    {
        if (_isShown)
        {
            terminal.Error.Write("\r\e[K");
        }
    }
}
