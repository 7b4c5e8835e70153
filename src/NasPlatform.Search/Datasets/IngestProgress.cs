using NasPlatform.Search.Networks;

namespace NasPlatform.Search.Datasets;

/// <summary>How far bringing in a dataset has come.</summary>
/// <param name="Stage">What is being done, for people: "reading sizes", "decoding".</param>
/// <param name="Done">Examples of this stage that are done.</param>
/// <param name="Total">Examples of this stage; 0 where the end is not known.</param>
/// <param name="PerSecond">Mean speed of this stage so far.</param>
/// <param name="Task">Which says what the examples are called.</param>
public sealed record IngestProgress(string Stage, long Done, long Total, double PerSecond, TaskKind Task = TaskKind.ImageClassification);
