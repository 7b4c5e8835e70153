using System.CommandLine;
using NasPlatform.Search.Export;

namespace NasPlatform.Web.Commands;

/// <summary><c>nas export</c>: writes a trained model in the forms that others can use.</summary>
internal static class ExportCommand
{
    private const string All = "all";

    public static Command Create(Terminal terminal)
    {
        string[] names = [.. ExportFormat.All.Select(format => format.Name), All];
        var model = new Argument<string>("folder") { Description = "The folder of a finished run or of a model" };
        var format = Options.Word("--format", "What to write (default all)", names);
        var output = Options.Text("--out", "folder", "Where to (default: the model's own folder)");
        var json = Options.Json();
        var command = new DocumentedCommand("export", "Writes a trained model as ONNX, safetensors, PyTorch source, JSON or model card", $"""
            Formats:
            {string.Join('\n', ExportFormat.All.Select(known => $"  {known.Name,-12} {known.Summary}"))}
              {All,-12} All of them

            Examples:
              nas export runs/first --format onnx --out my-model
              nas export runs/first
            """)
        {
            model, format, output, json,
        };
        command.SetAction((parsed, cancellation) =>
        {
            using var package = ModelPackage.Open(terminal.FullPath(parsed.GetRequiredValue(model)));
            var folder = parsed.GetValue(output) is { } given ? terminal.FullPath(given) : package.Folder;
            Directory.CreateDirectory(folder);
            var paths = parsed.GetValue(format) is { } name and not All
                ? ExportFormat.Named(name).Write(package, folder, cancellation)
                : ExportFormat.WriteAll(package, folder, cancellation);
            foreach (var path in paths)
            {
                if (parsed.GetValue(json))
                {
                    terminal.WriteJson(new { Path = path, Bytes = new FileInfo(path).Length });
                }
                else
                {
                    terminal.Output.WriteLine($"{terminal.Shown(path)}  ({Figures.Bytes(new FileInfo(path).Length)})");
                }
            }

            return Task.CompletedTask;
        });
        return command;
    }
}
