using NasPlatform.Search;

namespace NasPlatform.Web;

/// <summary>SQLite is for one server at a time; the system gives this up when the process ends, however it ends.</summary>
internal sealed class ServerLock(DataFolders folders) : IDisposable
{
    private FileStream? _held;

    /// <exception cref="UserErrorException">Another server has it.</exception>
    public void Take()
    {
        try
        {
            _held = new(folders.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            throw new UserErrorException(
                $"Another server uses {folders.Root} already. Stop it, choose another data folder with NAS_DATA, or use PostgreSQL (NAS_POSTGRES), which several servers share.");
        }
    }

    public void Dispose() => _held?.Dispose();
}
