using NasPlatform.Benchmarks.Measuring;
using NasPlatform.Search;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Training;
using NasPlatform.Search.Training.Bilevel;
using NasPlatform.Torch;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace NasPlatform.Benchmarks.Cases;

/// <summary>A step of DARTS's search with its search network of 8 cells and 16 channels; the peer is the search as a PyTorch user writes it.</summary>
internal sealed class DartsSearchCase : Case
{
    private const string Validation = "validation_";

    private static readonly LayerGraph Graph = SearchSpaceCatalog.Create("darts").Relaxed(TaskShape.Cifar10)!; // not null: the space has such a network

    /// <summary>Of the architecture step before the weight step; null for forward and backward of the search network alone.</summary>
    public required GradientOrder? Order { get; init; }

    public override string Script => "darts.py";

    public override IReadOnlyList<string> ScriptArguments => [Order is not { } order ? "supernet" : order switch { GradientOrder.First => "first", GradientOrder.Second => "second" }];

    public override bool IsLarge => true;

    public override Roofline Roofline => Order is not { } order ? Roofline.Of(Graph, Batch, Pass.All) : order switch
    {
        GradientOrder.First => Roofline.Of(Graph, Batch, Pass.Activations, Pass.All),
        GradientOrder.Second => Roofline.Of(Graph, Batch, Pass.All, Pass.All, Pass.Activations, Pass.Activations, Pass.All),
    };

    public override bool Suits(Precision precision) => Order != GradientOrder.Second || precision == Precision.Float32;

    public override void Prepare(string folder)
    {
        BatchFile.Write(folder, Graph.Task, Batch, "", Validation);
        using var network = Build();
        SafetensorsFile.Write(Path.Combine(folder, "weights.safetensors"), network.Trainable.Select(entry => WeightFile.Entry(entry.Name, entry.Parameter)));
        SafetensorsFile.Write(Path.Combine(folder, "alphas.safetensors"), network.Alphas.Select(row => WeightFile.Entry(row.Key, row.Value)));
    }

    public override Work Start(string folder, Precision precision) => Order is { } order
        ? new Bilevel(Build(), BatchFile.Read(folder), BatchFile.Read(folder, Validation), new() { Order = order, Precision = precision })
        : new Supernet(Build(), BatchFile.Read(folder), precision);

    private static Network Build() => new(Graph, CPU, new RandomSource(1));

    private sealed class Bilevel(Network network, (Tensor Inputs, Tensor Targets) train, (Tensor Inputs, Tensor Targets) validation, BilevelOptions options) : Work
    {
        private readonly BilevelTraining _training = new(network, CPU, options);
        private readonly Tensor _loss = zeros(1);

        public override void Step()
        {
            using var scope = NewDisposeScope();
            _loss.add_(_training.ArchitectureStep(train, validation));
            _loss.add_(_training.WeightStep(train));
        }

        public override double LossSum => _loss.item<float>();

        public override void Dispose()
        {
            _training.Dispose();
            network.Dispose();
            foreach (var tensor in new[] { train.Inputs, train.Targets, validation.Inputs, validation.Targets, _loss })
            {
                tensor.Dispose();
            }
        }
    }

    private sealed class Supernet : Work
    {
        private readonly Network _network;
        private readonly Precision _precision;
        private readonly (Tensor Inputs, Tensor Targets) _batch;
        private readonly Tensor _loss = zeros(1);

        public Supernet(Network network, (Tensor Inputs, Tensor Targets) batch, Precision precision)
        {
            _network = network;
            _precision = precision;
            _batch = batch;
            Denormals.Flush();
            network.train();
        }

        public override void Step()
        {
            using var scope = NewDisposeScope();
            foreach (var parameter in _network.parameters().Concat(_network.Alphas.Values))
            {
                parameter.grad = null;
            }

            Tensor loss;
            using (_precision == Precision.BFloat16 ? new Autocast(CPU, bfloat16) : null)
            {
                loss = F.cross_entropy(_network.call(_batch.Inputs).to(float32), _batch.Targets);
            }

            loss.backward();
            using var _ = no_grad();
            _loss.add_(loss);
        }

        public override double LossSum => _loss.item<float>();

        public override void Dispose()
        {
            _network.Dispose();
            _batch.Inputs.Dispose();
            _batch.Targets.Dispose();
            _loss.Dispose();
        }
    }
}
