using NasPlatform.Search.Datasets.Files;
using NasPlatform.Search.Networks;

namespace NasPlatform.Search.Datasets.Layouts;

/// <summary>Finds out, by content, in which of the known ways a source holds its examples.</summary>
internal static class Recognition
{
    private const string Accepted = "a folder, zip or tar archive with a folder of images for each class; a CSV file with the columns file and label; "
        + "IDX files as MNIST ships them; the binary version of CIFAR-10; series in .ts or ARFF files; a table or a series in a CSV file; or a text in a .txt file";

    /// <exception cref="UserErrorException">Nothing is there, it is of no known kind, or it is damaged or unsafe.</exception>
    public static DatasetSource Open(string path, IngestOptions options)
    {
        var files = SourceFiles.Open(path, options.Limits);
        try
        {
            if (files.Files.Count == 0)
                throw new UserErrorException($"{options.FileName ?? path} holds no files. Expected is {Accepted}.");
            return (File.Exists(path) && files is FolderFiles ? OfFile(path, options) : OfFiles(files, path, options))
                ?? throw Unknown(files, path);
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    private static DatasetSource? OfFile(string path, IngestOptions options)
    {
        DatasetSource? source = null;
        if (options.Task is null or TaskKind.ImageClassification)
            source = CsvListing.TryReadFile(path, options.Limits) ?? IdxFiles.TryReadFile(path, options) ?? CifarBatches.TryReadFile(path, options.Limits);
        return source ?? OfNumbers(options.FileName is { } called ? FolderFiles.OfFile(path, called) : SplitFiles.OfNamed(path), isNamed: true, path, options);
    }

    private static DatasetSource? OfFiles(SourceFiles files, string path, IngestOptions options)
    {
        DatasetSource? source = null;
        var hasImages = files.Files.Any(EncodedImages.IsMeantAsImage);
        if (options.Task is null or TaskKind.ImageClassification)
        {
            source = CsvListing.TryRead(files, path, options.Limits);
            if (!hasImages)
                source ??= IdxFiles.TryRead(files, path, options) ?? CifarBatches.TryRead(files, options.Limits);
        }
        if (options.Task is not null || !hasImages)
            source ??= OfNumbers(files, isNamed: false, path, options);
        return source ?? (options.Task is null or TaskKind.ImageClassification ? ClassFolders.TryRead(files, path, options.Limits) : null);
    }

    private static DatasetSource? OfNumbers(SourceFiles files, bool isNamed, string path, IngestOptions options)
    {
        if (options.Task is not { } task)
            return SeriesFiles.TryRead(files, isNamed, path) ?? TableFiles.TryRead(files, isNamed, path, options) ?? TextFiles.TryRead(files, isNamed, path, options);
        return task switch
        {
            TaskKind.ImageClassification => null,
            TaskKind.SequenceClassification => SeriesFiles.TryRead(files, isNamed, path),
            TaskKind.Forecasting or TaskKind.TabularClassification or TaskKind.TabularRegression => TableFiles.TryRead(files, isNamed, path, options),
            TaskKind.LanguageModelling => TextFiles.TryRead(files, isNamed, path, options),
        };
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
