namespace NasPlatform.Search;

/// <summary>Writes files that are never seen half-written: the whole new file is there afterwards, or what was there before.</summary>
internal static class WholeFile
{
    /// <summary>Writes the file at <paramref name="path"/>, and its folder where that is missing.</summary>
    /// <exception cref="UserErrorException">It cannot be written.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!; // not null: a file lies in a folder
        var partial = path + ".partial";
        try
        {
            Directory.CreateDirectory(folder);
            try
            {
                using (var stream = new FileStream(partial, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20))
                {
                    write(stream);
                    stream.Flush(flushToDisk: true);
                }

                File.Move(partial, path, overwrite: true);
            }
            catch
            {
                File.Delete(partial);
                throw;
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{path} cannot be written: {error.Message}", error);
        }
    }
}
