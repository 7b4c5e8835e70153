using NasPlatform.Search.Spaces;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace NasPlatform.Search.Strategies.Reinforce;

/// <summary>
/// The recurrent policy of Zoph &amp; Le 2017 (§3.1, §3.3, §4.1): a two-layer LSTM of 35 units that emits a space's decisions one by one, each
/// embedded and fed as the next input, with one softmax for each kind of decision and anchor points for connections. All
/// weights start uniform in ±0.08. It follows whatever the space asks, so it serves every space.
/// </summary>
/// <remarks>
/// The paper leaves open what is fed at the very first step and after an anchor step: here a learned vector each.
/// </remarks>
public sealed class Controller : nn.Module
{
    private readonly RandomSource _init;
    private readonly int _units;
    private readonly double _range;
    private readonly LSTMCell[] _cells;
    private readonly Parameter _start;
    private readonly Parameter _afterAnchor;
    private readonly Parameter _anchorEarlier;
    private readonly Parameter _anchorCurrent;
    private readonly Parameter _anchorVector;
    private readonly Dictionary<string, (Parameter Embedding, Linear Softmax)> _kinds = [];

    /// <param name="space">Walked once, to make a softmax and embeddings for each kind of decision that it asks for.</param>
    /// <param name="init">The stream of the initial weights; each parameter draws from a child stream of its own name.</param>
    /// <param name="units">LSTM units a layer.</param>
    /// <param name="layers">LSTM layers.</param>
    /// <param name="range">Initial weights are uniform in ± this.</param>
    public Controller(SearchSpace space, RandomSource init, int units, int layers, double range)
        : base("Controller")
    {
        _init = init;
        _units = units;
        _range = range;
        _cells = [.. Enumerable.Range(0, layers).Select(_ => nn.LSTMCell(units, units))];
        for (var layer = 0; layer < layers; layer++)
        {
            register_module($"lstm{layer}", _cells[layer]);
        }

        _start = Vector("start", 1, units);
        _afterAnchor = Vector("after_anchor", 1, units);
        _anchorEarlier = Vector("anchor_earlier", units, units);
        _anchorCurrent = Vector("anchor_current", units, units);
        _anchorVector = Vector("anchor_vector", units, 1);

        var kinds = new KindCollector();
        space.Decide(kinds);
        foreach (var choice in kinds.Kinds)
        {
            var embedding = Vector($"{choice.Kind}_embedding", choice.Options.Length, units);
            var softmax = nn.Linear(units, choice.Options.Length);
            register_module($"{choice.Kind}_softmax", softmax);
            _kinds[choice.Kind] = (embedding, softmax);
        }

        using var _ = no_grad();
        foreach (var (name, parameter) in named_parameters())
        {
            Initialise(name, parameter);
        }

        Parameter Vector(string name, int rows, int columns)
        {
            var parameter = new Parameter(zeros(rows, columns));
            register_parameter(name, parameter);
            return parameter;
        }
    }

