using System.Text.Json;
using NasPlatform.Search.Experiments;

namespace NasPlatform.Web.Store;

/// <summary>Experiment specs as they are stored: the same JSON that <c>nas search</c> writes, on one line.</summary>
public static class SpecJson
{
    public static readonly JsonSerializerOptions Options = new(ExperimentFolder.Json) { WriteIndented = false };

    public static string Write(ExperimentSpec spec) => JsonSerializer.Serialize(spec, Options);

    public static ExperimentSpec Read(string json) => JsonSerializer.Deserialize<ExperimentSpec>(json, Options)!; // not null: written by Write
}
