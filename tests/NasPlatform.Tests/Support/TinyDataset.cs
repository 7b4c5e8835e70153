using System.Buffers.Binary;
using NasPlatform.Search;
using NasPlatform.Search.Datasets;

namespace NasPlatform.Tests.Support;

/// <summary>
/// A dataset that a small network learns in a second: grey noise under one of four textures (flat, rows, columns, chequers), written as IDX
/// files and ingested like any other.
/// </summary>
public static class TinyDataset
{
    public const int Classes = 4;

    /// <summary>Writes the four files that MNIST ships, uncompressed.</summary>
    public static string WriteIdx(string folder, int train = 240, int test = 80, int side = 8)
    {
        Directory.CreateDirectory(folder);
        var random = new RandomSource(7);
        Write("train", train);
        Write("t10k", test);
        return folder;

        void Write(string prefix, int count)
        {
            var images = new byte[16 + (count * side * side)];
            var labels = new byte[8 + count];
            BinaryPrimitives.WriteInt32BigEndian(images, 2051);
            BinaryPrimitives.WriteInt32BigEndian(images.AsSpan(4), count);
            BinaryPrimitives.WriteInt32BigEndian(images.AsSpan(8), side);
            BinaryPrimitives.WriteInt32BigEndian(images.AsSpan(12), side);
            BinaryPrimitives.WriteInt32BigEndian(labels, 2049);
            BinaryPrimitives.WriteInt32BigEndian(labels.AsSpan(4), count);
            for (var example = 0; example < count; example++)
            {
                var label = example % Classes;
                labels[8 + example] = (byte)label;
                var image = images.AsSpan(16 + (example * side * side), side * side);
                for (var pixel = 0; pixel < image.Length; pixel++)
                {
                    var (row, column) = (pixel / side % 2, pixel % side % 2);
                    var bright = label switch { 0 => true, 1 => row == 0, 2 => column == 0, _ => row == column };
                    image[pixel] = (byte)(random.Next(60) + (bright ? 150 : 0));
                }
            }

            File.WriteAllBytes(Path.Combine(folder, $"{prefix}-images-idx3-ubyte"), images);
            File.WriteAllBytes(Path.Combine(folder, $"{prefix}-labels-idx1-ubyte"), labels);
        }
    }

    /// <summary>Ingests it as <c>textures</c> into a data folder below <paramref name="folder"/> and opens it.</summary>
    public static Dataset Open(string folder)
    {
        var catalog = new DatasetCatalog(Path.Combine(folder, "data"), TimeProvider.System);
        catalog.Add(WriteIdx(Path.Combine(folder, "idx")), new IngestOptions { Name = "textures" });
        return catalog.Open("textures");
    }
}
