using NasPlatform.Search.Datasets;
using NasPlatform.Search.Networks;
using NasPlatform.Web.Accounts;
using NasPlatform.Web.Lists;

namespace NasPlatform.Web.Datasets;

/// <summary>The images of datasets as they are kept, to look at. The right to see a dataset is the caller's to check before.</summary>
internal sealed class DatasetImages(DataFolders folders, TimeProvider time)
{
    /// <summary>A page of the images of a class, in the order of the dataset.</summary>
    /// <param name="split">Null for all splits.</param>
    /// <param name="page">1-based.</param>
    /// <exception cref="RefusedException">The dataset has no such class, or no images.</exception>
    public ListPage<(int Index, Split Split)> OfClass(string name, int label, Split? split, int page, int size)
    {
        using var dataset = Open(name);
        if (label < 0 || label >= dataset.Classes.Count)
        {
            throw RefusedException.NotFound($"class {label} in '{name}'");
        }

        var labels = dataset.Labels;
        var splits = dataset.Splits;
        var (skipped, total) = ((page - 1L) * size, 0);
        var shown = new List<(int, Split)>(size);
        for (var index = 0; index < labels.Length; index++)
        {
            if (labels[index] == label && (split is null || splits[index] == (byte)split))
            {
                if (total >= skipped && shown.Count < size)
                {
                    shown.Add((index, (Split)splits[index]));
                }

                total++;
            }
        }

        return new(shown, total, page, size);
    }

    /// <summary>An image as PNG.</summary>
    /// <exception cref="RefusedException">The dataset has no such image, or none at all.</exception>
    public byte[] Png(string name, int index)
    {
        using var dataset = Open(name);
        return index >= 0 && index < dataset.Count
            ? PngWriter.Write(dataset.Image(index), dataset.Channels, dataset.Height, dataset.Width)
            : throw RefusedException.NotFound($"image {index} in '{name}'");
    }

    private Dataset Open(string name)
    {
        var dataset = new DatasetCatalog(folders.Root, time).Open(name);
        if (dataset.Task == TaskKind.ImageClassification)
        {
            return dataset;
        }

        dataset.Dispose();
        throw RefusedException.NotFound($"image in '{name}'");
    }
}
