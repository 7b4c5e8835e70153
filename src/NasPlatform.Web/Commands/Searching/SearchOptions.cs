using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using NasPlatform.Search;
using NasPlatform.Search.Datasets;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Experiments;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Spaces.Tuned;
using NasPlatform.Search.Strategies;
using NasPlatform.Search.Training;
using NasPlatform.Search.Training.Examples;

namespace NasPlatform.Web.Commands.Searching;

/// <summary>The options of <c>nas search</c> that say what the experiment is, and the spec that they make.</summary>
internal sealed class SearchOptions
{
    private const int DefaultTrials = 20;
    private const int MostFinalEpochs = 100;
    private const string Usual = "default: what suits the data";

    public Option<string?> Dataset { get; } = Options.Text("--dataset", "name", "The dataset; nas dataset list shows them");
    private readonly Option<string?> _space = Options.Text("--space", "name", $"The search space: {string.Join(", ", SearchSpaceCatalog.Names)} (default: one for the data; chain for images)");
    private readonly Option<Dictionary<string, string>> _set = Options.Settings("--set", "A setting of the space; repeatable (nas space show <name>)");
    private readonly Option<string?> _architecture = Options.Text("--architecture", "genotype", "One architecture of the space, or a published one's name: only its training is searched, by --tune");
    private readonly Option<Dictionary<string, string>> _tune = Options.Choices("--tune", $"Something of the training that is searched, too: {string.Join(", ", TrainingChoice.Names)}; repeatable, with options by commas or the usual ones", "learning_rate=0.01,0.1");
    private readonly Option<string?> _strategy = Options.Text("--strategy", "name", $"The strategy: {string.Join(", ", StrategyCatalog.Names)} (default reinforce)");
    private readonly Option<Dictionary<string, string>> _strategySet = Options.Settings("--strategy-set", "A setting of the strategy; repeatable (nas strategy show <name>)");
    private readonly Option<string?> _objective = Options.Word("--objective", "A cost that matters beside the score, or none (default none): parameters, multiply-adds, latency (measured here), memory", [.. Costs.AllWords, "none"]);
    private readonly Option<double?> _target = Options.Real("--target", "value", "What that cost may be: a number, or ms, or MB; needed with --objective");
    private readonly Option<string?> _tradeoff = Options.Word("--tradeoff", "soft: twice the cost is worth 5 % of the score (MnasNet); hard: nothing is lost up to the target; sum: score - weight x cost / target (default soft)", "soft", "hard", "sum");
    private readonly Option<double?> _costWeight = Options.Real("--cost-weight", "weight", "Of the cost with --tradeoff sum (default 0.1)");
    private readonly Option<int?> _trials = Options.Whole("--trials", "n", "Architectures to try at most (default 20; with --minutes no limit; of a one-shot strategy what its supernet gives)");
    private readonly Option<double?> _minutes = Options.Real("--minutes", "minutes", "Time for all, the final training included (default no limit)");
    private readonly Option<int?> _epochs = Options.Whole("--epochs", "n", $"Epochs of each trial ({Usual}; 1 for images)");
    private readonly Option<double?> _fraction = Options.Real("--fraction", "share", "Share of the training examples that trials use, above 0, at most 1 (default 1)");
    private readonly Option<int?> _finalEpochs = Options.Whole("--final-epochs", "n", $"Epochs of the winner's full training, 0 for none ({Usual}; 5 for images; with --minutes as many as fit, at most 100)");
    private readonly Option<string?> _finalNetwork = Options.Word("--final-network", "The network that the winner's full training makes of its decisions: the one that was searched with, or the larger one of the space's paper (default searched)", "searched", "paper");
    private readonly Option<ulong?> _seed = Options.Seed("The same seed gives the same architectures (default 1)");
    private readonly Option<int?> _parallel = Options.Whole("--parallel", "n", "Trials side by side (default: on cpu as many as threads, else 1)");
    private readonly Option<int?> _threads = Options.Whole("--threads", "n", "Threads in all, shared by the trials (default: all cores)");
    private readonly Option<string?> _device = Options.Text("--device", "name", "cpu, cuda:0, ... (default cpu)");
    private readonly Option<int?> _batchSize = Options.Whole("--batch-size", "n", $"Examples a step ({Usual}; 128 for images); of a text, streams");
    private readonly Option<string?> _optimizer = Options.Word("--optimizer", "How gradients change weights (default sgd, with Nesterov momentum)", [.. Optimizers.AllWords]);
    private readonly Option<double?> _learningRate = Options.Real("--learning-rate", "rate", $"The largest of the schedule ({Usual}; 0.1 for images; 0.001 with another optimiser than sgd)");
    private readonly Option<string?> _schedule = Options.Word("--schedule", "How the learning rate changes from step to step (default cosine: falls to 0)", [.. Schedules.AllWords]);
    private readonly Option<double?> _weightDecay = Options.Real("--weight-decay", "factor", $"L2 penalty; of adamw decoupled ({Usual}; 0.0005 for images)");
    private readonly Option<double?> _momentum = Options.Real("--momentum", "factor", $"Of sgd and rmsprop ({Usual}; 0.9 for most)");
    private readonly Option<double?> _clip = Options.Real("--gradient-clip", "norm", $"The most that the norm of all gradients may be at a step ({Usual}; no limit for images)");
    private readonly Option<double?> _labelSmoothing = Options.Real("--label-smoothing", "share", "Probability spread over all classes (default 0)");
    private readonly Option<int?> _crop = Options.Whole("--crop", "pixels", "Shift training images by up to this each way (default an eighth of the side)");
    private readonly Option<bool> _flip = Options.Flag("--flip", "Mirror half of the training images left to right (the default)");
    private readonly Option<bool> _noFlip = Options.Flag("--no-flip", "Do not mirror: for digits, letters, and whatever means another thing mirrored");
    private readonly Option<int?> _cutout = Options.Whole("--cutout", "pixels", "Side of a square blotted out of each training image (default 0, none)");
    private readonly Option<string?> _precision = Options.Word("--precision", "Numbers of the forward and backward pass (default float32); bfloat16 is used where it is faster", "float32", "bfloat16");

