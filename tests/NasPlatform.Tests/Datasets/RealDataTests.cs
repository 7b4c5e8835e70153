using NasPlatform.Search.Datasets;
using NasPlatform.Search.Networks;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Datasets;

/// <summary>Real data against what is published of it.</summary>
public sealed class RealDataTests : IDisposable
{
    private readonly TemporaryFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public void Clothing_has_the_counts_of_its_description()
    {
        using var dataset = Add(SharedData.Require("clothing-small/clothing-80.zip"));

        Assert.Equal(3781, dataset.Count);
        Assert.Equal((3, 64, 64), (dataset.Channels, dataset.Height, dataset.Width));
        Assert.Equal(
            [
                new ClassCounts("dress", 241, 32, 15), new("hat", 123, 14, 12), new("longsleeve", 455, 49, 72), new("outwear", 184, 24, 38), new("pants", 468, 49, 42),
                new("shirt", 290, 29, 26), new("shoes", 198, 26, 73), new("shorts", 202, 25, 30), new("skirt", 112, 12, 12), new("t-shirt", 795, 81, 52),
            ],
            dataset.Report.Classes);
        Assert.Empty(dataset.Report.Unreadable);
    }

    [Fact]
    public void Cifar_binaries_have_their_labels_and_pixels()
    {
        using var dataset = Add(SharedData.Require("cifar10/data_batch_1_first4000.bin.gz"));

        Assert.Equal(4000, dataset.Count);
        Assert.Equal([6, 9, 9, 4, 1, 1, 2, 7, 8, 3], dataset.Labels[..10].ToArray());
        // The first image is the frog that tutorials show; its first red, green and blue.
        Assert.Equal((59, 62, 63), (dataset.Image(0)[0], dataset.Image(0)[1024], dataset.Image(0)[2048]));
    }

    [Fact]
    public void Cifar_as_JPEG_is_whole_and_near_the_originals()
    {
        using var jpeg = Add(SharedData.Require("cifar10/cifar10-jpg.tar.gz"));

        Assert.Equal(60_000, jpeg.Count);
        Assert.Equal((3, 32, 32), (jpeg.Channels, jpeg.Height, jpeg.Width));
        Assert.All(jpeg.Report.Classes, counts => Assert.Equal((4500, 500, 1000), (counts.Train, counts.Validation, counts.Test)));
        // Published: 0.4914 0.4822 0.4465 and 0.2470 0.2435 0.2616 over the 50,000 originals.
        foreach (var (channel, (mean, std)) in new[] { (0.4914, 0.2470), (0.4822, 0.2435), (0.4465, 0.2616) }.Index())
        {
            Assert.Equal(mean, jpeg.Mean[channel], 0.002);
            Assert.Equal(std, jpeg.Std[channel], 0.003);
        }
    }

    [Fact]
    public void Fashion_MNIST_is_whole()
    {
        Assert.SkipUnless(Directory.Exists("/usr/share/datasets/fashion-mnist"), "needs the package dataset-fashion-mnist");

        using var dataset = new DatasetCatalog(_data.Path).Open("fashion-mnist", null, TestContext.Current.CancellationToken);

        Assert.Equal((70_000, 1, 28, 28), (dataset.Count, dataset.Channels, dataset.Height, dataset.Width));
        Assert.All(dataset.Report.Classes, counts => Assert.Equal((5400, 600, 1000), (counts.Train, counts.Validation, counts.Test)));
        // The order is the source's, training images first; the first ten are known.
        Assert.Equal([9, 0, 0, 3, 0, 2, 7, 2, 5, 5], dataset.Labels[..10].ToArray());
        Assert.Equal("Ankle boot", dataset.Classes[9]);
        // Published over the 60,000: 0.2860 and 0.3530.
        Assert.Equal(0.2860, dataset.Mean[0], 0.001);
        Assert.Equal(0.3530, dataset.Std[0], 0.001);
    }

