using System.IO.Compression;
using System.Numerics;
using NasPlatform.Search;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Spaces.NasBench101;
using NasPlatform.Tests.Contracts;
using NasPlatform.Tests.Support;

namespace NasPlatform.Tests.Spaces;

public sealed class NasBench101SpaceTests : SearchSpaceContract
{
    private const string InceptionLike = "0111010/0000001/0000001/0000100/0000001/0000001/0000000 C1,C3,C3,C3,MP";

    private static readonly NasBench101Space Benchmark = (NasBench101Space)SearchSpaceCatalog.Create(
        "nasbench101", new Dictionary<string, string> { ["channels"] = "128", ["cells"] = "3", ["momentum"] = "0.003" });

    protected override SearchSpace Space { get; } = SearchSpaceCatalog.Create("nasbench101");

    protected override bool HasInvalidEncodings => true;

    [Fact]
    public void NB101_K1_509607936_encodings() => Assert.Equal(509_607_936, Space.Size);

    [Fact]
    public void NB101_K2_K3_K7_K11_423624_distinct_cells_with_the_published_edges_hashes_and_parameters()
    {
        var cells = NasBench101Enumeration.DistinctCells(7, 9).ToList();
        var parameters = cells.ConvertAll(ParameterCount);
        parameters.Sort();

        Assert.Equal([1, 6, 84, 2_441, 62_010, 359_082], cells.CountBy(cell => cell.Vertices).OrderBy(count => count.Key).Select(count => count.Value));
        Assert.Equal([1, 3, 12, 60, 339, 2_134, 13_984, 78_822, 328_269], cells.CountBy(cell => cell.EdgeCount).OrderBy(count => count.Key).Select(count => count.Value));
        Assert.Equal((227_274, 32), (parameters[0], parameters.Count(count => count == parameters[0])));
        Assert.Equal((49_979_274, 42), (parameters[^1], parameters.Count(count => count == parameters[^1])));
        Assert.Equal(2 * 5_356_682, parameters[(cells.Count / 2) - 1] + parameters[cells.Count / 2]);
        Assert.Equal(8_459_761.9, parameters.Average(), 1);

        var hashes = cells.ConvertAll(cell => cell.Hash());
        Assert.Equal("00005c142e6f48ac74fdcf73e3439874", hashes.Min(StringComparer.Ordinal));
        Assert.Equal("ffff76fafa7b0cdf545fd7feee9c8bf9", hashes.Max(StringComparer.Ordinal));
        Assert.Equal(423_624, hashes.Distinct().Count());
    }

    [Fact]
    public void NB101_K2_the_published_hash_tells_apart_the_cells_that_are_enumerated_as_distinct()
    {
        var labelled = NasBench101Enumeration.LabelledCells(5, 9).ToList();
        var distinct = NasBench101Enumeration.DistinctCells(5, 9).Select(cell => cell.Hash()).ToHashSet();

        Assert.Equal(2_532, distinct.Count);
        Assert.True(distinct.SetEquals(labelled.Select(cell => cell.Hash())));
    }

    [Fact]
    public void NB101_K4_labelled_cells_before_isomorphic_ones_are_removed()
    {
        var cumulative = 0;
        int[] counts = [.. Enumerable.Range(2, 6).Select(vertices => cumulative += NasBench101Enumeration.Matrices(vertices, 9).Count() * (int)Math.Pow(3, vertices - 2))];
        Assert.Equal([1, 7, 97, 3_364, 128_509, 1_293_208], counts);
    }

    [Fact]
    public void NB101_K5_which_edge_sets_of_seven_vertices_are_valid()
    {
        var (unconnected, large, valid) = (0, 0, 0);
        for (var edges = 0; edges < 1 << 21; edges++)
        {
            var kept = NasBench101Cell.OnPaths(7, edges);
            var count = Enumerable.Range(1, 6).Sum(to => (kept >> to & 1) == 1 ? BitOperations.PopCount((uint)(NasBench101Cell.Feeders(edges, to) & kept)) : 0);
            _ = kept == 0 ? unconnected++ : count > 9 ? large++ : valid++;
        }

        Assert.Equal((149_607, 409_462, 1_538_083), (unconnected, large, valid));
    }

