using NasPlatform.Search;
using NasPlatform.Search.Datasets;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Experiments;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Spaces.Tuned;
using NasPlatform.Search.Strategies;
using NasPlatform.Search.Training;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Experiments.Starting;

/// <summary>
/// A new experiment as it is being filled in. What people have not touched follows from the time and the dataset; the spec that it makes and the form of a spec are each
/// other's inverse.
/// </summary>
internal sealed class ExperimentForm
{
    private const double UsualMinutes = 20;
    private const int UsualTrials = 40;
    private const int MostFinalEpochs = 100;
    private const string UsualSpace = "nasbench201";

    public string Name { get; set; } = "";

    public string Dataset { get; set; } = "";

    public Visibility Visibility { get; set; } = Visibility.Team;

    public BudgetKind Budget { get; set; } = BudgetKind.Time;

    /// <summary>Of the whole run, final training included.</summary>
    public double? Minutes { get; set; } = UsualMinutes;

    public int? Trials { get; set; } = UsualTrials;

    /// <summary>The search's part of the minutes, in percent.</summary>
    public double? SearchPercent { get; set; } = 50;

    /// <summary>The cost that matters beside the score; null for none.</summary>
    public Cost? Cost { get; set; }

    /// <summary>What it may be, in its unit.</summary>
    public double? Target { get; set; }

    public Tradeoff Tradeoff { get; set; }

    /// <summary>Of the cost in a weighted sum.</summary>
    public double? CostWeight { get; set; } = 0.1;

    public string Space { get; private set; } = UsualSpace;

    public Dictionary<string, string> SpaceSettings { get; private set; } = [];

    /// <summary>The one architecture whose training is searched; empty where architectures are.</summary>
    public string Architecture { get; set; } = "";

    /// <summary>What of the training is searched, with a person's own options, or nothing where they follow from the training.</summary>
    public Dictionary<string, string> Tune { get; private set; } = [];

    public string Strategy { get; private set; } = "evolution";

    public Dictionary<string, string> StrategySettings { get; private set; } = [];

    public int? Epochs { get; set; } = 1;

    /// <summary>The share of training examples, in percent.</summary>
    public double? FractionPercent { get; set; } = 20;

    /// <summary>Whether a person chose the share; until then it follows the time, the dataset and the size.</summary>
    public bool IsFractionChosen { get; set; }

    public int? FinalEpochs { get; set; } = MostFinalEpochs;

    public FinalNetwork FinalNetwork { get; set; }

    public int? Parallelism { get; set; } = 1;

    public int? Threads { get; set; } = 1;

    public string Device { get; set; } = "cpu";

    public ulong? Seed { get; set; } = 1;

    public int? BatchSize { get; set; } = 128;

    public OptimizerKind Optimizer { get; private set; }

    public double? LearningRate { get; set; } = 0.1;

    public ScheduleKind Schedule { get; set; }

    public double? Momentum { get; set; } = 0.9;

    public double? WeightDecay { get; set; } = 5e-4;

    /// <summary>The most that the gradients' norm may be; null for no limit.</summary>
    public double? GradientClip { get; set; }

    public double? LabelSmoothing { get; set; } = 0;

    public Precision Precision { get; set; } = Precision.Float32;

    /// <summary>Whether training images are varied as is usual for their size.</summary>
    public bool IsUsualAugmentation { get; set; } = true;

    public int? CropPadding { get; set; } = 0;

    public bool Flip { get; set; }

    public int? Cutout { get; set; } = 0;

    /// <summary>A form that works as it stands.</summary>
    /// <param name="cores">What the machine has.</param>
    public static ExperimentForm New(int cores)
    {
        var form = new ExperimentForm { Parallelism = cores, Threads = cores };
        form.ChooseSpace(UsualSpace);
        form.SetSize(NetworkSize.Small);
        form.ChooseStrategy("evolution");
        return form;
    }

