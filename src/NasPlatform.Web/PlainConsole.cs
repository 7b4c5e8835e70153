using System.Globalization;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace NasPlatform.Web;

/// <summary>The server's log as people read it in a terminal: the time of this machine, how bad it is where it is bad, what happened.</summary>
internal sealed class PlainConsole(TimeProvider time) : ConsoleFormatter(Named)
{
    public const string Named = "plain";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        if (logEntry.Exception is HubException)
        {
            return; // a viewer was refused, and told so
        }

        var level = logEntry.LogLevel switch
        {
            LogLevel.Warning => "Warning: ",
            LogLevel.Error => "Error: ",
            LogLevel.Critical => "Fatal: ",
            _ => "",
        };
        textWriter.WriteLine($"{time.GetLocalNow().ToString("HH:mm:ss", CultureInfo.InvariantCulture)} {level}{logEntry.Formatter(logEntry.State, logEntry.Exception)}");
        if (logEntry.Exception is { } error)
        {
            textWriter.WriteLine(error);
        }
    }
}
