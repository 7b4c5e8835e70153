using System.Globalization;
using System.Text.Json.Serialization;
using NasPlatform.Search.Networks;

namespace NasPlatform.Search.Evaluation;

/// <summary>What tells how good a network is. A search maximises its <i>score</i>, which is 0 to 1 and the larger the better for every metric.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Metric>))]
public enum Metric
{
    /// <summary>The share of examples that are classified rightly; the score is the same.</summary>
    Accuracy,

    /// <summary>e to the mean cross entropy of a token, at least 1; the smaller the better. The score is 1 / perplexity: the geometric mean of the probabilities of the right tokens.</summary>
    Perplexity,

    /// <summary>The mean squared error in deviations of the training split: 0 is perfect, 1 what always predicting the mean has. The score is 1 / (1 + error).</summary>
    SquaredError,
}

/// <summary>By what networks are compared.</summary>
public static class TaskMetrics
{
    extension(TaskKind kind)
    {
        /// <summary>How networks for the task are compared.</summary>
        public Metric Metric => kind switch
        {
            TaskKind.LanguageModelling => Metric.Perplexity,
            TaskKind.Forecasting or TaskKind.TabularRegression => Metric.SquaredError,
            _ => Metric.Accuracy,
        };
    }
}

/// <summary>What follows from a metric.</summary>
public static class Metrics
{
    extension(Metric metric)
    {
        /// <summary>In words: <c>accuracy</c>, <c>perplexity</c>, <c>squared error</c>.</summary>
        public string Words => metric switch
        {
            Metric.Accuracy => "accuracy",
            Metric.Perplexity => "perplexity",
            Metric.SquaredError => "squared error",
        };

        /// <summary>Whether less is better.</summary>
        public bool IsCost => metric != Metric.Accuracy;

        /// <summary>The metric's own value of a score.</summary>
        public double Value(double score) => metric switch
        {
            Metric.Accuracy => score,
            Metric.Perplexity => 1 / score,
            Metric.SquaredError => (1 / score) - 1,
        };

        /// <summary>The score of a mean loss, for metrics that are one; of cross entropy in nats, of squared error.</summary>
        internal double ScoreOfLoss(double loss) => metric switch
        {
            Metric.Perplexity => Math.Exp(-loss),
            Metric.SquaredError => 1 / (1 + loss),
            Metric.Accuracy => throw new InvalidOperationException("An accuracy does not follow from the loss."),
        };

        /// <summary>A score as people read it: <c>93.31 %</c>, <c>104.2</c>, <c>0.3127</c>.</summary>
        public string Text(double score) => metric switch
        {
            Metric.Accuracy => string.Create(CultureInfo.InvariantCulture, $"{100 * score:0.00} %"),
            Metric.Perplexity => string.Create(CultureInfo.InvariantCulture, $"{1 / score:#,0.0}"),
            Metric.SquaredError => string.Create(CultureInfo.InvariantCulture, $"{(1 / score) - 1:#,0.0000}"),
        };
    }
}
