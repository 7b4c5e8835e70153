using System.Collections.Immutable;

namespace NasPlatform.Search.Spaces.Darts;

/// <summary>The operations of DARTS and published cells in its form; place 0 is the output of the cell before the last, place 1 that of the last.</summary>
internal static class DartsCells
{
    /// <summary>The seven that a discrete cell can have, in the order of the released code.</summary>
    public static readonly ImmutableArray<string> Operations =
        ["max_pool_3x3", "avg_pool_3x3", "skip_connect", "sep_conv_3x3", "sep_conv_5x5", "dil_conv_3x3", "dil_conv_5x5"];

    /// <summary>What a mixture weighs on each edge, in that order.</summary>
    public static readonly ImmutableArray<string> MixtureOperations = ["none", .. Operations];

    /// <summary>Those of other papers' cells, too.</summary>
    public static readonly ImmutableArray<string> AllOperations = [.. Operations, "sep_conv_7x7", "conv_3x1_1x3", "conv_7x1_1x7"];

    /// <summary>By name, with the number of nodes and whether the cells keep to the rules of DARTS.</summary>
    public static readonly ImmutableArray<(string Name, int Nodes, bool KeepsRules, string Text)> Published =
    [
        ("DARTS_V1", 4, true,
            "sep_conv_3x3@0+sep_conv_3x3@1 skip_connect@0+sep_conv_3x3@1 skip_connect@0+sep_conv_3x3@1 sep_conv_3x3@0+skip_connect@2 / "
            + "max_pool_3x3@0+max_pool_3x3@1 max_pool_3x3@0+skip_connect@2 max_pool_3x3@0+skip_connect@2 avg_pool_3x3@0+skip_connect@2"),
        ("DARTS_V2", 4, true,
            "sep_conv_3x3@0+sep_conv_3x3@1 sep_conv_3x3@0+sep_conv_3x3@1 skip_connect@0+sep_conv_3x3@1 skip_connect@0+dil_conv_3x3@2 / "
            + "max_pool_3x3@0+max_pool_3x3@1 max_pool_3x3@1+skip_connect@2 max_pool_3x3@0+skip_connect@2 max_pool_3x3@1+skip_connect@2"),
        ("GDAS_V1", 4, true,
            "skip_connect@0+skip_connect@1 skip_connect@0+sep_conv_5x5@2 skip_connect@0+sep_conv_3x3@3 sep_conv_3x3@3+sep_conv_5x5@4 / "
            + "sep_conv_5x5@0+sep_conv_3x3@1 sep_conv_5x5@1+sep_conv_5x5@2 sep_conv_3x3@1+dil_conv_5x5@2 sep_conv_5x5@0+sep_conv_5x5@1"),
        ("SETN", 4, false,
            "skip_connect@0+sep_conv_5x5@1 sep_conv_5x5@0+sep_conv_3x3@1 sep_conv_5x5@1+sep_conv_5x5@3 max_pool_3x3@1+conv_3x1_1x3@4 / "
            + "sep_conv_3x3@0+sep_conv_5x5@1 avg_pool_3x3@0+sep_conv_5x5@1 avg_pool_3x3@0+sep_conv_5x5@1 avg_pool_3x3@0+skip_connect@1"),
        ("AmoebaNet", 5, false,
            "avg_pool_3x3@0+max_pool_3x3@1 sep_conv_3x3@0+sep_conv_5x5@2 sep_conv_3x3@0+avg_pool_3x3@3 sep_conv_3x3@1+skip_connect@1 skip_connect@0+avg_pool_3x3@1 out=4,5,6 / "
            + "avg_pool_3x3@0+sep_conv_3x3@1 max_pool_3x3@0+sep_conv_7x7@2 sep_conv_7x7@0+avg_pool_3x3@1 max_pool_3x3@0+max_pool_3x3@1 conv_7x1_1x7@0+sep_conv_3x3@5 out=3,4,6"),
        ("ENASNet", 5, false,
            "sep_conv_3x3@1+skip_connect@1 skip_connect@0+sep_conv_5x5@1 avg_pool_3x3@0+sep_conv_3x3@1 sep_conv_3x3@0+avg_pool_3x3@1 avg_pool_3x3@0+sep_conv_5x5@1 / "
            + "sep_conv_5x5@0+sep_conv_3x3@1 sep_conv_3x3@1+avg_pool_3x3@1 sep_conv_3x3@1+avg_pool_3x3@1 avg_pool_3x3@1+sep_conv_5x5@4 sep_conv_5x5@0+sep_conv_3x3@5"),
        ("NASNet", 5, false,
            "sep_conv_3x3@0+sep_conv_5x5@1 sep_conv_5x5@0+sep_conv_3x3@0 skip_connect@0+avg_pool_3x3@1 avg_pool_3x3@0+avg_pool_3x3@0 sep_conv_3x3@1+skip_connect@1 / "
            + "sep_conv_7x7@0+sep_conv_5x5@1 sep_conv_7x7@0+max_pool_3x3@1 sep_conv_5x5@0+avg_pool_3x3@1 avg_pool_3x3@2+skip_connect@3 max_pool_3x3@1+sep_conv_3x3@2 out=4,5,6"),
        ("PNASNet", 5, false,
            "sep_conv_5x5@0+max_pool_3x3@0 sep_conv_7x7@1+max_pool_3x3@1 sep_conv_5x5@1+sep_conv_3x3@1 max_pool_3x3@1+sep_conv_3x3@4 sep_conv_3x3@0+skip_connect@1 / "
            + "sep_conv_5x5@0+max_pool_3x3@0 sep_conv_7x7@1+max_pool_3x3@1 sep_conv_5x5@1+sep_conv_3x3@1 max_pool_3x3@1+sep_conv_3x3@4 sep_conv_3x3@0+skip_connect@1"),
    ];
}
