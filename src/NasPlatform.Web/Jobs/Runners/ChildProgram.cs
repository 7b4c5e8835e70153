using System.Diagnostics;

namespace NasPlatform.Web.Jobs.Runners;

/// <summary>This very program as a child process, which everything native is left to.</summary>
internal static class ChildProgram
{
    /// <summary>How it is started with these arguments, its streams ours.</summary>
    public static ProcessStartInfo With(params IReadOnlyList<string> arguments)
    {
        var assembly = Path.Join(AppContext.BaseDirectory, "nas.dll");
        var host = Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "nas" ? path : null;
        return new(host ?? "dotnet", host is null ? [assembly, .. arguments] : arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
    }
}
