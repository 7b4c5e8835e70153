using System.CommandLine;
using Microsoft.EntityFrameworkCore;
using NasPlatform.Search;
using NasPlatform.Web.Artifacts;
using NasPlatform.Web.Models;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Commands.Experiments;

/// <summary><c>nas experiment download</c>: the files of an experiment's model.</summary>
internal static class DownloadCommand
{
    public static Command Create(Terminal terminal)
    {
        var name = ExperimentNames.Argument();
        var output = Options.Text("--out", "folder", "Where to (default: the experiment's name)");
        var command = new Command("download", "Copies the files of an experiment's newest model into a folder") { name, output };
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var local = await LocalStore.OpenAsync(DataFolder.Settings(terminal), cancellation);
            await using var context = local.Store.Open();
            var id = await ExperimentNames.FindAsync(context, parsed.GetRequiredValue(name), cancellation);
            var model = await context.Models.Where(model => model.ExperimentId == id).OrderByDescending(model => model.CreatedAt).FirstOrDefaultAsync(cancellation)
                ?? throw new UserErrorException("The experiment has no model yet.");
            var files = await context.Artifacts.Where(file => file.ModelId == model.Id).OrderBy(file => file.FileName).ToListAsync(cancellation);
            var folder = terminal.FullPath(parsed.GetValue(output) ?? ModelFiles.SafeName(model.Name));
            Directory.CreateDirectory(folder);
            foreach (var file in files)
            {
                await CopyAsync(local.Get<ArtifactStore>(), file, Path.Join(folder, ModelFiles.SafeName(file.FileName)), cancellation);
                terminal.Output.WriteLine($"{terminal.Shown(Path.Join(folder, file.FileName))}  {Figures.Bytes(file.Length)}");
            }
        });
        return command;
    }

    private static async Task CopyAsync(ArtifactStore artifacts, Artifact file, string path, CancellationToken cancellation)
    {
        if (File.Exists(path))
        {
            throw new UserErrorException($"{path} exists already; choose another folder with --out.");
        }

        await using var source = artifacts.Open(file.Sha256);
        await using var target = new FileStream(path, FileMode.CreateNew);
        await source.CopyToAsync(target, cancellation);
    }
}
