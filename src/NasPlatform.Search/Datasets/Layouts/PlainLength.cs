using NasPlatform.Search.Datasets.Files;

namespace NasPlatform.Search.Datasets.Layouts;

/// <summary>How long a file is once it is out of its gzip wrapping, if it has one.</summary>
internal static class PlainLength
{
    /// <exception cref="UserErrorException">The file is damaged or over a limit.</exception>
    public static long Of(SourceFiles files, int index, DatasetLimits limits)
    {
        var file = files.Files[index];
        foreach (var (_, content) in files.Read([index]))
        {
            using var plain = SourceFiles.Gunzip(content, file.Name, limits);
            if (plain is PrefixedStream)
                return file.Length;
            try
            {
                return Count(plain);
            }
            catch (Exception e) when (SourceFiles.IsDamage(e))
            {
                throw new UserErrorException($"{file.Name} is damaged: {e.Message} Copy or download it again.", e);
            }
        }
        return 0;
    }

    private static long Count(Stream content)
    {
        var buffer = new byte[1 << 16];
        long count = 0;
        while (content.Read(buffer) is > 0 and var read)
            count += read;
        return count;
    }
}
