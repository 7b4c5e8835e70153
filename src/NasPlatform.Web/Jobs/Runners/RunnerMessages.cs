using System.Text.Json;
using System.Text.Json.Serialization;
using NasPlatform.Search.Datasets;
using NasPlatform.Search.Evaluation;
using NasPlatform.Search.Experiments;
using NasPlatform.Search.Export;
using NasPlatform.Search.Training;
using NasPlatform.Search.Training.Supernets;

namespace NasPlatform.Web.Jobs.Runners;

/// <summary>What a server tells a runner, a JSON object on a line of its standard input. One piece of work at a time.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "order")]
[JsonDerivedType(typeof(RunSearch), "search")]
[JsonDerivedType(typeof(Kept), "kept")]
[JsonDerivedType(typeof(Tried), "tried")]
[JsonDerivedType(typeof(Amend), "amend")]
[JsonDerivedType(typeof(FinishSearch), "finish")]
[JsonDerivedType(typeof(TryArchitecture), "try")]
[JsonDerivedType(typeof(TrainSupernet), "supernet")]
[JsonDerivedType(typeof(TrainFully), "train")]
[JsonDerivedType(typeof(TakeIn), "ingest")]
[JsonDerivedType(typeof(Stop), "stop")]
internal abstract record RunnerOrder
{
    private RunnerOrder()
    {
    }

    /// <summary>Whether work reports at least each second while it moves on, so that a long silence means that it hangs. A search waits for its trials.</summary>
    [JsonIgnore]
    public bool IsSteady => this is not RunSearch;

    /// <summary>Work: run an experiment's search. The runner asks for trials and is told of them; it trains none itself.</summary>
    /// <param name="Trials">What is known from earlier runs.</param>
    /// <param name="Derived">What a one-shot strategy's supernet found; null for other strategies.</param>
    /// <param name="SecondsBefore">How long the experiment has run before.</param>
    public sealed record RunSearch(ExperimentSpec Spec, IReadOnlyList<Trial> Trials, IReadOnlyList<string>? Derived = null, double SecondsBefore = 0) : RunnerOrder;

    /// <summary>The trial that the runner wrote last is in the store.</summary>
    public sealed record Kept : RunnerOrder;

    /// <summary>A trial that the runner asked for has ended.</summary>
    public sealed record Tried(int Number, Evaluation Evaluation) : RunnerOrder;

    /// <summary>The budget of the running search changed.</summary>
    public sealed record Amend(Budget Budget) : RunnerOrder;

    /// <summary>End the running search, or the training of its supernet, as if its time were up.</summary>
    public sealed record FinishSearch : RunnerOrder;

    /// <summary>Work: train and measure one architecture.</summary>
    /// <param name="StartWeightsPath">Where the first trial's weights are kept for those that are grown from it.</param>
    public sealed record TryArchitecture(ExperimentSpec Spec, Trial Trial, string StartWeightsPath) : RunnerOrder;

    /// <summary>Work: train a one-shot strategy's supernet and derive what is to be tried.</summary>
    public sealed record TrainSupernet(ExperimentSpec Spec, string CheckpointPath) : RunnerOrder;

    /// <summary>Work: train the winner in full, test it, write and check the model.</summary>
    /// <param name="AvailableSeconds">Time for all of it; null for the spec's epochs exactly.</param>
    public sealed record TrainFully(ExperimentSpec Spec, Trial Winner, int Trials, double? AvailableSeconds, string CheckpointPath, string ModelFolder) : RunnerOrder;

    /// <summary>Work: take in a dataset.</summary>
    /// <param name="Path">The uploaded file; null for one of the known datasets.</param>
    public sealed record TakeIn(string? Path, IngestOptions Options) : RunnerOrder;

    /// <summary>Stop the work; the runner answers with <see cref="RunnerMessage.Stopped"/> and waits for other work.</summary>
    public sealed record Stop : RunnerOrder;
}

