using System.Text.Json;
using Google.Protobuf;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Spaces.NasBench101;

namespace NasPlatform.Search.Benchmarks.Formats;

/// <summary>
/// The files that the authors of NAS-Bench-101 publish (google-research/nasbench, <c>nasbench_full.tfrecord</c> and <c>nasbench_only108.tfrecord</c>): a record for each training, a JSON array of
/// hash, epochs, the matrix row by row, the operations and base64 of a <c>ModelMetrics</c> (<c>lib/model_metrics.proto</c>): evaluations at the start, half-way and at the end.
/// </summary>
internal static class NasBench101Records
{
    private const string Dataset = "cifar10";

    public static TableDraft Read(string path, ReadingTerms terms)
    {
        var space = CellColumns.Space(7);
        var draft = new TableDraft("nasbench101", "NAS-Bench-101 (Ying et al. 2019)", space)
        {
            Notes = { "Three trainings for each number of epochs. 2, 6, 18 and 54 epochs are those of 4, 12, 36 and 108 half-way, with the time until then." },
        };
        var columns = new Dictionary<ColumnTitle, int>();
        var rowByHash = new Dictionary<string, int>();
        var trainings = new Dictionary<(int Row, int Epochs), int>();
        var parameters = draft.Column(new(Dataset, ColumnTitle.Parameters));
        foreach (var (place, bytes) in RecordFile.Read(path).Index())
        {
            if ((place & 1023) == 0)
            {
                terms.Cancellation.ThrowIfCancellationRequested();
                terms.Progress?.Report(place);
            }

            var record = Record.Parse(bytes) ?? throw Wrong(place, "it is no training of a cell");
            if (!rowByHash.TryGetValue(record.Hash, out var row))
            {
                var genotype = Cell(space, record) ?? throw Wrong(place, $"'{record.Matrix} {record.Operations}' is no cell of the space");
                if (space.Key(genotype).Value != record.Hash)
                {
                    throw Wrong(place, $"{record.Hash} is not the hash of its cell, which is {space.Key(genotype)}");
                }

                rowByHash[record.Hash] = row = draft.Row(genotype);
                draft.Set(row, parameters, record.Parameters);
            }

            var repeat = trainings[(row, record.Epochs)] = trainings.GetValueOrDefault((row, record.Epochs)) + 1;
            Set(row, record.Epochs / 2, repeat, record.Halfway);
            Set(row, record.Epochs, repeat, record.Final);
        }

        return draft;

        void Set(int row, int epochs, int repeat, Measurement measured)
        {
            SetOne(ColumnTitle.Train, measured.Train);
            SetOne(ColumnTitle.Valid, measured.Valid);
            SetOne(ColumnTitle.Test, measured.Test);
            SetOne(ColumnTitle.Seconds, measured.Seconds);

            void SetOne(string name, double? value)
            {
                var title = new ColumnTitle(Dataset, name, epochs, repeat);
                if (!columns.TryGetValue(title, out var column))
                {
                    columns[title] = column = draft.Column(title);
                }

                draft.Set(row, column, value ?? double.NaN);
            }
        }

        UserErrorException Wrong(int place, string what) => new($"{Path.GetFileName(path)}, record {place + 1:N0}: {what}.");
    }

    /// <summary>The cell as it is stored, which is that of the published number of parameters; null where it is none.</summary>
    private static Genotype? Cell(NasBench101Space space, Record record)
    {
        var names = record.Operations.Split(',');
        var vertices = names.Length;
        if (vertices is < 2 or > 7 || record.Matrix.Length != vertices * vertices)
        {
            return null;
        }

        var edges = 0;
        for (var place = 0; place < record.Matrix.Length; place++)
        {
            var (from, to) = (place / vertices, place % vertices);
            if (record.Matrix[place] != '0')
            {
                if (record.Matrix[place] != '1' || from >= to)
                {
                    return null;
                }

                edges |= NasBench101Cell.Edge(from, to);
            }
        }

        int[] operations = [.. names[1..^1].Select(name => NasBench101Cell.OperationNames.IndexOf(name))];
        if (operations.Contains(-1))
        {
            return null;
        }

        var genotype = space.Genotype(new NasBench101Cell(vertices, edges, [.. operations]));
        return space.IsValid(genotype) ? genotype : null;
    }

    /// <summary>A training.</summary>
    private sealed record Record(string Hash, int Epochs, string Matrix, string Operations, long Parameters, Measurement Halfway, Measurement Final)
    {
        /// <summary>Null where the bytes are no training.</summary>
        public static Record? Parse(byte[] bytes)
        {
            try
            {
                using var json = JsonDocument.Parse(bytes);
                var fields = json.RootElement;
                var (parameters, evaluations) = Metrics(new(fields[4].GetBytesFromBase64()));
                return fields.GetArrayLength() == 5 && evaluations.Count == 3 && fields[1].GetInt32() is var epochs and > 1
                    && fields[0].GetString() is { } hash && fields[2].GetString() is { } matrix && fields[3].GetString() is { } operations
                    ? new(hash, epochs, matrix, operations, parameters, evaluations[1], evaluations[2])
                    : null;
            }
            catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException or IndexOutOfRangeException or InvalidProtocolBufferException)
            {
                return null;
            }
        }

        private static (long Parameters, List<Measurement> Evaluations) Metrics(CodedInputStream input)
        {
            var (parameters, evaluations) = (0L, new List<Measurement>());
            while (input.ReadTag() is var tag and > 0)
            {
                switch (WireFormat.GetTagFieldNumber(tag))
                {
                    case 1:
                        evaluations.Add(Evaluation(input.ReadBytes().CreateCodedInput()));
                        break;
                    case 2:
                        parameters = input.ReadInt32();
                        break;
                    default:
                        input.SkipLastField();
                        break;
                }
            }

            return (parameters, evaluations);
        }

        private static Measurement Evaluation(CodedInputStream input)
        {
            var measured = default(Measurement);
            while (input.ReadTag() is var tag and > 0)
            {
                switch (WireFormat.GetTagFieldNumber(tag))
                {
                    case 2:
                        measured = measured with { Seconds = input.ReadDouble() };
                        break;
                    case 3:
                        measured = measured with { Train = input.ReadDouble() };
                        break;
                    case 4:
                        measured = measured with { Valid = input.ReadDouble() };
                        break;
                    case 5:
                        measured = measured with { Test = input.ReadDouble() };
                        break;
                    default:
                        input.SkipLastField();
                        break;
                }
            }

            return measured;
        }
    }
}
