namespace NasPlatform.Web.Commands;

/// <summary>What the program's exit code says.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>Something that the person can put right: a dataset that is not there, a file that cannot be read.</summary>
    public const int UserError = 1;

    /// <summary>The command line itself is wrong.</summary>
    public const int UsageError = 2;

    /// <summary>No trial completed, or the program failed.</summary>
    public const int Failed = 3;

    /// <summary>Ended by Ctrl-C or SIGTERM, or stopped from the browser.</summary>
    public const int Interrupted = 130;

    /// <summary>For help texts.</summary>
    public const string Notes = """
        Exit codes:
          0    done
          1    an error that you can put right (the message says how)
          2    the command line is wrong
          3    nothing completed, or the program failed
          130  interrupted by Ctrl-C or SIGTERM, or stopped from the browser
        """;
}