    public void AddTo(Command command)
    {
        Option[] all =
        [
            Dataset, _space, _set, _architecture, _tune, _strategy, _strategySet, _objective, _target, _tradeoff, _costWeight, _trials, _minutes, _epochs, _fraction, _finalEpochs, _finalNetwork, _seed, _parallel, _threads, _device,
            _batchSize, _optimizer, _learningRate, _schedule, _weightDecay, _momentum, _clip, _labelSmoothing, _crop, _flip, _noFlip, _cutout, _precision,
        ];
        foreach (var option in all)
        {
            command.Options.Add(option);
        }

        command.Validators.Add(result =>
        {
            if (result.GetValue(_flip) && result.GetValue(_noFlip))
            {
                result.AddError("Give either --flip or --no-flip.");
            }
        });
    }

    /// <summary>The spec of a new experiment.</summary>
    /// <param name="given">The command line.</param>
    /// <param name="dataset">The dataset that it names, open.</param>
    /// <param name="cores">Threads where none are said.</param>
    public ExperimentSpec New(ParseResult given, Dataset dataset, int cores)
    {
        var hasMinutes = given.GetValue(_minutes) is not null;
        var usual = UsualChoices.For(dataset.Report);
        var spec = Amend(
            new()
            {
                Dataset = dataset.Name,
                Space = usual.Space,
                SpaceSettings = given.GetValue(_space) is null ? usual.SpaceSettings : new Dictionary<string, string>(),
                Training = usual.Training,
                Fidelity = new(usual.Epochs),
                Budget = new(Trials: hasMinutes ? null : DefaultTrials),
                FinalEpochs = hasMinutes ? MostFinalEpochs : usual.FinalEpochs,
                Threads = cores,
            },
            given,
            dataset);
        if (given.GetValue(_trials) is null && StrategyCatalog.IsOneShot(spec.Strategy))
        {
            spec = spec with { Budget = spec.Budget with { Trials = StrategyCatalog.MostProposalsOf(spec.Strategy, spec.StrategySettings) } };
        }

        var sideBySide = spec.Device == "cpu" ? Math.Clamp(spec.Threads, 1, Math.Max(1, spec.Budget.Trials ?? int.MaxValue)) : 1;
        return spec with { Parallelism = given.GetValue(_parallel) ?? sideBySide };
    }

    /// <summary>The spec of an experiment that goes on: only its budget may have grown.</summary>
    /// <exception cref="UserErrorException">Something else is asked for than the experiment has.</exception>
    public ExperimentSpec Resumed(ParseResult given, ExperimentSpec stored, NasPlatform.Search.Datasets.Dataset dataset)
    {
        var spec = Amend(stored, given, dataset);
        var changed = Differences(stored with { Budget = spec.Budget }, spec);
        if (changed.Count > 0)
        {
            throw new UserErrorException(
                $"An experiment that goes on keeps what it began with, and this one has another {string.Join(", ", changed)} than asked for; leave that out, or start a new one. Only --trials and --minutes may grow.");
        }

        if (spec.Budget.Trials < stored.Budget.Trials || spec.Budget.Minutes < stored.Budget.Minutes)
        {
            throw new UserErrorException(
                $"The budget of an experiment that goes on can only grow, and this one has {Text(stored.Budget)}.");
        }

        return spec == stored || spec.Budget == stored.Budget ? stored : stored with { Budget = spec.Budget };
    }

