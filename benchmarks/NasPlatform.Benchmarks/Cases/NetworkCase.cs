using NasPlatform.Benchmarks.Measuring;
using NasPlatform.Search;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Benchmarks.Cases;

/// <summary>A training step of a network (forward, backward, SGD), by the trainer of searches; the peer trains the model that our exporter writes as PyTorch source.</summary>
internal sealed class NetworkCase : Case
{
    public required LayerGraph Graph { get; init; }

    public override string Examples => Graph.Task.Kind == TaskKind.LanguageModelling ? "sequences" : "images";

    public override string Script => "network.py";

    public override Roofline Roofline => Roofline.Of(Graph, Batch, Pass.All);

    public override void Prepare(string folder)
    {
        BatchFile.Write(folder, Graph.Task, Batch, "");
        using var network = Build();
        PyTorchModel.Write(folder, network, new double[Graph.Task.Channels], [.. Enumerable.Repeat(1.0, Graph.Task.Channels)]);
    }

    public override Work Start(string folder, Precision precision) => new Training(Build(), BatchFile.Read(folder), precision);

    private Network Build() => new(Graph, CPU, new RandomSource(1));

    private sealed class Training : Work
    {
        private readonly Network _network;
        private readonly Trainer _trainer;
        private readonly (Tensor Inputs, Tensor Targets) _batch;
        private readonly Tensor _loss = zeros(1);

        public Training(Network network, (Tensor Inputs, Tensor Targets) batch, Precision precision)
        {
            _network = network;
            _batch = batch;
            network.train();
            _trainer = new(network, CPU, new() { LearningRate = 1e-4, Precision = precision }, new RandomSource(1), TimeProvider.System);
        }

        public override void Step()
        {
            using var scope = NewDisposeScope();
            _trainer.Step(_batch.Inputs, _batch.Targets, _loss);
        }

        public override double LossSum => _loss.item<float>();

        public override void Dispose()
        {
            _trainer.Dispose();
            _network.Dispose();
            _batch.Inputs.Dispose();
            _batch.Targets.Dispose();
            _loss.Dispose();
        }
    }
}