/// <summary>What a runner tells its server, a JSON object on a line of its standard output.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "message")]
[JsonDerivedType(typeof(Beat), "beat")]
[JsonDerivedType(typeof(Keep), "keep")]
[JsonDerivedType(typeof(Try), "try")]
[JsonDerivedType(typeof(Told), "told")]
[JsonDerivedType(typeof(SearchEnded), "search_ended")]
[JsonDerivedType(typeof(Progressed), "progressed")]
[JsonDerivedType(typeof(TrialEnded), "trial_ended")]
[JsonDerivedType(typeof(SupernetStarted), "supernet_started")]
[JsonDerivedType(typeof(SupernetEpochEnded), "supernet_epoch_ended")]
[JsonDerivedType(typeof(SupernetEnded), "supernet_ended")]
[JsonDerivedType(typeof(FinalStarted), "final_started")]
[JsonDerivedType(typeof(FinalEnded), "final_ended")]
[JsonDerivedType(typeof(TakingIn), "ingesting")]
[JsonDerivedType(typeof(TakenIn), "ingested")]
[JsonDerivedType(typeof(Stopped), "stopped")]
[JsonDerivedType(typeof(Refused), "refused")]
[JsonDerivedType(typeof(Broke), "broke")]
internal abstract record RunnerMessage
{
    private RunnerMessage()
    {
    }

    /// <summary>Whether the work is over with this message.</summary>
    [JsonIgnore]
    public bool IsLast => this is SearchEnded or SupernetEnded or TrialEnded or FinalEnded or TakenIn or Stopped or Refused or Broke;

    /// <summary>The process lives; each second.</summary>
    public sealed record Beat : RunnerMessage;

    /// <summary>A search writes a trial's state and goes on when it is told <see cref="RunnerOrder.Kept"/>.</summary>
    public sealed record Keep(Trial Trial) : RunnerMessage;

    /// <summary>A search asks for a trial that it has written.</summary>
    public sealed record Try(int Number) : RunnerMessage;

    /// <summary>The strategy was told a trial's result.</summary>
    public sealed record Told(int Number, IReadOnlyDictionary<string, double> Diagnostics) : RunnerMessage;

    /// <param name="Winner">Null when no trial completed, and then <paramref name="Problem"/> says why.</param>
    /// <param name="Seconds">How long the search has run, earlier runs included.</param>
    /// <param name="IsExhausted">Whether the strategy has nothing more to propose.</param>
    public sealed record SearchEnded(int? Winner, double Seconds, string? Problem, bool IsExhausted) : RunnerMessage;

    public sealed record Progressed(TrainingProgress Progress) : RunnerMessage;

    public sealed record TrialEnded(Evaluation Evaluation) : RunnerMessage;

    /// <param name="Epochs">Planned.</param>
    /// <param name="Done">What an earlier attempt's checkpoint has behind it.</param>
    public sealed record SupernetStarted(int Epochs, IReadOnlyList<SupernetEpoch> Done) : RunnerMessage;

    public sealed record SupernetEpochEnded(SupernetEpoch Epoch) : RunnerMessage;

    public sealed record SupernetEnded(SupernetResult Result) : RunnerMessage;

    /// <param name="Epochs">Planned.</param>
    /// <param name="Done">What an earlier attempt's checkpoint has behind it.</param>
    public sealed record FinalStarted(int Epochs, IReadOnlyList<EpochResult> Done) : RunnerMessage;

    public sealed record FinalEnded(FinalResult Result, ParityCertificate Parity) : RunnerMessage;

    public sealed record TakingIn(IngestProgress Progress) : RunnerMessage;

    /// <param name="Report">The dataset's report, as JSON.</param>
    public sealed record TakenIn(string Report) : RunnerMessage;

    public sealed record Stopped : RunnerMessage;

    /// <summary>The work cannot be done, for a reason that a person can do something about; trying again would not help.</summary>
    public sealed record Refused(string Reason) : RunnerMessage;

    /// <summary>The work failed for a reason that was not foreseen.</summary>
    public sealed record Broke(string Reason, bool IsOutOfMemory) : RunnerMessage;
}

/// <summary>Orders and messages as lines. Not for browsers: numbers that are not finite are written by name.</summary>
internal static class RunnerLines
{
    private static readonly JsonSerializerOptions Options = new(ExperimentFolder.Json)
    {
        WriteIndented = false,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    public static string Write(RunnerOrder order) => JsonSerializer.Serialize(order, Options);

    public static string Write(RunnerMessage message) => JsonSerializer.Serialize(message, Options);

    public static RunnerOrder ReadOrder(string line) => JsonSerializer.Deserialize<RunnerOrder>(line, Options) ?? throw new JsonException("An order is null.");

    public static RunnerMessage ReadMessage(string line) => JsonSerializer.Deserialize<RunnerMessage>(line, Options) ?? throw new JsonException("A message is null.");
}
