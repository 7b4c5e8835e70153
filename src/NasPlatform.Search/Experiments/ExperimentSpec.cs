using System.Text.Json.Serialization;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Spaces.Tuned;
using NasPlatform.Search.Strategies;
using NasPlatform.Search.Strategies.Rena;
using NasPlatform.Search.Training;

namespace NasPlatform.Search.Experiments;

/// <summary>Everything that defines an experiment, in one document: with it and the dataset, the run can be repeated.</summary>
public sealed record ExperimentSpec
{
    /// <summary>The dataset's name in the catalogue.</summary>
    public required string Dataset { get; init; }

    public string Space { get; init; } = "chain";

    public IReadOnlyDictionary<string, string> SpaceSettings { get; init; } = new Dictionary<string, string>();

    public string Strategy { get; init; } = "reinforce";

    public IReadOnlyDictionary<string, string> StrategySettings { get; init; } = new Dictionary<string, string>();

    /// <summary>What is maximised where the network's cost matters, too; null for the score alone.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Objective? Objective { get; init; }

    public Fidelity Fidelity { get; init; } = new();

    public Budget Budget { get; init; } = new();

    public TrainingOptions Training { get; init; } = new();

    /// <summary>
    /// What of the training is searched along with the networks: options by the names of <see cref="TrainingChoice.All"/>, joined by commas; nothing for the usual ones. <see cref="Training"/> has the rest, all
    /// of it where nothing is named here.
    /// </summary>
    public IReadOnlyDictionary<string, string> Tune { get; init; } = new Dictionary<string, string>();

    /// <summary>The one architecture, a genotype of the space or the name of a published one, whose training is searched; null where architectures are.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Architecture { get; init; }

    /// <summary>What trials are compared by: the objective, or RENA's reward engine with its limits; null for the score alone.</summary>
    [JsonIgnore]
    public IReward? Reward => Engine is { Limits.Count: > 0 } engine ? engine : Objective;

    /// <summary>The cost that networks are shown against: the objective's, or NSGA-II's, or one that RENA limits, or else their parameters.</summary>
    [JsonIgnore]
    public Cost Cost => Objective?.Cost
        ?? (Strategy == "nsga2" && StrategySettings.TryGetValue("cost", out var words) && Costs.AllWords.Contains(words) ? Costs.Named(words) : (Cost?)null)
        ?? Engine?.Limits.Select(limit => limit.Resource.Cost).FirstOrDefault(cost => cost is not null)
        ?? Cost.Parameters;

    private RewardEngine? Engine => Strategy == "rena" ? RewardEngine.Of(new("Strategy 'rena'", StrategySettings)) : null;

    /// <summary>Epochs of the winner's final training, on training and validation examples together; 0 for none. With minutes given, as many of these as the time allows.</summary>
    public int FinalEpochs { get; init; } = 5;

    /// <summary>Which network the winner's decisions make when it is trained in full.</summary>
    public FinalNetwork FinalNetwork { get; init; } = FinalNetwork.Searched;

    /// <summary>Trials side by side, 1 to 256.</summary>
    public int Parallelism { get; init; } = 1;

    /// <summary>libtorch's threads in all, shared out evenly to the trials that run side by side, at least one each; the final training has them all.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>libtorch's threads for one trial.</summary>
    [JsonIgnore]
    public int ThreadsPerTrial => Math.Max(1, Threads / Parallelism);

    /// <summary>Wall-clock time of the search, what is before its first trial included; null for no limit.</summary>
    [JsonIgnore]
    public TimeSpan? SearchTime => Budget.Minutes is { } minutes ? TimeSpan.FromMinutes(minutes * (FinalEpochs == 0 ? 1 : Budget.SearchShare)) : null;

    /// <summary><c>cpu</c>, <c>cuda:0</c>, ...</summary>
    public string Device { get; init; } = "cpu";

    public ulong Seed { get; init; } = 1;

    /// <summary>What is searched: the space's networks, with or without their training, or the training of one.</summary>
    /// <exception cref="UserErrorException">There is no such space, a setting, a choice or an option of it, or the architecture is not of it.</exception>
    public SearchSpace CreateSpace()
    {
        var networks = SearchSpaceCatalog.Create(Space, SpaceSettings);
        if (Tune.Count == 0)
        {
            return Architecture is null ? networks : throw new UserErrorException("With one architecture nothing is left to search but its training; say what of that is tuned, such as learning_rate.");
        }

        var choices = new TrainingChoices(Tune, Training);
        if (Architecture is null)
        {
            return new TunedSpace(networks, choices);
        }

        var genotype = networks.Find(Architecture);
        return networks.IsValid(genotype)
            ? new TunedSpace(networks, choices, genotype)
            : throw new UserErrorException($"'{Architecture}' denotes no network of space '{Space}'.");
    }

