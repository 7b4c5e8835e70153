using NasPlatform.Search.Datasets.Files;

namespace NasPlatform.Search.Datasets.Layouts;

/// <summary>A file and the split it is for; null for a file with everything.</summary>
internal readonly record struct SplitFile(int File, Split? Split);

/// <summary>The files of a source that make one text, table or set of series: one with everything, or one for each split, which their names say.</summary>
/// <param name="Parts">In the order of the splits.</param>
/// <param name="IsNamed">Whether the file was named itself, and not the folder or archive it is in.</param>
internal sealed record SplitFiles(SourceFiles Files, IReadOnlyList<SplitFile> Parts, bool IsNamed)
{
    /// <summary>What was found, for people: "text file", "zip archive with text files".</summary>
    public string Kind(string one)
    {
        var what = Parts.Count == 1 ? one : one + "s";
        return IsNamed ? what : $"{Files.Kind} with a{(Parts.Count == 1 ? "" : " set of")} {what}";
    }

    /// <summary>Those that are meant; null where none is.</summary>
    /// <param name="isMeant">Whether a file of this name is.</param>
    /// <param name="what">One of them, for people.</param>
    /// <exception cref="UserErrorException">Which are meant is not clear, or there is none for training.</exception>
    public static SplitFiles? Find(SourceFiles files, bool isNamed, Func<string, bool> isMeant, string what, string path)
    {
        var meant = Enumerable.Range(0, files.Files.Count).Where(i => isMeant(files.Files[i].Name)).ToArray();
        if (meant.Length <= 1)
            return meant.Length == 0 ? null : new(files, [new(meant[0], null)], isNamed);
        var parts = meant.Select(file => new SplitFile(file, SplitNames.InFileName(files.Files[file].Name))).Where(part => part.Split is not null).OrderBy(part => part.Split).ToArray();
        const string Advice = "Add one by its own path, or name them for their splits, such as name.train.txt, name.valid.txt and name.test.txt.";
        if (parts.Length == 0)
            throw new UserErrorException($"{path} has {meant.Length:N0} files that may be {what}: {Labelled.Named(meant.Select(file => files.Files[file].Name))}. {Advice}");
        if (parts.GroupBy(part => part.Split).FirstOrDefault(group => group.Count() > 1) is { } several)
            throw new UserErrorException($"{path} has {several.Count():N0} files for {Word(several.Key)}: {Labelled.Named(several.Select(part => files.Files[part.File].Name))}. {Advice}");
        if (parts[0].Split != Split.Train)
            throw new UserErrorException($"{path} has no file for training, only {Labelled.Named(parts.Select(part => files.Files[part.File].Name))}. {Advice}");
        var leftOut = meant.Except(parts.Select(part => part.File)).ToArray();
        if (leftOut.Length > 0)
            files.Notes.Add($"The names of {leftOut.Length:N0} files say no split, and they were left out: {Labelled.Named(leftOut.Select(file => files.Files[file].Name))}.");
        return new(files, parts, isNamed);
    }

    /// <summary>A file that was named itself; one whose name says that it is for training, with those beside it that have the same name for the other splits.</summary>
    public static FolderFiles OfNamed(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";
        var name = Path.GetFileName(path);
        if (SplitNames.InFileName(name) != Split.Train)
            return FolderFiles.OfNames(folder, [name]);
        var key = SplitNames.Without(name);
        var others = Directory.EnumerateFiles(folder).Select(file => Path.GetFileName(file))
            .Where(other => SplitNames.InFileName(other) is Split.Validation or Split.Test && string.Equals(SplitNames.Without(other), key, StringComparison.OrdinalIgnoreCase));
        return FolderFiles.OfNames(folder, [name, .. others]);
    }

    private static string Word(Split? split) => split switch
    {
        Split.Validation => "validation",
        Split.Test => "the test",
        _ => "training",
    };
}
