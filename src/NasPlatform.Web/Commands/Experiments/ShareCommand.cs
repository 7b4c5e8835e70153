using System.CommandLine;
using NasPlatform.Web.Accounts;

namespace NasPlatform.Web.Commands.Experiments;

/// <summary><c>nas experiment share</c>: public, read-only links.</summary>
internal static class ShareCommand
{
    public static Command Create(Terminal terminal)
    {
        var name = ExperimentNames.Argument();
        var days = Options.Real("--days", "days", "How long it holds (default: until it is revoked)");
        var noDownloads = Options.Flag("--no-downloads", "Without the model's files");
        var revoke = Options.Flag("--revoke", "Revoke all links to it instead");
        var json = Options.Json();
        var command = new Command("share", "Makes a public, read-only link to an experiment") { name, days, noDownloads, revoke, json };
        command.Validators.Add(result =>
        {
            if (result.GetValue(days) is { } given && !(given > 0 && given <= 36_500))
            {
                result.AddError($"--days is {given}; give a number above 0, at most 36500.");
            }
        });
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var local = await LocalStore.OpenAsync(DataFolder.Settings(terminal), cancellation);
            Guid id;
            await using (var context = local.Store.Open())
            {
                id = await ExperimentNames.FindAsync(context, parsed.GetRequiredValue(name), cancellation);
            }

            var time = local.Get<TimeProvider>();
            var shares = new ShareActions(local.Store, time);
            if (parsed.GetValue(revoke))
            {
                var open = (await shares.ListAsync(Caller.Program, id, cancellation)).Where(link => link.IsOpen(time.GetUtcNow())).ToList();
                foreach (var link in open)
                {
                    await shares.RevokeAsync(Caller.Program, link.Id, cancellation);
                }

                terminal.Output.WriteLine($"Revoked {Figures.Many(open.Count, "link")}.");
                return;
            }

            DateTimeOffset? expiresAt = parsed.GetValue(days) is { } given ? time.GetUtcNow().AddDays(given) : null;
            var (_, token) = await shares.CreateAsync(Caller.Program, id, expiresAt, !parsed.GetValue(noDownloads), cancellation);
            if (parsed.GetValue(json))
            {
                terminal.WriteJson(new { Path = $"/s/{token}", ExpiresAt = expiresAt });
                return;
            }

            terminal.Output.WriteLine($"/s/{token}");
            terminal.Say("This is the path of the link on the platform's address, as http://127.0.0.1:5080/s/...; it is shown this once.");
        });
        return command;
    }
}
