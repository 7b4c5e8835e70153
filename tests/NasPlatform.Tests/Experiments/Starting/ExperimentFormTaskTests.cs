using NasPlatform.Search.Experiments;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Spaces.Tuned;
using NasPlatform.Tests.Support;
using NasPlatform.Web.Experiments.Starting;

namespace NasPlatform.Tests.Experiments.Starting;

public sealed class ExperimentFormTaskTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(TaskDatasets.Kinds), MemberType = typeof(TaskDatasets))]
    public void Choosing_data_of_another_kind_makes_a_form_that_can_be_started(TaskKind kind)
    {
        using var dataset = TaskDatasets.Open(_folder.Path, kind);
        var form = ExperimentForm.New(2);

        form.ChooseDataset("small", dataset.Report, TaskKind.ImageClassification);
        form.Follow(dataset.Report);
        var spec = form.ToSpec();

        Assert.Empty(spec.Problems());
        Assert.Contains(kind, SearchSpaceCatalog.Create(spec.Space, spec.SpaceSettings).Tasks);
        Assert.Equal(UsualChoices.For(dataset.Report).Training, spec.Training);
        Assert.Equal(1, spec.Fidelity.Fraction);
    }

    [Fact]
    public void What_was_chosen_stays_with_data_of_the_same_kind_and_images_bring_their_own_back()
    {
        using var table = TaskDatasets.Open(_folder.Path, TaskKind.TabularClassification);
        var form = ExperimentForm.New(2);
        form.TuneOnly("|nor_conv_3x3~0|+|none~0|none~1|+|nor_conv_1x1~0|none~1|none~2|");
        form.SetTuned(TrainingChoice.Named("augmentation"), true);
        form.ChooseDataset("small", table.Report, TaskKind.ImageClassification);
        Assert.Equal(("", "learning_rate weight_decay"), (form.Architecture, string.Join(' ', form.Tune.Keys)));
        form.LearningRate = 0.3;

        form.ChooseDataset("other", table.Report, TaskKind.TabularClassification);
        Assert.Equal(("other", "mlp", 0.3), (form.Dataset, form.Space, form.LearningRate));

        form.ChooseDataset("pictures", table.Report with { Task = TaskKind.ImageClassification }, TaskKind.TabularClassification);
        Assert.Equal(("nasbench201", 0.1, 1), (form.Space, form.LearningRate, form.Epochs));
    }
}
