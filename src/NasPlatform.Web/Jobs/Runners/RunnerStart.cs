namespace NasPlatform.Web.Jobs.Runners;

/// <summary>How a runner is started.</summary>
/// <param name="Program">The executable: <c>dotnet</c>, or the published program.</param>
/// <param name="Arguments">Its arguments.</param>
internal sealed record RunnerStart(string Program, IReadOnlyList<string> Arguments)
{
    /// <summary>This very program as a runner.</summary>
    public static RunnerStart OfThisProgram(string dataFolder)
    {
        var assembly = Path.Join(AppContext.BaseDirectory, "nas.dll");
        var host = Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "nas" ? path : null;
        string[] arguments = ["runner", "--data", dataFolder];
        return host is null ? new("dotnet", [assembly, .. arguments]) : new(host, arguments);
    }
}