    [Theory]
    [InlineData(3, 3, "01 02")]
    [InlineData(3, 5, "01 12")]
    [InlineData(3, 7, "01 02 12")]
    [InlineData(4, 7, "01 02 12")]
    [InlineData(4, 18, "02 13")]
    [InlineData(4, 35, "01 02 23")]
    public void NB101_K6_the_matrix_of_an_integer(int vertices, int integer, string edges) => Assert.Equal(edges, Edges(Of(vertices, integer)));

    [Fact]
    public void NB101_K8_K9_the_hash_round_by_round()
    {
        var empty = Of(2, Bits("01"));
        var rounds = empty.HashRounds().ToList();
        Assert.Equal(["3bb65a81afada4c50c2c4630873f0a79", "da7ed8fcf085d449b70116bd536a0344"], rounds[0]);
        Assert.Equal(["6a9b02cac0c1197568db68e8a26172e5", "b03380eecb720dcb90c99e9368145d41"], rounds[1]);
        Assert.Equal(["24e83d4b6d15ac1c1dd62825fccc2b55", "6b642d06edcbee779700da045bbd0266"], rounds[2]);
        Assert.Equal("043721b9c7fe8c5fad811d47d83132ec", empty.Hash());

        var chain = Of(3, Bits("01 12"));
        rounds = [.. chain.HashRounds()];
        Assert.Equal(["3bb65a81afada4c50c2c4630873f0a79", "d83dc8699b886cf73ffbd4db0625c540", "da7ed8fcf085d449b70116bd536a0344"], rounds[0]);
        Assert.Equal(["d67e8ecedc26905fdc611fb26327d258", "3e2bac0b99510f2e44aa7a76070c39cd", "e900b60544768237407b950153caaffa"], rounds[3]);
        Assert.Equal("b49ac8c578b4561d79ac7087988f1c61", chain.Hash());
    }

    [Theory]
    [InlineData("empty", "043721b9c7fe8c5fad811d47d83132ec", 882_570)]
    [InlineData("one conv3x3", "b49ac8c578b4561d79ac7087988f1c61", 10_177_674)]
    [InlineData("one conv1x1", "d1269d9156ddc027c40473008192958a", 1_920_138)]
    [InlineData("one maxpool3x3", "53cee42601ad14d661bb6878031d6acb", 882_570)]
    [InlineData("five conv3x3 in a chain", "b3bc0991ac661443a583796ce582f11f", 47_358_090)]
    [InlineData("ResNet-like", "b5fb4f6193360330b6ff6a52cbf0cad7", 20_346_506)]
    [InlineData("Inception-like", "28cfc7874f6d200472e1a9dcd8650aa0", 2_694_282)]
    [InlineData("best mean test accuracy", "02e5a0247bbdcf2860b7e96f74961594", 32_426_634)]
    [InlineData("smallest hash", "00005c142e6f48ac74fdcf73e3439874", 8_555_530)]
    public void NB101_K10_hash_and_parameters_of_the_named_cells(string name, string hash, long parameters)
    {
        var genotype = Benchmark.Parse(Benchmark.Published[name]);
        Assert.Equal(hash, Benchmark.Key(genotype).Value);
        Assert.Equal(parameters, Benchmark.Build(genotype, TaskShape.Cifar10).Cost.ParameterCount);
    }