    /// <summary>How a genotype of <see cref="CreateSpace"/> is to be trained.</summary>
    /// <param name="genotype">What was proposed.</param>
    /// <param name="task">The dataset's.</param>
    public TrainingOptions TrainingOf(Genotype genotype, TaskShape task) => TrainingChoice.TrainingOf(genotype, Training, task);

    /// <summary>Checks everything that can be checked without the dataset.</summary>
    /// <exception cref="UserErrorException">All that is wrong, one sentence each.</exception>
    public void Validate()
    {
        var problems = Problems();
        if (problems.Count > 0)
        {
            throw new UserErrorException(string.Join(Environment.NewLine, problems.Select(problem => problem.Text)));
        }
    }

    /// <summary>All that is wrong and can be seen without the dataset; empty when the spec is valid.</summary>
    public IReadOnlyList<SpecProblem> Problems()
    {
        var problems = new List<SpecProblem>();
        Check("fidelity.epochs", Fidelity.Epochs is >= 1 and <= 100_000, $"The epochs of a trial are {Fidelity.Epochs}; they must be from 1 to 100000.");
        Check("fidelity.fraction", Fidelity.Fraction is > 0 and <= 1, $"The share of training examples is {Fidelity.Fraction}; it must be above 0, at most 1.");
        Check("budget.trials", Budget.Trials is null or >= 1, $"The budget is {Budget.Trials} trials; it must be at least 1.");
        Check("budget.minutes", Budget.Minutes is null or (> 0 and <= 1e6), $"The budget is {Budget.Minutes} minutes; it must be above 0.");
        Check("budget.minutes", Budget is not { Trials: null, Minutes: null }, "The experiment has no budget; give trials, minutes or both.");
        Check("budget.searchShare", Budget.SearchShare is > 0 and < 1, $"The search's share of the time is {Budget.SearchShare}; it must be above 0 and below 1.");
        Check("finalEpochs", FinalEpochs is >= 0 and <= 100_000, $"The epochs of the final training are {FinalEpochs}; they must be from 0 to 100000.");
        Check("parallelism", Parallelism is >= 1 and <= 256, $"The number of trials side by side is {Parallelism}; it must be from 1 to 256.");
        Check("threads", Threads is >= 1 and <= 1024, $"The number of threads is {Threads}; it must be from 1 to 1024.");
        problems.AddRange((Objective?.Problems() ?? []).Select(problem => new SpecProblem("objective", problem)));
        Check("objective", Objective is null || Strategy != "nsga2", "Strategy 'nsga2' keeps a front of networks by score and cost itself; leave out the objective, or take another strategy.");
        Check("objective", Objective is null || Strategy != "rena", "Strategy 'rena' has a reward engine with limits of its own; leave out the objective, and give it the limits as settings, or take another strategy.");
        Try("training", Training.Validate);
        SearchSpace? space = null;
        Try("space", () => SearchSpaceCatalog.Create(Space, SpaceSettings));
        if (!problems.Any(problem => problem.Field is "space" or "training"))
        {
            Try("tune", () => _ = new TrainingChoices(Tune, Training));
        }

        if (!problems.Any(problem => problem.Field is "space" or "training" or "tune"))
        {
            Try("architecture", () => space = CreateSpace());
        }

        if (space is not null)
        {
            Try("strategy", () =>
            {
                var strategy = StrategyCatalog.Create(Strategy, space, StrategySettings, new RandomSource(Seed), Fidelity.Epochs);
                using var owned = strategy as IDisposable;
                Check("strategy", strategy.MostProposals != 0, $"Strategy '{Strategy}' has nothing to propose: give its genotypes, joined by semicolons.");
            });
        }

        Try("device", () => Devices.Parse(Device));
        return problems;

        void Check(string field, bool holds, string problem)
        {
            if (!holds)
            {
                problems.Add(new(field, problem));
            }
        }

        void Try(string field, Action check)
        {
            try
            {
                check();
            }
            catch (UserErrorException error)
            {
                problems.Add(new(field, error.Message));
            }
        }
    }
}

/// <summary>A network that decisions make.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FinalNetwork>))]
public enum FinalNetwork
{
    /// <summary>The one that was searched with.</summary>
    Searched,

    /// <summary>The larger one of the space's paper, where it has one (<see cref="SearchSpace.Final"/>).</summary>
    Paper,
}

/// <summary>Something that is wrong with a spec.</summary>
/// <param name="Field">Where, as the JSON document names it: <c>fidelity.epochs</c>; the whole of <c>space</c>, <c>strategy</c> and <c>training</c> for what is in them.</param>
/// <param name="Text">A sentence for people: what it is and what it must be.</param>
public sealed record SpecProblem(string Field, string Text);
