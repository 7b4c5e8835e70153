using NasPlatform.Search.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Search.Strategies.Proxyless;

/// <summary>What each path of each mixture takes for one example on this machine's device, and what is the same for all, in milliseconds.</summary>
/// <param name="Paths">By the row's name, a number an option; a row that several mixtures share has their sum.</param>
/// <param name="Fixed">All other layers.</param>
internal sealed record LatencyTable(IReadOnlyDictionary<string, double[]> Paths, double Fixed)
{
    private const int WarmUps = 3;
    private const int Runs = 15;

    /// <summary><c>E = fixed + Σ_rows Σ_i p_i · latency_i</c>.</summary>
    /// <param name="probabilities">By the row's name.</param>
    public double Expected(Func<string, double[]> probabilities) => Fixed + Paths.Sum(row => row.Value.Zip(probabilities(row.Key), (latency, probability) => latency * probability).Sum());

    /// <summary>Measures each path alone, from where the paths of its mixture part, and a whole network for the rest. One example, evaluation mode, the median of 15 runs.</summary>
    /// <param name="graph">The relaxed network.</param>
    /// <param name="device">Where.</param>
    /// <param name="time">The clock.</param>
    public static LatencyTable Measure(LayerGraph graph, Device device, TimeProvider time)
    {
        var paths = new Dictionary<string, double[]>();
        var known = new Dictionary<string, double>();
        foreach (var mixture in graph.Layers.Where(layer => layer.Op is Op.Mix))
        {
            var row = ((Op.Mix)mixture.Op).Alphas;
            var latencies = mixture.Inputs.Select(path => PathOf(mixture, path)).ToList();
            paths[row] = paths.TryGetValue(row, out var before) ? [.. before.Zip(latencies, (one, other) => one + other)] : [.. latencies];
        }

        var first = graph.WithPaths(_ => [0]);
        return new(paths, Math.Max(0, Run(first) - paths.Values.Sum(row => row[0])));

        double PathOf(Layer mixture, Layer path)
        {
            var begins = Common(mixture);
            if (path == begins || path.Op is Op.Zero)
            {
                return 0;
            }

            // Equal blocks in equal places take the same time.
            var inner = new List<Layer>();
            Collect(path);
            var text = $"{begins.Shape}: {string.Join("; ", inner.Select(layer => $"{OpText.Of(layer.Op)}({string.Join(',', layer.Inputs.Select(input => inner.IndexOf(input)))})"))}";
            if (!known.TryGetValue(text, out var latency))
            {
                latency = known[text] = Run(Alone(begins, inner));
            }

            return latency;

            void Collect(Layer layer)
            {
                if (layer == begins || inner.Contains(layer))
                {
                    return;
                }

                foreach (var input in layer.Inputs)
                {
                    Collect(input);
                }

                inner.Add(layer);
            }
        }

        LayerGraph Alone(Layer begins, List<Layer> inner)
        {
            var task = new TaskShape(begins.Shape.Channels, begins.Shape.Height, begins.Shape.Width, graph.Task.Outputs);
            var made = new Dictionary<Layer, Layer> { [begins] = new(0, "input", new Op.Input(), [], begins.Shape) };
            foreach (var layer in inner)
            {
                made[layer] = new(made.Count, layer.Name, layer.Op, [.. layer.Inputs.Select(input => made[input])], layer.Shape);
            }

            return LayerGraph.Of(task, made.Values, made[inner[^1]]);
        }

        double Run(LayerGraph alone)
        {
            using var scope = NewDisposeScope();
            using var _ = no_grad();
            using var network = new Network(alone, device, new RandomSource(1));
            network.eval();
            var input = zeros([1, .. alone.Task.Input.Dimensions], device: device);
            var seconds = new double[Runs];
            for (var run = -WarmUps; run < Runs; run++)
            {
                var started = time.GetTimestamp();
                using var output = network.call(input);
                using var here = output.flatten().narrow(0, 0, 1).cpu(); // waits for a device that works on by itself
                if (run >= 0)
                {
                    seconds[run] = time.GetElapsedTime(started).TotalMilliseconds;
                }
            }

            Array.Sort(seconds);
            return seconds[Runs / 2];
        }
    }

    /// <summary>The last layer on which all paths of a mixture depend.</summary>
    private static Layer Common(Layer mixture) => mixture.Inputs.Where(path => path.Op is not Op.Zero).Select(path => LayerGraph.Needs([path])).Aggregate((one, other) => [.. one.Intersect(other)]).MaxBy(layer => layer.Index)!; // not null: all depend on the input
}
