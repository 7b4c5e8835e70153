using System.Text;
using System.Text.Json;

namespace NasPlatform.Search.Experiments;

/// <summary>
/// An experiment on disk: <c>experiment.json</c> (the spec), <c>trials.jsonl</c> (a line for each state of each trial, the last one counts),
/// <c>supernet.safetensors</c> (a one-shot strategy's checkpoint), <c>start.safetensors</c> (the weights that trials begin with where networks are grown), <c>final.safetensors</c> (the final training's checkpoint), <c>model/</c> and <c>result.json</c>. A process may die at any
/// instant: a trial is written before it runs and again when it has ended, and a line that was cut off is passed over.
/// </summary>
public sealed class ExperimentFolder : ITrialLog, IDisposable
{
    /// <summary>How experiments are written as JSON.</summary>
    public static readonly JsonSerializerOptions Json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    private static readonly JsonSerializerOptions Line = new(Json) { WriteIndented = false };

    private readonly FileStream _log;
    private readonly SortedDictionary<int, Trial> _trials = [];
    private readonly Lock _writing = new();

    private ExperimentFolder(string folder, ExperimentSpec spec)
    {
        Path = folder;
        Spec = spec;
        try
        {
            // Exclusive: two programs on one experiment would repeat each other's trials.
            // Without a buffer: what a full disk refused must not be tried again when it is closed.
            _log = new FileStream(TrialsPath(folder), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        }
        catch (IOException error)
        {
            throw new UserErrorException($"{folder} cannot be opened for writing; is another program running this experiment? {error.Message}", error);
        }

        foreach (var trial in ReadTrials(_log))
        {
            _trials[trial.Number] = trial;
        }
    }

    /// <summary>The folder, absolute.</summary>
    public string Path { get; }

    public ExperimentSpec Spec { get; private set; }

    public IReadOnlyDictionary<int, Trial> Trials => _trials;

    public string ModelFolder => System.IO.Path.Combine(Path, "model");

    public string SupernetPath => System.IO.Path.Combine(Path, "supernet.safetensors");

    /// <summary>The first trial's weights, where others are grown from it.</summary>
    public string StartWeightsPath => System.IO.Path.Combine(Path, "start.safetensors");

    public string CheckpointPath => System.IO.Path.Combine(Path, "final.safetensors");

    /// <summary>Begins an experiment in a new or empty folder.</summary>
    /// <exception cref="UserErrorException">An experiment is there already, or the folder cannot be made.</exception>
    public static ExperimentFolder Create(string folder, ExperimentSpec spec)
    {
        folder = System.IO.Path.GetFullPath(folder);
        if (File.Exists(SpecPath(folder)))
        {
            throw new UserErrorException($"{folder} holds an experiment already; resume it with --resume or choose another folder.");
        }

        WriteWhole(SpecPath(folder), spec);
        return new(folder, spec);
    }

    /// <summary>Opens an experiment to go on with it.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="amend">What to change of the spec, such as a larger budget; the changed spec is written.</param>
    /// <exception cref="UserErrorException">There is no experiment, or its spec cannot be read.</exception>
    public static ExperimentFolder Resume(string folder, Func<ExperimentSpec, ExperimentSpec> amend)
    {
        folder = System.IO.Path.GetFullPath(folder);
        var stored = ReadSpec(folder);
        var spec = amend(stored);
        if (spec != stored)
        {
            WriteWhole(SpecPath(folder), spec);
        }

        return new(folder, spec);
    }

    /// <exception cref="UserErrorException">There is no experiment, or its spec cannot be read.</exception>
    public static ExperimentSpec ReadSpec(string folder) => Read<ExperimentSpec>(SpecPath(folder), $"{folder} holds no experiment");

    /// <exception cref="UserErrorException">The experiment has not finished, or its result cannot be read.</exception>
    public static ExperimentResult ReadResult(string folder) =>
        Read<ExperimentResult>(ResultPath(folder), $"{folder} holds no finished experiment");

    /// <summary>Changes the budget of an experiment that runs; written down, so that a resumed one has it too.</summary>
    public void Amend(Budget budget)
    {
        Spec = Spec with { Budget = budget };
        WriteWhole(SpecPath(Path), Spec);
    }

    public void Write(Trial trial)
    {
        var line = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(trial, Line) + "\n");
        lock (_writing)
        {
            try
            {
                _log.Seek(0, SeekOrigin.End);
                _log.Write(line);
                _log.Flush(flushToDisk: true);
            }
            catch (IOException error)
            {
                throw new UserErrorException($"{TrialsPath(Path)} cannot be written: {error.Message}. What was found before is kept; make room, then go on with --resume.", error);
            }

            _trials[trial.Number] = trial;
        }
    }

    public void Write(ExperimentResult result) => WriteWhole(ResultPath(Path), result);

    public void Dispose() => _log.Dispose();

    private static IEnumerable<Trial> ReadTrials(FileStream log)
    {
        using var reader = new StreamReader(log, Encoding.UTF8, leaveOpen: true);
        while (reader.ReadLine() is { } line)
        {
            Trial? trial = null;
            try
            {
                trial = JsonSerializer.Deserialize<Trial>(line, Line);
            }
            catch (JsonException)
            {
                // Cut off when the program died; what it would have said is not known to have happened.
            }

            if (trial is not null)
            {
                yield return trial;
            }
        }

        // A cut-off line is closed, so that the next one is whole.
        if (log.Length > 0)
        {
            log.Seek(-1, SeekOrigin.End);
            if (log.ReadByte() != '\n')
            {
                log.WriteByte((byte)'\n');
            }
        }
    }

    private static T Read<T>(string path, string missing)
    {
        if (!File.Exists(path))
        {
            throw new UserErrorException($"{missing}: there is no {System.IO.Path.GetFileName(path)}.");
        }

        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllText(path), Json) ?? throw new JsonException("it is empty");
        }
        catch (JsonException error)
        {
            throw new UserErrorException($"{path} cannot be read: {error.Message}", error);
        }
    }

    private static void WriteWhole<T>(string path, T value) => WholeFile.Write(path, stream => JsonSerializer.Serialize(stream, value, Json));

    private static string SpecPath(string folder) => System.IO.Path.Combine(folder, "experiment.json");

    private static string TrialsPath(string folder) => System.IO.Path.Combine(folder, "trials.jsonl");

    private static string ResultPath(string folder) => System.IO.Path.Combine(folder, "result.json");
}
