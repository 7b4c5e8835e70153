using NasPlatform.Search;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Spaces.Tuned;
using NasPlatform.Search.Training;
using NasPlatform.Search.Training.Examples;

namespace NasPlatform.Tests.Spaces.Tuned;

public sealed class TrainingChoicesTests
{
    [Theory]
    [InlineData("learning_rate", null, 0.1, "0.003 0.01 0.03 0.1 0.3 1")]
    [InlineData("learning_rate", null, 0.05, "0.0015 0.005 0.015 0.05 0.15 0.5")]
    [InlineData("learning_rate", null, 20.0, "0.6 2 6 20 60")]
    [InlineData("learning_rate", "adam,adamw", 0.1, "0.00003 0.0001 0.0003 0.001 0.003 0.01")]
    [InlineData("learning_rate", "sgd,adamw", 0.1, "0.0003 0.001 0.003 0.01 0.03 0.1 0.3")]
    [InlineData("learning_rate", "", 0.1, "0.0003 0.001 0.003 0.01 0.03 0.1 0.3")]
    [InlineData("batch_size", null, 0.1, "32 64 128 256")]
    [InlineData("optimizer", null, 0.1, "sgd adam adamw rmsprop")]
    [InlineData("schedule", null, 0.1, "cosine warmup-cosine step one-cycle constant")]
    [InlineData("augmentation", null, 0.1, "none crop crop+flip crop+flip+cutout")]
    public void Without_options_there_are_usual_ones(string name, string? optimizers, double learningRate, string options)
    {
        var tune = new Dictionary<string, string> { [name] = "" };
        if (optimizers is not null)
        {
            tune["optimizer"] = optimizers;
        }

        var choices = new TrainingChoices(tune, new() { LearningRate = learningRate });
        Assert.Equal(options, string.Join(' ', choices.Options.Single(choice => choice.Name == name).Options));
    }

    [Fact]
    public void No_usual_batch_has_less_than_two_examples() =>
        Assert.Equal(["2", "4", "8"], new TrainingChoices(new Dictionary<string, string> { ["batch_size"] = "" }, new() { BatchSize = 4 }).Options[0].Options);

    [Theory]
    [InlineData("learning_rate", "1e-3, 0.010,.1", "0.001 0.01 0.1")]
    [InlineData("augmentation", "flip+crop,none", "crop+flip none")]
    public void Options_have_one_spelling(string name, string given, string options) =>
        Assert.Equal(options, string.Join(' ', new TrainingChoices(new Dictionary<string, string> { [name] = given }, new()).Options[0].Options));

    [Theory]
    [InlineData("lr", "0.1", "There is no training choice 'lr'. Known: optimizer, learning_rate, schedule, weight_decay, batch_size, augmentation.")]
    [InlineData("learning_rate", "fast", "'fast' is no option of learning_rate: it is no number.")]
    [InlineData("learning_rate", "0.1,0", "'0' is no option of learning_rate: The learning rate is 0; it must be above 0, at most 100.")]
    [InlineData("learning_rate", "0.1,0.10", "To be tuned, learning_rate needs options that differ, at most 100; given are 0.1, 0.1.")]
    [InlineData("weight_decay", "-1", "'-1' is no option of weight_decay: The weight decay is -1; it must be from 0 to 1.")]
    [InlineData("batch_size", "12.5", "'12.5' is no option of batch_size: it is no whole number.")]
    [InlineData("batch_size", "1", "'1' is no option of batch_size: The batch size is 1; it must be from 2 to 8192.")]
    [InlineData("optimizer", "adan", "'adan' is no option of optimizer: There is no optimiser 'adan'. Did you mean 'adam'? Known: sgd, adam, adamw, rmsprop.")]
    [InlineData("schedule", "plateau", "'plateau' is no option of schedule: There is no schedule 'plateau'. Known: cosine, warmup-cosine, step, one-cycle, constant.")]
    [InlineData("augmentation", "crop+crop", "'crop+crop' is no option of augmentation: it must be none, or crop, flip and cutout joined by +.")]
    public void What_is_no_option_is_refused_with_the_reason(string name, string options, string reason) =>
        Assert.Equal(reason, Assert.Throws<UserErrorException>(() => new TrainingChoices(new Dictionary<string, string> { [name] = options }, new())).Message);

    [Fact]
    public void Where_no_learning_rate_is_searched_an_optimiser_brings_its_own_and_one_that_is_searched_replaces_it()
    {
        Assert.Equal(0.001, Training(new() { ["optimizer"] = "adamw" }).LearningRate);
        Assert.Equal(0.5, Training(new() { ["learning_rate"] = "0.5", ["optimizer"] = "adamw" }).LearningRate);
    }

    [Fact]
    public void Images_are_varied_as_far_as_the_experiment_says_or_as_is_usual_for_their_size()
    {
        Assert.Equal(new Augmentation(3, false, 14), Training(new() { ["augmentation"] = "crop+cutout" }).Augmentation);
        Assert.Equal(new Augmentation(2, true, 8), Training(new() { ["augmentation"] = "crop+flip+cutout" }, new(2, false, 8)).Augmentation);
        Assert.Equal(Augmentation.None, Training(new() { ["augmentation"] = "none" }, new(2, true, 8)).Augmentation);
    }

    /// <summary>By the only options that there are, of images of 28 by 28.</summary>
    private static TrainingOptions Training(Dictionary<string, string> tune, Augmentation? augmentation = null)
    {
        var answerer = new UniformAnswerer(new RandomSource(1));
        var training = new TrainingOptions { Augmentation = augmentation };
        new TrainingChoices(tune, training).Decide(answerer);
        return TrainingChoice.TrainingOf(answerer.Recorded, training, new TaskShape(1, 28, 28, 10));
    }
}
