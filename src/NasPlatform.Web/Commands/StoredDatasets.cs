using Microsoft.EntityFrameworkCore;
using NasPlatform.Web.Accounts;
using NasPlatform.Web.Datasets;
using NasPlatform.Web.Jobs;

namespace NasPlatform.Web.Commands;

/// <summary>Keeps the platform's table of datasets in step with what the terminal does to the data folder; a database that is away is told of, and stops nothing.</summary>
internal static class StoredDatasets
{
    /// <summary>Gives rows to what was added.</summary>
    public static async Task AdoptAsync(AppSettings settings, Terminal terminal, CancellationToken cancellation)
    {
        try
        {
            await using var local = await LocalStore.OpenAsync(settings, cancellation);
            await local.Get<DatasetActions>().AdoptAsync(cancellation);
        }
        catch (Exception error) when (Persistence.IsOfTheDatabase(error))
        {
            terminal.Complain($"The platform's database does not answer, so the browser shows the dataset only after the server's next start: {error.Message}");
        }
    }

    /// <summary>Removes a dataset with its row; false when the database does not know it or does not answer, and then nothing was removed.</summary>
    /// <exception cref="RefusedException">An experiment needs it now.</exception>
    public static async Task<bool> RemoveAsync(string name, AppSettings settings, Terminal terminal, CancellationToken cancellation)
    {
        try
        {
            await using var local = await LocalStore.OpenAsync(settings, cancellation);
            await using var context = local.Store.Open();
            if (!await context.Datasets.AnyAsync(dataset => dataset.Name == name, cancellation))
            {
                return false;
            }

            await local.Get<DatasetActions>().RemoveAsync(Caller.Program, name, cancellation);
            return true;
        }
        catch (Exception error) when (Persistence.IsOfTheDatabase(error))
        {
            terminal.Complain($"The platform's database does not answer, so the browser goes on showing the dataset: {error.Message}");
            return false;
        }
    }
}
