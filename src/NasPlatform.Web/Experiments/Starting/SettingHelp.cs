namespace NasPlatform.Web.Experiments.Starting;

/// <summary>What the settings of spaces and strategies mean, for people. One that is not here is shown by its name.</summary>
internal static class SettingHelp
{
    private static readonly Dictionary<string, (string Label, string Help)> Known = new()
    {
        ["chain.layers"] = ("Layers", "Convolutions in each network, 1 to 50."),
        ["chain.kernels"] = ("Filter sides", "Odd sides of filters in pixels that can be chosen, with commas between."),
        ["chain.strides"] = ("Strides", "Steps in pixels that can be chosen; larger than 1 makes the image smaller."),
        ["chain.filters"] = ("Filters", "Numbers of filters of a layer that can be chosen."),
        ["enas-macro.layers"] = ("Layers", "Layers of each network, 3 to 60; 12 in the paper's search, 24 in its final network."),
        ["enas-macro.channels"] = ("Channels", "Filters of each layer, an even number; 36 in the paper's search, 96 in its final network."),
        ["enas-macro.network"] = ("Network", "search: skips are added and weights can be shared; final: skips are concatenated, channels double where the size is halved."),
        ["enas-macro.dropout"] = ("Dropout", "Share of features zeroed before the classifier in training."),
        ["enas-micro.nodes"] = ("Nodes", "Nodes of each cell with its two inputs; 7 in the paper."),
        ["enas-micro.cells"] = ("Normal cells", "Normal cells of each network, in three stages; 6 in the paper's search, 15 in its final network."),
        ["enas-micro.channels"] = ("Channels", "Filters of the first cell, doubled by each reduction cell; 20 in the paper's search, 36 in its final network."),
        ["enas-micro.network"] = ("Network", "search: weights can be shared; final: loose ends are concatenated, with drop path."),
        ["enas-micro.dropout"] = ("Dropout", "Share of features zeroed before the classifier in training."),
        ["enas-micro.drop_path"] = ("Drop path", "Share of examples for which an operation of the last cell is zeroed at the end of training; earlier cells less."),
        ["nasbench101.vertices"] = ("Vertices", "Of a cell, its input and output included; 7 in the benchmark."),
        ["nasbench101.edges"] = ("Edges", "Most edges of a cell; 9 in the benchmark."),
        ["nasbench101.channels"] = ("Channels", "Channels in the first stack; the second and third have two and four times as many."),
        ["nasbench101.cells"] = ("Cells a stack", "Repeats of the cell in each of three stacks: 1 trains quickly, 3 is the published benchmark's network."),
        ["nasbench101.momentum"] = ("Norm momentum", "Weight of a new batch in batch norm's running statistics; the benchmark's 0.003 needs thousands of steps."),
        ["chain.grow"] = ("Grow after", "Proposals after which each network has two layers more; 0 for never, 1,600 in the paper."),
        ["chain.pools"] = ("Max pooling after", "Layers after which the image is halved, with commas between; empty for none."),
        ["chain.more_filters"] = ("More filters", "Added to each layer's; the paper's widest network has 40 more."),
        ["chain.image_anchor"] = ("Image as anchor", "yes: the image can feed any layer, too."),
        ["nasbench201.channels"] = ("Channels", "Channels in the first stage; the second and third have two and four times as many."),
        ["nasbench201.cells"] = ("Cells a stage", "Repeats of the cell in each of three stages: 1 trains quickly, 5 is the published benchmark's network."),
        ["nasbenchmacro.channels"] = ("Channels", "Channels of the stem; each of the three stages doubles them. 32 is the published benchmark's network."),
        ["nasbenchmacro.features"] = ("Features", "Channels of the last convolution, before the classifier; 1280 in the benchmark."),
        ["hierarchical.flat"] = ("Flat", "yes: one motif over the primitives, the paper's baseline; no: a cell of motifs."),
        ["hierarchical.motifs"] = ("Motifs", "Motifs that the cell's edges can carry, 1 to 9."),
        ["hierarchical.motif_nodes"] = ("Nodes of a motif", "4 in the paper."),
        ["hierarchical.cell_nodes"] = ("Nodes of the cell", "5 in the paper, 11 in its flat baseline, whose channels can double from node to node."),
        ["hierarchical.network"] = ("Network", "small: that of the search; large: wider, with repeated cells, for the final training."),
        ["hierarchical.channels"] = ("Channels", "Channels of the first cell; doubled at each of two halvings of the image."),
        ["hierarchical.repeats"] = ("Repeats", "Cells in each of three resolutions."),
        ["hierarchical.mutations"] = ("Mutations", "Random mutations of identities that make an initial genotype; 1000 in the paper."),
        ["evolution.population"] = ("Population", "Recent trials that parents are chosen from; as many are drawn at random first."),
        ["evolution.sample"] = ("Sample", "Draws from the population; the best of them becomes the parent. More is greedier."),
        ["listed.genotypes"] = ("Genotypes", "Texts of the space, or names of its published architectures, with semicolons between."),
        ["random.over"] = ("Draw over", "networks: no network twice; encodings: every draw counts."),
        ["reinforce.batch"] = ("Batch", "Trials for each update of the controller."),
        ["reinforce.units"] = ("Units", "Units of each layer of the controller's LSTM."),
        ["reinforce.layers"] = ("LSTM layers", "Layers of the controller."),
        ["reinforce.learning_rate"] = ("Learning rate", "Of the controller's Adam; 0.0006 in the paper."),
        ["reinforce.init"] = ("Initial range", "The controller's weights begin uniform within plus and minus this."),
        ["reinforce.decay"] = ("Baseline decay", "Weight of the old value in the moving average of rewards, 0 to 1."),
        ["reinforce.entropy"] = ("Entropy weight", "Pays the controller for staying undecided; 0 in the paper."),
    };

    public static (string Label, string? Help) Of(string owner, string setting) =>
        Known.TryGetValue($"{owner}.{setting}", out var known) ? known : (setting.Replace('_', ' '), null);
}
