using System.Text.Json;
using NasPlatform.Search;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Strategies;
using NasPlatform.Search.Training;

namespace NasPlatform.Benchmarks.Cases;

/// <summary>
/// A batch of architectures drawn by an LSTM controller and one REINFORCE update with them, by strategy <c>reinforce</c> at its usual settings. Ours proposes one at a time and scores what was recorded
/// anew, as a search does; the peer draws all at once and goes back through what it drew. What is compared is the mean entropy of a decision.
/// </summary>
internal sealed class ControllerCase : Case
{
    private const string Questions = "questions.json";

    /// <summary>The search space, at its usual settings: one that asks the same whatever is answered.</summary>
    public required string Space { get; init; }

    public override string Examples => "architectures";

    public override string Script => "controller.py";

    public override IReadOnlyList<string> ScriptArguments => [$"{Batch}"];

    public override bool Suits(Precision precision) => precision == Precision.Float32;

    public override void Prepare(string folder)
    {
        var recorder = new Recorder();
        SearchSpaceCatalog.Create(Space).Decide(recorder);
        File.WriteAllText(Path.Combine(folder, Questions), JsonSerializer.Serialize(recorder.Asked));
    }

    public override Work Start(string folder, Precision precision)
    {
        // Until the code is compiled for good.
        using var before = new Learning(SearchSpaceCatalog.Create(Space), Batch);
        for (var step = 0; step < 50; step++)
        {
            before.Step();
        }

        return new Learning(SearchSpaceCatalog.Create(Space), Batch);
    }

    private sealed class Learning(SearchSpace space, int batch) : Work
    {
        private readonly Strategy _strategy = StrategyCatalog.Create("reinforce", space, new Dictionary<string, string> { ["batch"] = $"{batch}" }, new RandomSource(1));
        private readonly RandomSource _rewards = new(2);
        private readonly Genotype[] _proposed = new Genotype[batch];
        private int _number;
        private double _entropies;

        public override double LossSum => _entropies;

        public override void Step()
        {
            for (var place = 0; place < _proposed.Length; place++)
            {
                _proposed[place] = _strategy.Propose(++_number);
            }

            foreach (var genotype in _proposed)
            {
                var accuracy = _rewards.NextDouble();
                _strategy.Observe(new(_number, genotype, new()), new() { Outcome = Outcome.Completed, Score = accuracy, BestOfLastFive = accuracy });
            }

            _entropies += _strategy.Diagnostics["entropy"];
        }

        public override void Dispose()
        {
        }
    }

    /// <summary>Notes what a space asks, and always takes the first option.</summary>
    private sealed class Recorder : IChoices
    {
        public List<Dictionary<string, object>> Asked { get; } = [];

        public int Choose(string name, Choice choice)
        {
            Asked.Add(new() { ["kind"] = choice.Kind, ["options"] = choice.Options.Length });
            return 0;
        }

        public bool[] Connect(string name, int earlierPlaces)
        {
            Asked.Add(new() { ["earlier"] = earlierPlaces });
            return new bool[earlierPlaces];
        }
    }
}