    /// <summary>The form of an experiment that is to be repeated with changes.</summary>
    public static ExperimentForm Of(ExperimentSpec spec, Visibility visibility)
    {
        var form = new ExperimentForm
        {
            Dataset = spec.Dataset,
            Visibility = visibility,
            Budget = (spec.Budget.Trials, spec.Budget.Minutes) switch
            {
                (not null, not null) => BudgetKind.Both,
                (_, not null) => BudgetKind.Time,
                _ => BudgetKind.Trials,
            },
            Minutes = spec.Budget.Minutes ?? UsualMinutes,
            Trials = spec.Budget.Trials ?? UsualTrials,
            SearchPercent = Percent(spec.Budget.SearchShare),
            Cost = spec.Objective?.Cost,
            Target = spec.Objective?.Target,
            Tradeoff = spec.Objective?.Tradeoff ?? Tradeoff.Soft,
            CostWeight = spec.Objective?.Weight ?? 0.1,
            Epochs = spec.Fidelity.Epochs,
            FractionPercent = Percent(spec.Fidelity.Fraction),
            IsFractionChosen = true,
            FinalEpochs = spec.FinalEpochs,
            FinalNetwork = spec.FinalNetwork,
            Parallelism = spec.Parallelism,
            Threads = spec.Threads,
            Device = spec.Device,
            Seed = spec.Seed,
            BatchSize = spec.Training.BatchSize,
            Optimizer = spec.Training.Optimizer,
            LearningRate = spec.Training.LearningRate,
            Schedule = spec.Training.Schedule,
            Momentum = spec.Training.Momentum,
            WeightDecay = spec.Training.WeightDecay,
            GradientClip = spec.Training.GradientClip,
            LabelSmoothing = spec.Training.LabelSmoothing,
            Precision = spec.Training.Precision,
            IsUsualAugmentation = spec.Training.Augmentation is null,
            CropPadding = spec.Training.Augmentation?.CropPadding ?? 0,
            Flip = spec.Training.Augmentation?.Flip ?? false,
            Cutout = spec.Training.Augmentation?.Cutout ?? 0,
        };
        form.ChooseSpace(spec.Space, spec.SpaceSettings);
        (form.Architecture, form.Tune) = (spec.Architecture ?? "", new(spec.Tune));
        form.ChooseStrategy(spec.Strategy, spec.StrategySettings);
        return form;
    }

    /// <summary>Takes a dataset; where it lets other things be learnt than the one before, the space, the training and the epochs become those that suit it.</summary>
    public void ChooseDataset(string name, DatasetReport? report, TaskKind before)
    {
        Dataset = name;
        if (report is null || (report.Task == before && SearchSpaceCatalog.Create(Space).Tasks.Contains(report.Task)))
        {
            return;
        }

        if (report.Task == TaskKind.ImageClassification)
        {
            SetSize(NetworkSize.Small);
            Take(new(), 1, MostFinalEpochs);
            return;
        }

        foreach (var ofImages in TrainingChoice.All.Where(what => what.IsOfImages))
        {
            Tune.Remove(ofImages.Name);
        }

        var usual = UsualChoices.For(report);
        ChooseSpace(usual.Space, usual.SpaceSettings);
        Take(usual.Training, usual.Epochs, MostFinalEpochs);
        (FractionPercent, IsFractionChosen) = (100, false);
    }

    private void Take(TrainingOptions training, int epochs, int finalEpochs)
    {
        (BatchSize, LearningRate, Momentum, WeightDecay) = (training.BatchSize, training.LearningRate, training.Momentum, training.WeightDecay);
        (GradientClip, LabelSmoothing, Epochs, FinalEpochs) = (training.GradientClip, training.LabelSmoothing, epochs, finalEpochs);
        (Optimizer, Schedule) = (training.Optimizer, training.Schedule);
    }

    /// <summary>Takes another optimiser, with a learning rate that suits it.</summary>
    public void ChooseOptimizer(OptimizerKind optimizer) =>
        (Optimizer, LearningRate) = (optimizer, optimizer.IsAdaptive == Optimizer.IsAdaptive ? LearningRate : optimizer.UsualLearningRate);

    /// <summary>Takes another space, with its usual settings but for those given. What was an architecture of the one before is none of it.</summary>
    public void ChooseSpace(string name, IReadOnlyDictionary<string, string>? settings = null)
    {
        Architecture = name == Space ? Architecture : "";
        Space = name;
        SpaceSettings = new(SearchSpaceCatalog.Create(name).Settings);
        Overlay(SpaceSettings, settings);
    }

    /// <summary>Takes another strategy, with its usual settings but for those given.</summary>
    public void ChooseStrategy(string name, IReadOnlyDictionary<string, string>? settings = null)
    {
        Strategy = name;
        StrategySettings = new(StrategyCatalog.SettingsOf(name));
        Overlay(StrategySettings, settings);
    }

    /// <summary>Searches something of the training, or no longer.</summary>
    public void SetTuned(TrainingChoice what, bool isTuned)
    {
        if (isTuned)
        {
            Tune[what.Name] = "";
        }
        else
        {
            Tune.Remove(what.Name);
        }
    }

