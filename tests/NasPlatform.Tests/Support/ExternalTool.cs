using System.Diagnostics;

namespace NasPlatform.Tests.Support;

/// <summary>Programs of others that judge what is exported. Tests that need one skip where it is absent.</summary>
internal static class ExternalTool
{
    private static readonly Lazy<string?> TorchPython = new(() => Python("import torch"));
    private static readonly Lazy<string?> OnnxPython = new(() => Python("import onnx"));
    private static readonly Lazy<string?> Node = new(() => Succeeds("node", "--version") ? "node" : null);

    /// <summary>The root of the repository, found by walking up from the test assembly.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>The path of a script in tests/NasPlatform.Tests/Support.</summary>
    public static string Script(string name) => Path.Join(Repository, "tests", "NasPlatform.Tests", "Support", name);

    /// <summary>The folder with the node packages that tests need: npm installs there with <c>--prefix build</c>.</summary>
    public static string NodePackages => Path.Join(Repository, "build");

    public static string RequireTorchPython() => Require(TorchPython.Value, "a python3 with torch");

    public static string RequireOnnxPython() => Require(OnnxPython.Value, "a python3 with onnx");

    /// <summary>Node, with onnxruntime-node installed.</summary>
    public static string RequireOnnxRuntimeNode()
    {
        var node = Require(Node.Value, "node");
        Assert.SkipUnless(
            Directory.Exists(Path.Join(NodePackages, "node_modules", "onnxruntime-node")),
            "needs onnxruntime-node (npm install --ignore-scripts --prefix build onnxruntime-node)");
        return node;
    }

    /// <summary>Runs a program to its end and gives its output; the test fails with what it said when it fails.</summary>
    public static string Run(string program, params IEnumerable<string> arguments)
    {
        using var process = Start(program, arguments);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{error.Result}\n{output}");
        return output;
    }

    /// <summary>Whether a program is there and ends well.</summary>
    public static bool Succeeds(string program, params string[] arguments)
    {
        try
        {
            using var process = Start(program, arguments);
            process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false; // There is no such program.
        }
    }

    private static string Require(string? program, string what)
    {
        Assert.SkipWhen(program is null, $"needs {what}");
        return program!; // The line above does not return when it is null.
    }

    // Debian's packages are for its own interpreter, which another python3 may hide.
    private static string? Python(string statement) => new[] { "/usr/bin/python3", "python3" }.FirstOrDefault(python => Succeeds(python, "-c", statement));

    private static Process Start(string program, IEnumerable<string> arguments) => Process.Start(new ProcessStartInfo(program, arguments)
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        Environment = { ["OMP_NUM_THREADS"] = "1", ["PYTHONDONTWRITEBYTECODE"] = "1" },
    })!; // not null: without a shell a process is always started

    private static string FindRepository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Join(folder.FullName, "NasPlatform.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("The tests do not lie in a checkout of the repository.");
    }
}
