using System.Collections.Immutable;

namespace NasPlatform.Search.Spaces.NasNet;

/// <summary>The operations of NASNet and AmoebaNet and the cells that were released; place 0 is the output of the cell before, place 1 that of the one before it.</summary>
internal static class NasNetCells
{
    /// <summary>The thirteen of NASNet (§3).</summary>
    public static readonly ImmutableArray<string> NasNetOperations =
    [
        "identity", "conv_1x3_3x1", "conv_1x7_7x1", "dil_conv_3x3", "avg_pool_3x3", "max_pool_3x3", "max_pool_5x5", "max_pool_7x7", "conv_1x1", "conv_3x3", "sep_conv_3x3", "sep_conv_5x5",
        "sep_conv_7x7",
    ];

    /// <summary>The eight of AmoebaNet (Real et al. 2019, arXiv 1802.01548).</summary>
    public static readonly ImmutableArray<string> AmoebaNetOperations =
        ["identity", "sep_conv_3x3", "sep_conv_5x5", "sep_conv_7x7", "avg_pool_3x3", "max_pool_3x3", "dil_sep_conv_3x3", "conv_1x7_7x1"];

    /// <summary>Both, and the one more that AmoebaNet-D has.</summary>
    public static readonly ImmutableArray<string> AllOperations = [.. NasNetOperations, "dil_sep_conv_3x3", "max_pool_2x2"];

    /// <summary>By name. What they give out is part of them: in NASNet-A's normal cell place 1 is read six times and is given out all the same.</summary>
    public static readonly IReadOnlyDictionary<string, string> Released = new Dictionary<string, string>
    {
        ["NASNet-A"] =
            "sep_conv_5x5@0+sep_conv_3x3@1 sep_conv_5x5@1+sep_conv_3x3@1 avg_pool_3x3@0+identity@1 avg_pool_3x3@1+avg_pool_3x3@1 sep_conv_3x3@0+identity@0 out=1,2,3,4,5,6 / "
            + "sep_conv_5x5@0+sep_conv_7x7@1 max_pool_3x3@0+sep_conv_7x7@1 avg_pool_3x3@0+sep_conv_5x5@1 identity@3+avg_pool_3x3@2 sep_conv_3x3@2+max_pool_3x3@0 out=3,4,5,6",
        ["AmoebaNet-A"] =
            "avg_pool_3x3@0+max_pool_3x3@0 sep_conv_3x3@1+identity@1 identity@0+avg_pool_3x3@1 sep_conv_3x3@0+sep_conv_5x5@2 avg_pool_3x3@5+sep_conv_3x3@0 out=1,3,4,6 / "
            + "sep_conv_3x3@1+avg_pool_3x3@0 max_pool_3x3@0+sep_conv_7x7@2 max_pool_3x3@1+max_pool_3x3@0 sep_conv_3x3@4+conv_1x7_7x1@0 avg_pool_3x3@1+sep_conv_7x7@0 out=2,3,4,5,6",
        ["AmoebaNet-D"] =
            "conv_1x1@1+max_pool_3x3@1 identity@1+conv_1x7_7x1@0 conv_1x1@0+conv_1x7_7x1@0 max_pool_3x3@2+identity@2 avg_pool_3x3@1+conv_1x1@5 out=0,3,4,6 / "
            + "max_pool_2x2@0+max_pool_3x3@0 identity@2+conv_3x3@1 conv_1x7_7x1@2+max_pool_3x3@2 identity@3+max_pool_2x2@1 avg_pool_3x3@2+conv_1x1@3 out=4,5,6",
    };
}
