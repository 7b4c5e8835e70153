using System.Numerics;
using NasPlatform.Search.Spaces;

namespace NasPlatform.Search.Strategies.Controllers;

/// <summary>
/// The generator of AutoDL Design (PaddlePaddle, released code's <c>policy_model.py</c>): an LSTM whose every step has a full layer of its own, either to a softmax, which draws one of several options (the
/// ids of operations), or to one Bernoulli draw each (the bits of an adjacency matrix). A step is fed what the one before it decided, as it is: an option as a vector with a single 1, bits filled up with zeros.
/// Nothing is fed first.
/// </summary>
/// <remarks>
/// It needs a space that asks for the same decisions always, since each has weights of its own. Weights of the LSTM are uniform, those of the full layers normal with deviation √(2 / units), cut at two
/// deviations; biases begin at zero, and gates have one each.
/// </remarks>
internal sealed class Generator<T> : Policy<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly SteppedLstm<T> _lstm;
    private readonly Dictionary<string, SoftmaxHead<T>> _heads = [];

    /// <summary>Walks of random answers that show whether the space asks for the same decisions always.</summary>
    private const int Walks = 20;

    /// <param name="space">Walked, to make a full layer for each decision that it asks for.</param>
    /// <param name="init">The stream of the initial weights; each parameter draws from a child stream of its own name.</param>
    /// <param name="units">LSTM units a layer.</param>
    /// <param name="layers">LSTM layers.</param>
    /// <param name="range">Initial weights of the LSTM are uniform in ± this.</param>
    /// <param name="shaping">What is done to logits.</param>
    /// <exception cref="UserErrorException">The space asks for other decisions after other answers.</exception>
    public Generator(SearchSpace space, RandomSource init, int units, int layers, double range, Shaping shaping)
        : base(shaping with { OneSided = true })
    {
        var steps = StepsOf(space, random: null);
        var depth = steps.Max(step => step.Logits);

        // A single 1 for each option, or bit. Not among the parameters: nothing reads its gradient.
        var table = new Parameter<T>("inputs", depth, depth);
        for (var option = 0; option < depth; option++)
        {
            table.Row(option)[option] = T.One;
        }

        _lstm = new(table, units, layers, biases: 1);
        foreach (var (name, logits) in steps)
        {
            _heads.Add(name, new($"{name}.full", units, logits));
        }

        foreach (var (name, _) in Enumerable.Range(0, Walks).SelectMany(walk => StepsOf(space, init.Split("walk", walk))))
        {
            Head(name);
        }

        Parameters = [.. _lstm.Parameters, .. _heads.Values.SelectMany(head => head.Parameters)];
        foreach (var weight in _lstm.Parameters.Where(parameter => parameter.Rows > 1))
        {
            weight.Draw(init.Split(weight.Name), range);
        }

        foreach (var head in _heads.Values)
        {
            head.Weight.DrawNormal(init.Split(head.Weight.Name), Math.Sqrt(2.0 / units));
        }
    }

    public override IReadOnlyList<Parameter<T>> Parameters { get; }

    protected override Walk Begin(int sequence, Func<string, Made, int> pick) => new GeneratorWalk(this, sequence, pick);

    protected override void Clear(int batch) => _lstm.Start(batch);

    protected override void FeedNothing(int row) => _lstm.Feed(row);

    protected override void Forward(int first, int count) => _lstm.Forward(first, count);

    protected override void Logits(Made made, Span<T> logits)
    {
        if (made.IsConnection)
        {
            logits[0] = made.Head!.Logit(made.Place, _lstm.Output(made.Row)); // not null: every step has one
        }
        else
        {
            made.Head!.Forward(_lstm.Output(made.Row), logits); // not null: every step has one
        }
    }

    protected override void StartBackward() => _lstm.StartBackward(Steps);

    protected override void LogitsBackward(Made made, ReadOnlySpan<T> ofLogits) =>
        made.Head!.Backward(_lstm.Output(made.Row), ofLogits, _lstm.OfOutput(made.Row), made.Place); // not null: every step has one

    protected override void FinishBackward() => _lstm.Backward(Steps);

    private static List<(string Name, int Logits)> StepsOf(SearchSpace space, RandomSource? random)
    {
        var steps = new StepCollector(random);
        space.Decide(steps);
        return steps.Steps;
    }

    private SoftmaxHead<T> Head(string name) => _heads.TryGetValue(name, out var head)
        ? head
        : throw new UserErrorException($"The generator has weights of its own for each decision, and this space asks for '{name}' at times only; take policy=controller, which serves every space.");

    private sealed class GeneratorWalk(Generator<T> generator, int sequence, Func<string, Made, int> pick) : Walk(generator, sequence, pick)
    {
        // What the last step decided.
        private Fed<T>[] _decided = [];

        public override int Choose(string name, Choice choice)
        {
            var value = Answer(name, choice, Step(), generator.Head(name));
            _decided = [Fed<T>.FromTable(value)];
            return value;
        }

        public override bool[] Connect(string name, int earlierPlaces)
        {
            if (earlierPlaces == 0)
            {
                return [];
            }

            var connected = AnswerConnections(name, Step(), generator.Head(name), 0, 0, earlierPlaces);
            _decided = [.. connected.Index().Where(bit => bit.Item).Select(bit => Fed<T>.FromTable(bit.Index))];
            return connected;
        }

        private int Step()
        {
            var row = NextRow();
            generator._lstm.Feed(row, _decided);
            return row;
        }
    }

    /// <summary>Notes the steps of a walk and how many logits each has. Answers at random, or what comes first.</summary>
    private sealed class StepCollector(RandomSource? random) : IChoices
    {
        public List<(string Name, int Logits)> Steps { get; } = [];

        public int Choose(string name, Choice choice)
        {
            Steps.Add((name, choice.Options.Length));
            return random?.Next(choice.Options.Length) ?? 0;
        }

        public bool[] Connect(string name, int earlierPlaces)
        {
            if (earlierPlaces > 0)
            {
                Steps.Add((name, earlierPlaces));
            }

            return Array.ConvertAll(new bool[earlierPlaces], _ => random?.Next(2) == 1);
        }
    }
}