    /// <summary>Whatever is given replaces what the spec has.</summary>
    private ExperimentSpec Amend(ExperimentSpec spec, ParseResult given, Dataset dataset)
    {
        var training = given.GetValue(_optimizer) is { } optimizer ? spec.Training.By(Optimizers.Named(optimizer)!.Value) : spec.Training; // not null: one of the words
        return spec with
        {
            Dataset = given.GetValue(Dataset) ?? spec.Dataset,
            Space = given.GetValue(_space) ?? spec.Space,
            SpaceSettings = IfAny(given.GetValue(_set)) ?? spec.SpaceSettings,
            Architecture = given.GetValue(_architecture) ?? spec.Architecture,
            Tune = IfAny(given.GetValue(_tune)) ?? spec.Tune,
            Strategy = given.GetValue(_strategy) ?? spec.Strategy,
            StrategySettings = IfAny(given.GetValue(_strategySet)) ?? spec.StrategySettings,
            Objective = Aim(spec.Objective, given),
            Fidelity = new(given.GetValue(_epochs) ?? spec.Fidelity.Epochs, given.GetValue(_fraction) ?? spec.Fidelity.Fraction),
            Budget = spec.Budget with { Trials = given.GetValue(_trials) ?? spec.Budget.Trials, Minutes = given.GetValue(_minutes) ?? spec.Budget.Minutes },
            Training = training with
            {
                BatchSize = given.GetValue(_batchSize) ?? training.BatchSize,
                LearningRate = given.GetValue(_learningRate) ?? training.LearningRate,
                Schedule = given.GetValue(_schedule) is { } schedule ? Schedules.Named(schedule)!.Value : training.Schedule, // not null: one of the words
                Momentum = given.GetValue(_momentum) ?? training.Momentum,
                WeightDecay = given.GetValue(_weightDecay) ?? training.WeightDecay,
                GradientClip = given.GetValue(_clip) ?? training.GradientClip,
                LabelSmoothing = given.GetValue(_labelSmoothing) ?? training.LabelSmoothing,
                Augmentation = Vary(training.Augmentation, given, dataset),
                Precision = given.GetValue(_precision) is { } word ? Enum.Parse<Precision>(word, ignoreCase: true) : training.Precision,
            },
            FinalEpochs = given.GetValue(_finalEpochs) ?? spec.FinalEpochs,
            FinalNetwork = given.GetValue(_finalNetwork) is { } network ? Enum.Parse<FinalNetwork>(network, ignoreCase: true) : spec.FinalNetwork,
            Parallelism = given.GetValue(_parallel) ?? spec.Parallelism,
            Threads = given.GetValue(_threads) ?? spec.Threads,
            Device = given.GetValue(_device) ?? spec.Device,
            Seed = given.GetValue(_seed) ?? spec.Seed,
        };
    }

    private Objective? Aim(Objective? objective, ParseResult given)
    {
        var (cost, target, tradeoff, weight) = (given.GetValue(_objective), given.GetValue(_target), given.GetValue(_tradeoff), given.GetValue(_costWeight));
        if (cost == "none")
        {
            return null;
        }

        if (objective is null && cost is null)
        {
            return target is null && tradeoff is null && weight is null ? null : throw new UserErrorException("--target, --tradeoff and --cost-weight belong to a cost that matters; give --objective, too.");
        }

        objective ??= new(Cost.Parameters, target ?? throw new UserErrorException($"--objective {cost} needs --target: what the {cost} may be."));
        return objective with
        {
            Cost = cost is null ? objective.Cost : Costs.Named(cost),
            Target = target ?? objective.Target,
            Tradeoff = tradeoff is null ? objective.Tradeoff : Enum.Parse<Tradeoff>(tradeoff, ignoreCase: true),
            Weight = weight ?? objective.Weight,
        };
    }

    private Augmentation? Vary(Augmentation? augmentation, ParseResult given, Dataset dataset)
    {
        var (crop, cutout) = (given.GetValue(_crop), given.GetValue(_cutout));
        bool? flip = given.GetValue(_flip) ? true : given.GetValue(_noFlip) ? false : null;
        if (crop is null && cutout is null && flip is null)
        {
            return augmentation;
        }

        augmentation ??= Augmentation.Standard(dataset.Height, dataset.Width);
        return new(crop ?? augmentation.CropPadding, flip ?? augmentation.Flip, cutout ?? augmentation.Cutout);
    }

    private static Dictionary<string, string>? IfAny(Dictionary<string, string>? settings) => settings is { Count: > 0 } ? settings : null;

    /// <summary>The names of what two specs differ in, as their JSON has them.</summary>
    private static List<string> Differences(ExperimentSpec one, ExperimentSpec other)
    {
        var (left, right) = (Json(one), Json(other));
        return [.. left.Where(pair => !JsonNode.DeepEquals(pair.Value, right[pair.Key])).Select(pair => pair.Key)];

        static JsonObject Json(ExperimentSpec spec) => JsonSerializer.SerializeToNode(spec, ExperimentFolder.Json)!.AsObject(); // not null: a spec is an object
    }

    private static string Text(Budget budget) => (budget.Trials, budget.Minutes) switch
    {
        ({ } trials, { } minutes) => $"{Figures.Many(trials, "trial")} and {minutes} minutes",
        ({ } trials, null) => Figures.Many(trials, "trial"),
        (_, { } minutes) => $"{minutes} minutes",
        _ => "no limit",
    };
}
