using NasPlatform.Search;
using NasPlatform.Search.Spaces;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace NasPlatform.Tests.Strategies.Controllers;

/// <summary>The controller of two layers in libtorch, operator by operator, with libtorch's autograd: what ours is compared with. In double precision.</summary>
internal sealed class TorchController : nn.Module
{
    private readonly int _units;
    private readonly LSTMCell[] _cells;
    private readonly Dictionary<string, Parameter> _vectors = [];
    private readonly Dictionary<string, Linear> _softmaxes = [];

    public TorchController(SearchSpace space, RandomSource init, int units, double range)
        : base("Controller")
    {
        _units = units;
        _cells = [nn.LSTMCell(units, units, dtype: float64), nn.LSTMCell(units, units, dtype: float64)];
        register_module("lstm0", _cells[0]);
        register_module("lstm1", _cells[1]);
        AddVectors("start", 1, units);
        AddVectors("after_anchor", 1, units);
        AddVectors("anchor_earlier", units, units);
        AddVectors("anchor_current", units, units);
        AddVectors("anchor_vector", units, 1);
        foreach (var choice in space.Sample(new RandomSource(1)).Decisions.Select(decision => decision.Choice).Distinct().Where(choice => choice != Choice.Connection))
        {
            AddVectors($"{choice.Kind}_embedding", choice.Options.Length, units);
            _softmaxes[choice.Kind] = nn.Linear(units, choice.Options.Length, dtype: float64);
            register_module($"{choice.Kind}_softmax", _softmaxes[choice.Kind]);
        }

        using var _ = no_grad();
        foreach (var (name, parameter) in named_parameters())
        {
            var random = init.Split(name);
            using var drawn = tensor([.. Enumerable.Range(0, (int)parameter.numel()).Select(_ => ((2 * random.NextDouble()) - 1) * range)], parameter.shape);
            parameter.copy_(drawn);
        }

        void AddVectors(string name, int rows, int columns)
        {
            _vectors[name] = new Parameter(zeros(rows, columns, float64));
            register_parameter(name, _vectors[name]);
        }
    }

    /// <summary>log P and the mean entropy of a decision, through which gradients flow.</summary>
    public (Tensor LogProbability, Tensor Entropy) Score(SearchSpace space, Genotype genotype)
    {
        var walk = new Walk(this, genotype);
        space.Decide(walk);
        return (cat(walk.LogProbabilities).sum(), cat(walk.Entropies).mean());
    }

    private sealed class Walk(TorchController controller, Genotype genotype) : IChoices
    {
        private readonly (Tensor Hidden, Tensor Cell)[] _state =
            [.. controller._cells.Select(_ => (zeros(1, controller._units, float64), zeros(1, controller._units, float64)))];

        private readonly List<Tensor> _anchors = [];
        private Tensor _input = controller._vectors["start"];

        public List<Tensor> LogProbabilities { get; } = [];

        public List<Tensor> Entropies { get; } = [];

        public int Choose(string name, Choice choice)
        {
            var value = Answer(nn.functional.log_softmax(controller._softmaxes[choice.Kind].call(Step()), 1));
            _input = controller._vectors[$"{choice.Kind}_embedding"].narrow(0, value, 1);
            return value;
        }

        public bool[] Connect(string name, int earlierPlaces)
        {
            if (earlierPlaces == 0)
            {
                _anchors.Clear();
            }

            var hidden = Step();
            var connected = new bool[earlierPlaces];
            if (earlierPlaces > 0)
            {
                var joined = tanh(cat(_anchors).matmul(controller._vectors["anchor_earlier"]) + hidden.matmul(controller._vectors["anchor_current"]));
                var logits = joined.matmul(controller._vectors["anchor_vector"]);
                var both = nn.functional.log_softmax(cat([zeros_like(logits), logits], 1), 1);
                for (var place = 0; place < earlierPlaces; place++)
                {
                    connected[place] = Answer(both.narrow(0, place, 1)) == 1;
                }
            }

            _anchors.Add(hidden);
            _input = controller._vectors["after_anchor"];
            return connected;
        }

        private int Answer(Tensor logProbabilities)
        {
            var value = genotype.Decisions[LogProbabilities.Count].Value;
            LogProbabilities.Add(logProbabilities.narrow(1, value, 1).flatten());
            Entropies.Add(-(exp(logProbabilities) * logProbabilities).sum(1));
            return value;
        }

        private Tensor Step()
        {
            var x = _input;
            for (var layer = 0; layer < _state.Length; layer++)
            {
                _state[layer] = controller._cells[layer].call(x, _state[layer]);
                x = _state[layer].Hidden;
            }

            return x;
        }
    }
}
