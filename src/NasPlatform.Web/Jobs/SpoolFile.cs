using System.Text;
using System.Text.Json;

namespace NasPlatform.Web.Jobs;

/// <summary>The file of one attempt.</summary>
internal sealed class SpoolFile(string path) : IDisposable
{
    private readonly FileStream _file = new(path, FileMode.Create, FileAccess.Write, FileShare.Read);

    /// <summary>Keeps an entry; an evaluation is on the disk when this returns.</summary>
    public void Add(SpoolEntry entry)
    {
        _file.Write(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(entry, Spool.Json) + "\n"));
        _file.Flush(flushToDisk: entry.Evaluation is not null);
    }

    /// <summary>All of it is in the database, or nobody wants it any more.</summary>
    public void Delete() => File.Delete(path);

    public void Dispose() => _file.Dispose();
}
