using NasPlatform.Search.Datasets.Files;

namespace NasPlatform.Search.Datasets.Layouts;

/// <summary>
/// Images in one folder for each class, perhaps in folders for train, validation and test above these, and perhaps in one folder
/// around all. Deeper folders belong to their class.
/// </summary>
internal static class ClassFolders
{
    private const int Named = 5;

    /// <summary>The examples, or null when no file looks like an image.</summary>
    /// <exception cref="UserErrorException">There are images, but not in class folders.</exception>
    public static ImageSource? TryRead(SourceFiles files, string path, DatasetLimits limits)
    {
        var images = Enumerable.Range(0, files.Files.Count).Where(i => EncodedImages.IsMeantAsImage(files.Files[i])).ToArray();
        var others = Enumerable.Range(0, files.Files.Count).Except(images).ToArray();
        if (images.Length == 0 && others.Length > 0)
            (images, others) = ByContent(files, others);
        if (images.Length == 0)
            return null;

        var placed = images.Select(file => (File: file, Folders: files.Files[file].Name.Split('/')[..^1])).ToArray();
        var loose = placed.Where(image => image.Folders.Length == 0).ToArray();
        placed = [.. placed.Where(image => image.Folders.Length > 0)];
        if (placed.Length == 0)
            throw new UserErrorException($"The {images.Length:N0} images in {path} are in no folders, so their classes are unknown. Put each class in a folder of its name, or add a CSV file with the columns file and label.");
        while (placed.All(image => image.Folders.Length > 1 && image.Folders[0] == placed[0].Folders[0]))
            placed = [.. placed.Select(image => (image.File, image.Folders[1..]))];

        var hasSplits = placed.All(image => image.Folders.Length > 1 && SplitNames.Of(image.Folders[0]) is not null);
        var classes = ClassOrder.Of(placed.Select(image => image.Folders[hasSplits ? 1 : 0]));
        var labels = classes.Index().ToDictionary(pair => pair.Item, pair => pair.Index, StringComparer.Ordinal);
        var source = new EncodedImages(files, [.. placed.Select(image => image.File)], limits)
        {
            Kind = $"{files.Kind} of class folders",
            Classes = classes,
            Examples = [.. placed.Select(image => new Example(
                files.Files[image.File].Name,
                labels[image.Folders[hasSplits ? 1 : 0]],
                hasSplits ? SplitNames.Of(image.Folders[0]) : null))],
        };
        AddNotes(source, files, [.. loose.Select(image => image.File)], "are in no class folder and were left out");
        AddNotes(source, files, others, "are not images and were left out");
        return source;
    }

    // Only where no name says "image" do the contents decide.
    private static (int[] Images, int[] Others) ByContent(SourceFiles files, int[] candidates)
    {
        var starts = files.ReadStarts(candidates, 12);
        var images = candidates.Where(file => starts.TryGetValue(file, out var start) && IsImage(start)).ToArray();
        return (images, [.. candidates.Except(images)]);
    }

    private static bool IsImage(ReadOnlySpan<byte> start) =>
        start is [0xFF, 0xD8, 0xFF, ..] or [(byte)'I', (byte)'I', (byte)'*', 0, ..] or [(byte)'M', (byte)'M', 0, (byte)'*', ..]
        || start is [0x89, (byte)'P', (byte)'N', (byte)'G', ..]
        || start.StartsWith("GIF8"u8) || (start.StartsWith("RIFF"u8) && start.EndsWith("WEBP"u8)) || start.StartsWith("BM"u8);

    private static void AddNotes(ImageSource source, SourceFiles files, int[] leftOut, string why)
    {
        if (leftOut.Length > 0)
            source.Notes.Add($"{leftOut.Length:N0} files {why}: {string.Join(", ", leftOut.Take(Named).Select(file => files.Files[file].Name))}{(leftOut.Length > Named ? ", ..." : "")}.");
    }
}
