using System.Text.Encodings.Web;
using System.Text.Json;
using NasPlatform.Search.Datasets.Layouts;

namespace NasPlatform.Search.Datasets;

/// <summary>Brings a source in: recognises it by content, has it read, and writes the dataset's two files.</summary>
internal sealed class DatasetIngestion(TimeProvider time, IProgress<IngestProgress>? progress, CancellationToken cancellation)
{
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the dataset into <paramref name="folder"/>, which the caller makes and, when this fails, removes.</summary>
    /// <exception cref="UserErrorException">The source cannot be used; the message says why and what to do.</exception>
    public DatasetReport Run(string path, string name, string folder, IngestOptions options)
    {
        options.Validate();
        using var source = Recognition.Open(path, options);
        var work = new ParallelWork(time, progress, cancellation);
        using var content = source.Take(new IngestJob(options.FileName ?? path, name, folder, options, work, time.GetUtcNow(), cancellation));
        var (report, count) = (content.Report, content.Tensors[0].Shape[0]);
        work.Tell("writing", 0, count, report.Task);
        SafetensorsFile.Write(Path.Join(folder, Dataset.FileName), content.Tensors, new Dictionary<string, string>
        {
            ["format"] = "nas-dataset/1",
            ["name"] = report.Name,
            ["classes"] = JsonSerializer.Serialize(report.Classes.Select(entry => entry.Name), Json),
        });
        File.WriteAllText(Path.Join(folder, Dataset.ReportName), report.ToJson());
        work.Tell("writing", count, count, report.Task);
        return report;
    }
}
