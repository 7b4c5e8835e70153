using NasPlatform.Search.Datasets.Files;

namespace NasPlatform.Search.Datasets.Layouts;

/// <summary>Finds out, by content, in which of the known ways a source holds its examples.</summary>
internal static class Recognition
{
    private const string Accepted = "a folder, zip or tar archive with a folder of images for each class; a CSV file with the columns file and label; "
        + "IDX files as MNIST ships them; or the binary version of CIFAR-10";

    /// <exception cref="UserErrorException">Nothing is there, it is of no known kind, or it is damaged or unsafe.</exception>
    public static ExampleSource Open(string path, IngestOptions options)
    {
        var files = SourceFiles.Open(path, options.Limits);
        try
        {
            return (File.Exists(path) && files is FolderFiles ? OfFile(path, options) : OfFiles(files, path, options))
                ?? throw Unknown(files, path);
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    private static ExampleSource? OfFile(string path, IngestOptions options) =>
        CsvListing.TryReadFile(path, options.Limits)
        ?? IdxFiles.TryReadFile(path, options)
        ?? CifarBatches.TryReadFile(path, options.Limits);

    private static ExampleSource? OfFiles(SourceFiles files, string path, IngestOptions options)
    {
        if (files.Files.Count == 0)
            throw new UserErrorException($"{path} holds no files. Expected is {Accepted}.");
        var source = CsvListing.TryRead(files, path, options.Limits);
        if (!files.Files.Any(EncodedImages.IsMeantAsImage))
            source ??= IdxFiles.TryRead(files, path, options) ?? CifarBatches.TryRead(files, options.Limits);
        return source ?? ClassFolders.TryRead(files, path, options.Limits);
    }

    private static UserErrorException Unknown(SourceFiles files, string path)
    {
        if (files.Files is [var only] && File.Exists(path) && EncodedImages.IsMeantAsImage(only))
            return new UserErrorException($"{path} is a single image. Expected is {Accepted}.");
        var some = string.Join(", ", files.Files.Take(3).Select(file => file.Name));
        var content = File.Exists(path) && files.Files.Count == 1 ? "" : $" (it has {some}{(files.Files.Count > 3 ? ", ..." : "")})";
        return new UserErrorException($"{path} is of no kind that is understood{content}. Expected is {Accepted}.");
    }
}
