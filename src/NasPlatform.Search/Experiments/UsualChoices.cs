using NasPlatform.Search.Datasets;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Training;

namespace NasPlatform.Search.Experiments;

/// <summary>What suits a dataset where nothing else is said: a search that works as it stands, on two CPU cores.</summary>
/// <param name="Space">A space that makes networks for it.</param>
/// <param name="SpaceSettings">Settings of that space.</param>
/// <param name="Training">How its networks are trained.</param>
/// <param name="Epochs">Of a trial.</param>
/// <param name="FinalEpochs">Of the winner's training in full, where no time is set.</param>
public sealed record UsualChoices(string Space, IReadOnlyDictionary<string, string> SpaceSettings, TrainingOptions Training, int Epochs, int FinalEpochs)
{
    /// <summary>Steps that a small network needs to show what it can; small data are gone through more often.</summary>
    private const int StepsOfATrial = 600;

    private const int MostEpochs = 40;

    private static readonly Dictionary<string, string> None = [];

    public static UsualChoices For(DatasetReport report)
    {
        var examples = report.CountOf(Split.Train);
        var batch = Batch(examples);
        return report.Task switch
        {
            TaskKind.ImageClassification => new("chain", None, new(), 1, 5),
            TaskKind.TabularClassification or TaskKind.TabularRegression =>
                Of("mlp", examples < 2000 ? new() { ["layers"] = "3", ["units"] = "8,16,32,64" } : None, new() { BatchSize = batch, LearningRate = 0.05, WeightDecay = 1e-4 }),
            TaskKind.SequenceClassification =>
                Of("conv1d", examples < 1000 ? new() { ["layers"] = "3", ["filters"] = "8,16,32" } : None, new() { BatchSize = batch, LearningRate = 0.05 }),
            TaskKind.Forecasting =>
                Of("conv1d", None, new() { BatchSize = batch, LearningRate = 0.02, WeightDecay = 1e-4, GradientClip = 1 }),

            // As ENAS and DARTS train theirs: plain descent at a high rate, with clipped gradients.
            TaskKind.LanguageModelling => new(
                "darts-rnn",
                new Dictionary<string, string> { ["hidden"] = "128", ["drop_words"] = "0", ["drop_input"] = "0.1", ["drop_x"] = "0", ["drop_h"] = "0", ["drop_output"] = "0.1" },
                new() { BatchSize = 32, LearningRate = 10, Momentum = 0, WeightDecay = 1e-6, GradientClip = 0.25 },
                1,
                10),
        };

        UsualChoices Of(string space, Dictionary<string, string> settings, TrainingOptions training)
        {
            var epochs = Math.Clamp(StepsOfATrial * training.BatchSize / Math.Max(1, examples), 1, MostEpochs);
            return new(space, settings, training, epochs, Math.Min(4 * epochs, 100));
        }
    }

    /// <summary>A power of two, so that an epoch has at least some thirty steps.</summary>
    private static int Batch(int examples) => Math.Clamp(1 << (int)Math.Log2(Math.Max(1, examples / 32)), 8, 128);
}
