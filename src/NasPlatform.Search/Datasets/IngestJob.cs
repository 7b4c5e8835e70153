using NasPlatform.Search.Datasets.Layouts;

namespace NasPlatform.Search.Datasets;

/// <summary>One bringing-in of a dataset.</summary>
/// <param name="Path">What is brought in, as it was named.</param>
/// <param name="Name">The dataset's name.</param>
/// <param name="Folder">Where its files are made.</param>
/// <param name="Work">Tells how it goes.</param>
internal sealed record IngestJob(string Path, string Name, string Folder, IngestOptions Options, ParallelWork Work, DateTimeOffset Now, CancellationToken Cancellation)
{
    /// <summary>A report with what is true of every source, to be completed.</summary>
    public DatasetReport Report(DatasetSource source) => new()
    {
        Name = Name,
        Source = source.Kind,
        CreatedAt = Now,
        Classes = [],
        Channels = 1,
        Height = 1,
        Width = 1,
        Fit = Options.Fit,
        Mean = [],
        Std = [],
        Imbalance = 1,
        Seed = Options.Seed,
        Duplicates = new DuplicateReport(0, 0, 0, []),
        Unreadable = [],
        Notes = [],
    };

    /// <summary>Refuses what the disk has no room for.</summary>
    /// <param name="bytes">Needed while it is brought in.</param>
    /// <param name="what">What needs them, for people: "1,000 images of 64 x 64, colour".</param>
    /// <param name="advice">How less would do, a clause.</param>
    public void CheckDisk(long bytes, string what, string advice)
    {
        var free = new DriveInfo(Folder).AvailableFreeSpace;
        if (bytes > free)
            throw new UserErrorException($"{what} need {bytes / 1e6:N0} MB while they are brought in, but {System.IO.Path.GetDirectoryName(Folder)} has {free / 1e6:N0} MB free. Free some, or {advice}.");
    }
}
