namespace NasPlatform.Search.Datasets;

/// <summary>How far bringing in a dataset has come.</summary>
/// <param name="Stage">What is being done, for people: "reading sizes", "decoding".</param>
/// <param name="Done">Images of this stage that are done.</param>
/// <param name="Total">Images of this stage.</param>
/// <param name="ImagesPerSecond">Mean speed of this stage so far.</param>
public sealed record IngestProgress(string Stage, long Done, long Total, double ImagesPerSecond);