    /// <summary>The options of what is tuned, joined by commas.</summary>
    public string OptionsOf(TrainingChoice what) => Tune[what.Name] is { Length: > 0 } own ? own : string.Join(", ", TrainingChoices.UsualOptions(what, Tune, Training()));

    /// <summary>Gives what is tuned other options; nothing for the usual ones.</summary>
    public void SetOptions(TrainingChoice what, string options) => Tune[what.Name] = options.Trim();

    /// <summary>Changes one setting of the strategy. Another preset brings its own values of all, another sampler its settings.</summary>
    public void SetStrategySetting(string name, string value) => StrategySettings = UsualSettings.After(Strategy, StrategySettings, name, value);

    /// <summary>Trains one architecture of the space, on all examples, and makes a model of it within the usual time.</summary>
    public void TrainOnly(string genotype)
    {
        ChooseStrategy("listed", new Dictionary<string, string> { ["genotypes"] = genotype });
        (Budget, Trials, Parallelism, FractionPercent, IsFractionChosen) = (BudgetKind.Both, 1, 1, 100, true);
    }

    /// <summary>Searches the training of one architecture of the space.</summary>
    public void TuneOnly(string genotype)
    {
        ChooseStrategy("tpe");
        (Architecture, Tune) = (genotype, new() { ["learning_rate"] = "", ["weight_decay"] = "" });
    }

    /// <summary>The size that the space's settings are, where it is one of them.</summary>
    public NetworkSize? Size => Space == UsualSpace
        ? Enum.GetValues<NetworkSize>().Cast<NetworkSize?>().FirstOrDefault(size => SearchEffort.Cells(size!.Value).All(setting => SpaceSettings.GetValueOrDefault(setting.Key) == setting.Value)) // not null: of the values
        : null;

    public void SetSize(NetworkSize size) => ChooseSpace(UsualSpace, SearchEffort.Cells(size));

    /// <summary>Lets the share of images follow the time, the dataset and the size, unless a person chose it.</summary>
    public void Follow(DatasetReport? dataset)
    {
        if (!IsFractionChosen && dataset is { Task: TaskKind.ImageClassification })
        {
            FractionPercent = Percent(SearchEffort.Fraction(
                Budget == BudgetKind.Trials ? null : Minutes, dataset.CountOf(Split.Train), dataset.Height * dataset.Width, Size ?? NetworkSize.Medium));
        }
    }

    /// <summary>What an experiment that is started now would be. Fields that are empty become values that <see cref="ExperimentSpec.Problems"/> names.</summary>
    public ExperimentSpec ToSpec() => new()
    {
        Dataset = Dataset,
        Space = Space,
        SpaceSettings = SpaceSettings,
        Architecture = Architecture.Trim() is { Length: > 0 } architecture ? architecture : null,
        Tune = Tune,
        Strategy = Strategy,
        StrategySettings = StrategySettings,
        Fidelity = new(Epochs ?? 0, (FractionPercent ?? 0) / 100),
        Budget = new(
            Budget == BudgetKind.Time ? null : Trials ?? 0,
            Budget == BudgetKind.Trials ? null : Minutes ?? 0,
            (SearchPercent ?? 0) / 100),
        Objective = Cost is { } cost ? new(cost, Target ?? 0, Tradeoff, CostWeight ?? -1) : null,
        Training = Training(),
        FinalEpochs = FinalEpochs ?? -1,
        FinalNetwork = FinalNetwork,
        Parallelism = Parallelism ?? 0,
        Threads = Threads ?? 0,
        Device = Device.Trim(),
        Seed = Seed ?? 0,
    };

    private TrainingOptions Training() => new()
    {
        BatchSize = BatchSize ?? 0,
        Optimizer = Optimizer,
        LearningRate = LearningRate ?? 0,
        Schedule = Schedule,
        Momentum = Momentum ?? -1,
        WeightDecay = WeightDecay ?? -1,
        GradientClip = GradientClip,
        LabelSmoothing = LabelSmoothing ?? -1,
        Precision = Precision,
        Augmentation = IsUsualAugmentation ? null : new(CropPadding ?? -1, Flip, Cutout ?? -1),
    };

    private static double Percent(double share) => Math.Round(share * 100, 6);

    private static void Overlay(Dictionary<string, string> settings, IReadOnlyDictionary<string, string>? given)
    {
        foreach (var (name, value) in given ?? new Dictionary<string, string>())
        {
            settings[name] = value;
        }
    }
}

/// <summary>What limits an experiment.</summary>
internal enum BudgetKind
{
    Time,
    Trials,

    /// <summary>Whichever comes first.</summary>
    Both,
}
