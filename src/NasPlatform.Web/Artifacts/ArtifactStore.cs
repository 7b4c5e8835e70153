using System.Security.Cryptography;

namespace NasPlatform.Web.Artifacts;

/// <summary>Files by the hash of their content, in a folder that several machines may share. A file is there whole or not at all, and never changes.</summary>
/// <param name="folder">The artifact folder; made when the first file is kept.</param>
public sealed class ArtifactStore(string folder)
{
    /// <summary>Keeps a copy of a file.</summary>
    /// <returns>Its hash, by which it is opened, and its length in bytes.</returns>
    public async Task<(string Sha256, long Length)> WriteAsync(string path, CancellationToken cancellation)
    {
        await using var source = File.OpenRead(path);
        var sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(source, cancellation));
        var target = PathOf(sha256);

        // Where it is there already it is written again all the same: what is new is not tidied away before a row names it.
        Directory.CreateDirectory(Path.GetDirectoryName(target)!); // not null: below the artifact folder
        var partial = $"{target}.{Guid.NewGuid():N}.partial";
        source.Position = 0;
        await using (var copy = new FileStream(partial, FileMode.CreateNew, FileAccess.Write))
        {
            await source.CopyToAsync(copy, cancellation);
            copy.Flush(flushToDisk: true);
        }

        File.Move(partial, target, overwrite: true);
        return (sha256, source.Length);
    }

    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public FileStream Open(string sha256) => new(PathOf(sha256), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1 << 16, useAsync: true);

    /// <summary>Removes a file that no row names any more.</summary>
    public void Remove(string sha256) => File.Delete(PathOf(sha256));

    private string PathOf(string sha256) => sha256.Length == 64 && sha256.All(char.IsAsciiHexDigitLower)
        ? Path.Join(folder, sha256[..2], sha256)
        : throw new ArgumentException($"'{sha256}' is no SHA-256 in lower-case hexadecimal.", nameof(sha256));
}
