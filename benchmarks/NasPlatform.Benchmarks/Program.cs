using System.Globalization;
using NasPlatform.Benchmarks;
using NasPlatform.Search.Export;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;

if (args is ["spaces", .. var spaces])
{
    CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
    SpaceTable.Write(spaces.Length > 0 ? spaces : SearchSpaceCatalog.Names);
    return 0;
}

// The training step of each case, ours and the plain PyTorch loop's in turns; medians. See benchmarks/README.md.
var threads = Option("--threads", 1);
var rounds = Option("--rounds", 7);
var script = Path.Combine(Path.GetDirectoryName(typeof(Case).Assembly.Location)!, "pytorch_loop.py"); // not null: it is a file
var names = args.Where((argument, place) => !argument.StartsWith("--", StringComparison.Ordinal) && (place == 0 || !args[place - 1].StartsWith("--", StringComparison.Ordinal))).ToList();
var cases = names.Count == 0 ? Case.All : [.. Case.All.Where(work => names.Contains(work.Name))];

Console.WriteLine($"| case | batch | threads | ours ms | PyTorch ms | ratio | images/s | GMAC/s | layout |");
Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
foreach (var work in cases)
{
    using var engine = new Engine(work, threads);
    var folder = Directory.CreateTempSubdirectory("nas-bench-").FullName;
    try
    {
        ModelPackage.Write(folder, engine.Describe(), weight => WeightFile.Entry(weight.Name, engine.Network.Weights[weight.Name]));
        using (var package = ModelPackage.Open(folder))
        {
            ExportFormat.PyTorch.Write(package, folder);
        }

        using var peer = new PyTorchPeer(script, folder, work.Batch, threads);
        engine.Run(3);
        peer.Run(3);
        var (ours, theirs) = (new List<double>(), new List<double>());
        for (var round = 0; round < rounds; round++)
        {
            ours.AddRange(engine.Run(3));
            theirs.AddRange(peer.Run(3));
        }

        var (our, their) = (Median(ours), Median(theirs));
        var multiplyAdds = 3.0 * work.Graph.Cost.MultiplyAdds * work.Batch; // forward, and twice that backward
        Console.WriteLine(
            $"| {work.Name} | {work.Batch} | {threads} | {our:F1} | {their:F1} | {their / our:F2} | {1000 * work.Batch / our:F0} | {multiplyAdds / our / 1e6:F1} | {(engine.Network.IsChannelsLast ? "channels-last" : "channels-first")} |");
    }
    finally
    {
        Directory.Delete(folder, recursive: true);
    }
}

return 0;

int Option(string name, int fallback) =>
    Array.IndexOf(args, name) is >= 0 and var place ? int.Parse(args[place + 1], CultureInfo.InvariantCulture) : fallback;

static double Median(List<double> values)
{
    values.Sort();
    return values[values.Count / 2];
}