    [Theory]
    [InlineData("01 12 23", 8, 8, "8 8 8 8")]
    [InlineData("01 12 23", 8, 16, "8 16 16 16")]
    [InlineData("01 12 23", 16, 8, "16 8 8 8")]
    [InlineData("01", 1, 1, "1 1")]
    [InlineData("01", 1, 5, "1 5")]
    [InlineData("01", 5, 1, "5 1")]
    [InlineData("01 02 13 23 34", 8, 8, "8 8 8 8 8")]
    [InlineData("01 02 13 23 34", 8, 16, "8 16 16 16 16")]
    [InlineData("01 02 13 23 34", 16, 8, "16 8 8 8 8")]
    [InlineData("01 02 13 23", 8, 8, "8 4 4 8")]
    [InlineData("01 02 13 23", 8, 16, "8 8 8 16")]
    [InlineData("01 02 13 23", 16, 8, "16 4 4 8")]
    [InlineData("01 02 13 23", 8, 15, "8 8 7 15")]
    [InlineData("01 02 03 14 24 34", 8, 8, "8 3 3 2 8")]
    [InlineData("01 02 03 14 24 34", 8, 15, "8 5 5 5 15")]
    [InlineData("01 12 13 24 34", 8, 8, "8 4 4 4 8")]
    [InlineData("01 12 13 24 34", 8, 9, "8 5 5 4 9")]
    [InlineData("01 03 12 14 23 34", 8, 8, "8 4 4 4 8")]
    [InlineData("01 03 12 14 23 34", 8, 15, "8 8 7 7 15")]
    [InlineData("01 02 03 05 16 26 34 46 56", 128, 128, "128 32 32 32 32 32 128")]
    [InlineData("01 02 03 05 16 26 34 46 56", 128, 256, "128 64 64 64 64 64 256")]
    [InlineData("01 04 05 12 23 26 35 45 56", 128, 128, "128 64 64 64 64 64 128")]
    [InlineData("01 04 05 12 23 26 35 45 56", 128, 256, "128 128 128 128 128 128 256")]
    public void NB101_K12_channels_of_the_vertices(string edges, int input, int output, string channels)
    {
        var vertices = edges.Max(digit => digit - '0') + 1;
        Assert.Equal(channels, string.Join(' ', Of(vertices, Bits(edges)).Channels(input, output)));
    }

    [Theory]
    [InlineData(4, "01 13", 3, "01 12", "1")]
    [InlineData(4, "01 02 23", 3, "01 12", "2")]
    [InlineData(4, "02 13 23", 3, "01 12", "2")]
    [InlineData(5, "01 14 23", 3, "01 12", "1")]
    public void NB101_K13_pruning(int vertices, string edges, int prunedVertices, string prunedEdges, string keptBetween)
    {
        // Labels tell which vertices were kept: 0, 1, 2 for the first, second and third between.
        var pruned = new NasBench101Cell(vertices, Bits(edges), [.. Enumerable.Range(0, vertices - 2)]).Prune();

        Assert.NotNull(pruned);
        Assert.Equal((prunedVertices, prunedEdges), (pruned.Vertices, Edges(pruned)));
        Assert.Equal(keptBetween, string.Join(' ', pruned.Operations.Select(label => label + 1)));
    }

    [Fact]
    public void NB101_K13_a_cell_without_a_path_is_invalid() => Assert.Null(Of(4, Bits("01 23")).Prune());

    [Fact]
    public void NB101_K15_the_Inception_ResNet_like_cell_has_ten_edges_and_is_out_of_the_domain()
    {
        var text = Text(InceptionLike.Replace("0111010/", "0111011/", StringComparison.Ordinal));
        var genotype = Benchmark.Parse(text);
        var larger = SearchSpaceCatalog.Create("nasbench101", new Dictionary<string, string>(Benchmark.Settings) { ["edges"] = "10" });

        Assert.False(Benchmark.IsValid(genotype));
        Assert.Contains("10 edges", Assert.Throws<InvalidArchitectureException>(() => Benchmark.Build(genotype, TaskShape.Cifar10)).Message, StringComparison.Ordinal);
        Assert.Equal("8990de2aa6c16c245b66f633938a95e3", Benchmark.Key(genotype).Value);
        Assert.Equal(3_568_010, larger.Build(genotype, TaskShape.Cifar10).Cost.ParameterCount);
    }

    [Fact]
    public void NB101_K16_the_path_encoding_has_364_numbers_one_for_each_sequence_of_operations()
    {
        var genotype = Benchmark.Parse(Text(InceptionLike));
        var encoding = Benchmark.Encode(genotype);

        // C1; C3; C3 C3; MP: lengths begin at 0, 1, 4.
        Assert.Equal(364, encoding.Length);
        Assert.Equal([1 + 0, 1 + 1, 1 + 2, 4 + 0], Enumerable.Range(0, 364).Where(place => encoding[place] == 1));
    }