    [Fact]
    public void War_and_Peace_has_the_counts_of_its_description()
    {
        SharedData.Require("text/warandpeace.valid.txt.gz");
        SharedData.Require("text/warandpeace.test.txt.gz");
        using var dataset = Add(SharedData.Require("text/warandpeace.train.txt.gz"));

        Assert.Equal(TaskShape.Text(35, 10_000), dataset.Report.TaskShape);
        Assert.Equal((461_804, 65_212, 71_543), (dataset.Report.CountOf(Split.Train), dataset.Report.CountOf(Split.Validation), dataset.Report.CountOf(Split.Test)));
        Assert.Equal([new("<eos>", 26_610, 3_326, 3_327), new("the", 26_480, dataset.Report.Classes[1].Validation, dataset.Report.Classes[1].Test)], dataset.Report.Classes.Take(2));
        var unknown = dataset.Report.Classes.Single(token => token.Name == "<unk>");
        Assert.Equal((1.4, 3.5, 3.8), (Math.Round(100.0 * unknown.Train / 461_804, 1), Math.Round(100.0 * unknown.Validation / 65_212, 1), Math.Round(100.0 * unknown.Test / 71_543, 1)));
        Assert.Equal((4_801, 4_760), (dataset.Report.Classes.Count(token => token.Validation > 0), dataset.Report.Classes.Count(token => token.Test > 0)));
        // The unigram perplexity that its description gives.
        var entropy = -dataset.Report.Classes.Sum(token => token.Train / 461_804.0 * Math.Log(token.Train / 461_804.0));
        Assert.Equal(578, Math.Exp(entropy), 0.5);
        Assert.Equal(["well", "prince", "so", "genoa"], dataset.Labels[..4].ToArray().Select(label => dataset.Classes[(int)label]));
    }

    [Theory]
    [InlineData("valid", 217_646, 13_777)]
    [InlineData("test", 245_569, 14_143)]
    public void WikiText_2_has_the_counts_of_its_description(string part, int tokens, int words)
    {
        using var dataset = Add(SharedData.Require($"text/wikitext2.{part}.txt.gz"), new() { Vocabulary = 20_000, ValidationFraction = 0, TestFraction = 0 });

        Assert.Equal((tokens, words), (dataset.Count, dataset.Classes.Count));
    }

    [Fact]
    public void Shakespeare_has_the_characters_of_its_description()
    {
        using var dataset = Add(SharedData.Require("text/tinyshakespeare.txt.gz"), new() { Characters = true });

        Assert.Equal((1_115_394, 65), (dataset.Count, dataset.Classes.Count));
        Assert.Equal("First Citizen:\nBefore", string.Concat(dataset.Labels[..21].ToArray().Select(label => dataset.Classes[(int)label])));
        Assert.Equal((892_316, 111_539, 111_539), (dataset.Report.CountOf(Split.Train), dataset.Report.CountOf(Split.Validation), dataset.Report.CountOf(Split.Test)));
    }

    [Theory]
    [InlineData("BasicMotions", 40, 40, 6, 100, "Standing Running Walking Badminton")]
    [InlineData("JapaneseVowels", 270, 370, 12, 29, "1 2 3 4 5 6 7 8 9")]
    [InlineData("ItalyPowerDemand", 67, 1_029, 1, 24, "1 2")]
    public void Series_have_the_counts_of_their_description(string name, int train, int test, int variables, int steps, string classes)
    {
        SharedData.Require($"timeseries/{name}_TEST.ts.gz");
        using var dataset = Add(SharedData.Require($"timeseries/{name}_TRAIN.ts.gz"));

        Assert.Equal((train, test), (dataset.Report.CountOf(Split.Train) + dataset.Report.CountOf(Split.Validation), dataset.Report.CountOf(Split.Test)));
        Assert.Equal((variables, steps), (dataset.Channels, dataset.Width));
        Assert.Equal(classes.Split(' '), dataset.Classes);
    }