    /// <summary>Draws an architecture from the policy.</summary>
    public Genotype Sample(SearchSpace space, RandomSource random)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var walk = new Walk(this, (_, probabilities) => Draw(probabilities, random));
        space.Decide(walk);
        return walk.Genotype;
    }

    /// <summary>
    /// Scores recorded decisions by teacher forcing: log P(a₁…a_T) and the mean entropy of a decision, both in nats, as tensors of one number
    /// through which gradients flow. Dispose them, or call in a scope.
    /// </summary>
    public (Tensor LogProbability, Tensor Entropy) Score(SearchSpace space, Genotype genotype)
    {
        var next = 0;
        var walk = new Walk(this, (name, _) =>
        {
            var decision = genotype.Decisions[next++];
            return decision.Name == name
                ? decision.Value
                : throw new InvalidOperationException($"The space asks for '{name}' where '{decision.Name}' was recorded.");
        });
        space.Decide(walk);
        return (cat(walk.LogProbabilities).sum(), cat(walk.Entropies).mean());
    }

    private static int Draw(ReadOnlySpan<float> probabilities, RandomSource random)
    {
        var rest = random.NextDouble();
        for (var index = 0; index < probabilities.Length - 1; index++)
        {
            rest -= probabilities[index];
            if (rest < 0)
            {
                return index;
            }
        }

        return probabilities.Length - 1;
    }

    private void Initialise(string name, Parameter parameter)
    {
        var random = _init.Split(name);
        var values = new float[parameter.numel()];
        for (var index = 0; index < values.Length; index++)
        {
            values[index] = (float)(((2 * random.NextDouble()) - 1) * _range);
        }

        using var drawn = tensor(values).reshape(parameter.shape);
        parameter.copy_(drawn);
    }

    private delegate int Pick(string name, ReadOnlySpan<float> probabilities);

    /// <summary>One pass of the LSTM along a space's questions; what to answer is the pick's.</summary>
    private sealed class Walk : IChoices
    {
        private readonly Controller _controller;
        private readonly Pick _pick;
        private readonly (Tensor Hidden, Tensor Cell)[] _state;
        private readonly List<Tensor> _anchors = [];
        private readonly List<Decision> _decisions = [];
        private Tensor _input;

        public Walk(Controller controller, Pick pick)
        {
            _controller = controller;
            _pick = pick;
            _input = controller._start;
            _state = [.. controller._cells.Select(_ => (zeros(1, controller._units), zeros(1, controller._units)))];
        }

        public List<Tensor> LogProbabilities { get; } = [];

        public List<Tensor> Entropies { get; } = [];

        public Genotype Genotype => new([.. _decisions]);

        public int Choose(string name, Choice choice)
        {
            var (embedding, softmax) = _controller._kinds[choice.Kind];
            var logProbabilities = nn.functional.log_softmax(softmax.call(Step()), 1);
            var value = Answer(name, choice, logProbabilities);
            _input = embedding.narrow(0, value, 1);
            return value;
        }

        public bool[] Connect(string name, int earlierPlaces)
        {
            if (earlierPlaces == 0)
            {
                _anchors.Clear();
            }

            if (earlierPlaces != _anchors.Count)
            {
                throw new InvalidOperationException($"'{name}' asks about {earlierPlaces} earlier places, {_anchors.Count} were walked.");
            }

            var hidden = Step();
            var connected = new bool[earlierPlaces];
            if (earlierPlaces > 0)
            {
                // P(j feeds i) = σ(vᵀ tanh(W_prev h_j + W_curr h_i)), as the two-way softmax over (0, logit).
                var joined = tanh(cat(_anchors).matmul(_controller._anchorEarlier) + hidden.matmul(_controller._anchorCurrent));
                var logits = joined.matmul(_controller._anchorVector);
                var both = nn.functional.log_softmax(cat([zeros_like(logits), logits], 1), 1);
                for (var place = 0; place < earlierPlaces; place++)
                {
                    connected[place] = Answer($"{name}/{place}", Choice.Connection, both.narrow(0, place, 1)) == 1;
                }
            }

            _anchors.Add(hidden);
            _input = _controller._afterAnchor;
            return connected;
        }

        private int Answer(string name, Choice choice, Tensor logProbabilities)
        {
            var probabilities = exp(logProbabilities);
            using var numbers = probabilities.data<float>();
            var value = _pick(name, numbers.ToArray());
            _decisions.Add(new(name, choice, value));
            LogProbabilities.Add(logProbabilities.narrow(1, value, 1));
            Entropies.Add(-(probabilities * logProbabilities).sum(1));
            return value;
        }

        private Tensor Step()
        {
            var x = _input;
            for (var layer = 0; layer < _state.Length; layer++)
            {
                _state[layer] = _controller._cells[layer].call(x, _state[layer]);
                x = _state[layer].Hidden;
            }

            return x;
        }
    }

    /// <summary>Notes the kinds of decisions that a space asks for.</summary>
    private sealed class KindCollector : IChoices
    {
        public List<Choice> Kinds { get; } = [];

        public int Choose(string name, Choice choice)
        {
            if (!Kinds.Contains(choice))
            {
                Kinds.Add(choice);
            }

            return 0;
        }

        public bool[] Connect(string name, int earlierPlaces) => new bool[earlierPlaces];
    }
}
