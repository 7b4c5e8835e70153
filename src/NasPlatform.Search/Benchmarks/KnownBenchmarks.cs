namespace NasPlatform.Search.Benchmarks;

/// <summary>A published tabular benchmark that can be imported.</summary>
/// <param name="Name">The usual name of its table.</param>
/// <param name="Title">What it is.</param>
/// <param name="Source">Where its authors publish the measurements.</param>
public sealed record KnownBenchmark(string Name, string Title, string Source);

/// <summary>The published tabular benchmarks whose spaces the platform has.</summary>
public static class KnownBenchmarks
{
    public static IReadOnlyList<KnownBenchmark> All { get; } =
    [
        new("nasbench101", "NAS-Bench-101: cells of at most seven vertices, CIFAR-10 (Ying et al. 2019)", "github.com/google-research/nasbench"),
        new("nasbench201", "NAS-Bench-201: cells of four nodes, three datasets (Dong & Yang 2020)", "github.com/D-X-Y/NATS-Bench"),
        new("nasbenchgraph", "NAS-Bench-Graph: graph neural networks, nine datasets (Qin et al. 2022)", "github.com/THUMNLab/NAS-Bench-Graph"),
        new("nasbenchmacro", "NAS-Bench-Macro: eight MobileNet layers, CIFAR-10 (Su et al. 2021)", "github.com/xiusu/NAS-Bench-Macro"),
        new("ecnas-5v", "EC-NAS: cells of at most five vertices with energy, CIFAR-10 (Bakhtiarifard et al. 2024)", "github.com/PedramBakh/EC-NAS-Bench"),
        new("transnas-micro", "TransNAS-Bench-101: cells of four nodes on seven vision tasks (Duan et al. 2021)", "github.com/yawen-d/TransNASBench"),
    ];
}
