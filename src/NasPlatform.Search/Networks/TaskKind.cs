using System.Text.Json.Serialization;

namespace NasPlatform.Search.Networks;

/// <summary>What is learnt from what.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TaskKind>))]
public enum TaskKind
{
    /// <summary>The class of an image.</summary>
    ImageClassification,

    /// <summary>The class of a series: some variables over some steps.</summary>
    SequenceClassification,

    /// <summary>The next values of a series from those before.</summary>
    Forecasting,

    /// <summary>The class of a row of a table.</summary>
    TabularClassification,

    /// <summary>A number from a row of a table.</summary>
    TabularRegression,

    /// <summary>The next token of a text at every place, from those before.</summary>
    LanguageModelling,
}

/// <summary>What a task's kind implies.</summary>
public static class TaskKinds
{
    extension(TaskKind kind)
    {
        /// <summary>Whether each example has one class.</summary>
        public bool IsClassification => kind is TaskKind.ImageClassification or TaskKind.SequenceClassification or TaskKind.TabularClassification;

        /// <summary>Whether numbers are predicted, and not classes or tokens.</summary>
        public bool IsRegression => kind is TaskKind.Forecasting or TaskKind.TabularRegression;

        /// <summary>Whether an example is a row of a table.</summary>
        public bool IsTabular => kind is TaskKind.TabularClassification or TaskKind.TabularRegression;

        /// <summary>What one example is called.</summary>
        public string Example => kind switch
        {
            TaskKind.ImageClassification => "image",
            TaskKind.SequenceClassification => "series",
            TaskKind.Forecasting => "window",
            TaskKind.TabularClassification or TaskKind.TabularRegression => "row",
            TaskKind.LanguageModelling => "token",
        };

        /// <summary>What several examples are called.</summary>
        public string Examples => kind == TaskKind.SequenceClassification ? kind.Example : kind.Example + "s";

        /// <summary>What a dataset counts, in the plural: its examples, the tokens of a text, the steps of a series that is forecast.</summary>
        public string Counted => kind == TaskKind.Forecasting ? "steps" : kind.Examples;

        /// <summary>In words, for people: <c>image classification</c>.</summary>
        public string Words => kind switch
        {
            TaskKind.ImageClassification => "image classification",
            TaskKind.SequenceClassification => "sequence classification",
            TaskKind.Forecasting => "forecasting",
            TaskKind.TabularClassification => "tabular classification",
            TaskKind.TabularRegression => "tabular regression",
            TaskKind.LanguageModelling => "language modelling",
        };
    }
}