    [Theory]
    [InlineData("C3,C1,MP", 2_040_231)]
    [InlineData("C3,MP,C1", 2_038_941)]
    [InlineData("C1,C3,MP", 2_036_127)]
    [InlineData("MP,C3,C1", 2_034_318)]
    [InlineData("C1,MP,C3", 2_024_613)]
    [InlineData("MP,C1,C3", 2_024_094)]
    public void NB101_K18_cells_of_one_hash_may_differ_in_parameters(string operations, long parameters)
    {
        var genotype = Benchmark.Parse(Text($"01110/00001/00001/00001/00000 {operations}"));
        Assert.Equal("ce9bc2765d63f261e5ad257382c09e92", Benchmark.Key(genotype).Value);
        Assert.Equal(parameters, Benchmark.Build(genotype, TaskShape.Cifar10).Cost.ParameterCount);
    }

    [Fact]
    public void NB101_K19_every_row_of_the_published_sample_has_our_hash_and_as_stored_our_parameters()
    {
        var path = SharedData.Require("nas-bench-101/table.csv.gz");
        var stored = NasBench101Enumeration.DistinctCells(7, 9).ToDictionary(NasBench101Enumeration.Class);
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        Assert.Equal("hash,nodes,edges,ops,params,train_seconds_108,v4,v12,v36,v108", reader.ReadLine());
        var (rows, otherAsPrinted) = (0, 0);
        while (reader.ReadLine()?.Split(',') is { } row)
        {
            var vertices = int.Parse(row[1]);
            var cell = new NasBench101Cell(vertices, RowByRow(vertices, row[2]), [.. row[3].Select(digit => digit - '0')]);
            var published = long.Parse(row[4]);

            Assert.Equal(row[0], cell.Hash());
            Assert.Equal(published, ParameterCount(stored[NasBench101Enumeration.Class(cell)]));
            if (ParameterCount(cell) != published)
            {
                Assert.Equal(3, BitOperations.PopCount((uint)NasBench101Cell.Feeders(cell.Edges, vertices - 1) & ~1u));
                otherAsPrinted++;
            }

            rows++;
        }

        Assert.Equal((30_001, 1_011), (rows, otherAsPrinted));

        static int RowByRow(int vertices, string bits)
        {
            var pairs = Enumerable.Range(0, vertices).SelectMany(from => Enumerable.Range(from + 1, vertices - 1 - from).Select(to => NasBench101Cell.Edge(from, to)));
            return pairs.Zip(bits).Sum(pair => pair.Second == '1' ? pair.First : 0);
        }
    }

    [Fact]
    public void The_closed_form_counts_what_is_built()
    {
        var random = new RandomSource(8);
        for (var draw = 0; draw < 100; draw++)
        {
            var genotype = Benchmark.Sample(random);
            Assert.Equal(ParameterCount(Benchmark.Cell(genotype).Prune()!), Benchmark.Build(genotype, TaskShape.Cifar10).Cost.ParameterCount); // not null: draws are valid
        }
    }

    [Fact]
    public void Renumbered_vertices_and_vertices_off_every_path_leave_the_key_as_it_is()
    {
        var key = Space.Key(Space.Parse(Text("01100/00010/00001/00001/00000 C3,C1,MP")));

        Assert.Equal(key, Space.Key(Space.Parse(Text("01100/00001/00010/00001/00000 C1,C3,MP"))));
        Assert.Equal(key, Space.Key(Space.Parse(Text("011000/000110/000001/000001/000000/000000 C3,C1,MP,C3"))));
        Assert.NotEqual(key, Space.Key(Space.Parse(Text("01100/00010/00001/00001/00000 C1,C3,MP"))));
    }

    [Fact]
    public void Distinct_genotypes_are_those_of_the_distinct_cells()
    {
        var space = (NasBench101Space)SearchSpaceCatalog.Create("nasbench101", new Dictionary<string, string> { ["vertices"] = "5" });
        var genotypes = space.EnumerateDistinct().ToList();

        Assert.Equal(2_532, genotypes.Count);
        Assert.Equal(2_532, genotypes.Select(space.Key).Distinct().Count());
        Assert.All(genotypes, genotype => Assert.True(space.IsValid(genotype)));
    }

