using NasPlatform.Search.Networks;

namespace NasPlatform.Search.Datasets;

/// <summary>What datasets count.</summary>
public static class DatasetCounts
{
    extension(TaskKind kind)
    {
        /// <summary>What a dataset counts, in the plural: images, series, rows, the tokens of a text, the steps of a series that is forecast.</summary>
        public string Counted => kind switch
        {
            TaskKind.SequenceClassification => "series",
            TaskKind.Forecasting => "steps",
            _ => kind.Example + "s",
        };

        /// <summary>Whether an example is a row of a table.</summary>
        public bool IsTabular => kind is TaskKind.TabularClassification or TaskKind.TabularRegression;
    }

    /// <summary>Examples of a class in one split.</summary>
    public static int Of(this ClassCounts counts, Split split) => split switch
    {
        Split.Train => counts.Train,
        Split.Validation => counts.Validation,
        Split.Test => counts.Test,
    };
}