    [Fact]
    public void ETTh1_has_its_usual_split()
    {
        using var dataset = Add(SharedData.Require("timeseries/ETTh1.csv.gz"), new() { Rows = new(8_640, 2_880, 2_880), Horizon = 96 });

        Assert.Equal(["HUFL", "HULL", "MUFL", "MULL", "LUFL", "LULL", "OT"], dataset.Report.TargetNames);
        Assert.Equal(TaskShape.Forecast(7, 96, 672), dataset.Report.TaskShape);
        // As many windows as published code has: 8640 - 96 - 96 + 1 and 2880 - 96 + 1.
        Assert.Equal((8_449, 2_785, 2_785), (dataset.Indices(Split.Train).Length, dataset.Indices(Split.Validation).Length, dataset.Indices(Split.Test).Length));
        Assert.Equal(30.531f, dataset.Values(0)[6], 1e-3f);
    }

    [Theory]
    [InlineData("airline-passengers.csv", 144, 38, 7, 0)]
    [InlineData("sunspots.csv", 309, 82, 15, 0)]
    [InlineData("co2.csv", 2_284, 96, 24, 59)]
    [InlineData("ETTh1.csv.gz", 17_420, 96, 24, 0)]
    public void Series_to_forecast_have_the_rows_of_their_description(string name, int rows, int steps, int horizon, int missing)
    {
        using var dataset = Add(SharedData.Require($"timeseries/{name}"));

        Assert.Equal((TaskKind.Forecasting, rows, steps, horizon), (dataset.Task, dataset.Count, dataset.Width, dataset.Report.Horizon));
        Assert.Equal(missing > 0, dataset.Report.Notes.Any(note => note.StartsWith($"{missing} missing values", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("iris.csv", 4, "50 50 50")]
    [InlineData("wine.csv", 13, "59 71 48")]
    [InlineData("breast-cancer.csv", 30, "357 212")]
    [InlineData("digits-8x8.csv.gz", 59, "178 182 177 183 181 182 181 179 174 180")] // 5 of 64 pixels are never set among the training rows
    [InlineData("covertype-20k.csv.gz", 52, null)] // 2 of the 54 columns are of soils that do not occur
    public void Tables_have_the_counts_of_their_description(string name, int features, string? classes)
    {
        using var dataset = Add(SharedData.Require($"tabular/{name}"));

        Assert.Equal((TaskKind.TabularClassification, features), (dataset.Task, dataset.Channels));
        if (classes is not null)
            Assert.Equal(classes, string.Join(' ', dataset.Report.Classes.Select(counts => counts.Total)));
        else
            Assert.Equal((20_000, 7, 2_160, 6_022), (dataset.Count, dataset.Classes.Count, dataset.Report.Classes.Min(counts => counts.Total), dataset.Report.Classes.Max(counts => counts.Total)));
    }

    [Fact]
    public void Adult_has_its_test_rows_and_its_missing_categories()
    {
        SharedData.Require("tabular/adult.test.csv.gz");
        using var dataset = Add(SharedData.Require("tabular/adult.train.csv.gz"));

        Assert.Equal(["<=50K", ">50K"], dataset.Classes);
        Assert.Equal([(24_720, 12_435), (7_841, 3_846)], dataset.Report.Classes.Select(counts => (counts.Train + counts.Validation, counts.Test)));
        Assert.Equal(14, dataset.Report.Columns.Count);
        Assert.Equal(["workclass", "occupation", "native_country"], dataset.Report.Columns.Where(column => column.Categories?.Contains("(missing)") == true).Select(column => column.Name));
        Assert.Equal(["Private", "Self-emp-not-inc"], dataset.Report.Columns[1].Categories!.Take(2)); // not null: the row above found some
    }

    private Dataset Add(string path, IngestOptions? options = null)
    {
        var catalog = new DatasetCatalog(_data.Path);
        catalog.Add(path, (options ?? new()) with { Name = "real" }, null, TestContext.Current.CancellationToken);
        return catalog.Open("real", null, TestContext.Current.CancellationToken);
    }
}