    [Fact]
    public void Inputs_are_truncated_and_added_and_feeders_of_the_output_are_joined_with_a_projection_added()
    {
        // Three feeders of 43, 43 and 42 channels; vertex 1 feeds vertex 3, which has one channel less.
        var graph = Benchmark.Build(Benchmark.Parse(Text("01111/00011/00001/00001/00000 C3,MP,C1")), TaskShape.Cifar10);
        var layers = graph.Layers.ToDictionary(layer => layer.Name);

        Assert.Equal(new Op.Slice(0, 42), layers["stack1/cell1/vertex3/from1"].Op);
        Assert.Equal(Shape.Image(42, 32, 32), layers["stack1/cell1/vertex3/sum"].Shape);
        Assert.Equal([43, 43, 42], layers["stack1/cell1/output/join"].Inputs.Select(input => input.Shape.Channels));
        Assert.Equal(["stack1/cell1/output/join", "stack1/cell1/vertex4/projection/relu"], layers["stack1/cell1/output/sum"].Inputs.Select(input => input.Name));
        Assert.Equal(new Op.MaxPool(3, 1, 1), layers["stack1/cell1/vertex2/pool"].Op);
        Assert.Equal(new Op.BatchNorm(1e-5, 0.003), layers["stem/norm"].Op);
        Assert.Equal(Shape.Image(512, 8, 8), layers["stack3/cell3/output/sum"].Shape);
    }

    [Theory]
    [InlineData("01/00 C3 C3", "has 3 words")]
    [InlineData("0", "has 1 rows, not 2 to 7")]
    [InlineData("010/001/00 C3", "row 3 of the matrix, '00', has 2 places, not 3")]
    [InlineData("010/011/000 C3", "row 2 of the matrix, '011', has a 1 at place 2")]
    [InlineData("010/0x1/000 C3", "has 'x' at place 2, not 0 or 1")]
    [InlineData("010/001/000", "0 operations, not 1")]
    [InlineData("0100/0010/0001/0000 C3,conv", "operation 2, 'conv', is not one of conv3x3-bn-relu")]
    public void What_is_wrong_with_a_text_is_said(string text, string message)
    {
        var error = Assert.Throws<UserErrorException>(() => Space.Parse(Text(text)));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    /// <summary>Closed form: k²ab + 2b for a convolution with batch norm; stem, nine cells, the full layer.</summary>
    private static long ParameterCount(NasBench101Cell cell)
    {
        var total = Conv(3, 3, 128) + (512 * 10) + 10;
        foreach (var (input, output, cells) in new[] { (128, 128, 3), (128, 256, 1), (256, 256, 2), (256, 512, 1), (512, 512, 2) })
        {
            var channels = cell.Channels(input, output);
            var projections = Enumerable.Range(1, cell.Vertices - 1).Where(vertex => cell[0, vertex]).Sum(vertex => Conv(1, input, channels[vertex]));
            var operations = cell.Operations.Select((operation, place) => operation == 2 ? 0 : Conv(operation == 0 ? 3 : 1, channels[place + 1], channels[place + 1])).Sum();
            total += cells * (projections + operations);
        }

        return total;

        static long Conv(int kernel, long input, long output) => (kernel * kernel * input * output) + (2 * output);
    }

    private static string Text(string text) => text
        .Replace("C3", "conv3x3-bn-relu", StringComparison.Ordinal).Replace("C1", "conv1x1-bn-relu", StringComparison.Ordinal).Replace("MP", "maxpool3x3", StringComparison.Ordinal);

    private static NasBench101Cell Of(int vertices, int edges) => new(vertices, edges, [.. Enumerable.Repeat(0, vertices - 2)]);

    private static int Bits(string edges) => edges.Split(' ').Sum(edge => NasBench101Cell.Edge(edge[0] - '0', edge[1] - '0'));

    /// <summary>The edges as pairs of source and target, in the order of the sources.</summary>
    private static string Edges(NasBench101Cell cell) => string.Join(' ',
        from source in Enumerable.Range(0, cell.Vertices)
        from target in Enumerable.Range(source + 1, cell.Vertices - 1 - source)
        where cell[source, target]
        select $"{source}{target}");
}
