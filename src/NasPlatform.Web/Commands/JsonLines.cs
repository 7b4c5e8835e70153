using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using NasPlatform.Search.Datasets;
using NasPlatform.Search.Datasets.Images;
using NasPlatform.Web.Store;

namespace NasPlatform.Web.Commands;

/// <summary>How <c>--json</c> writes: one object a line, names in camelCase, text in any script as it is.</summary>
internal static class JsonLines
{
    public static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters =
        {
            new JsonStringEnumConverter<Split>(JsonNamingPolicy.CamelCase),
            new JsonStringEnumConverter<ImageFit>(JsonNamingPolicy.CamelCase),
            new JsonStringEnumConverter<ExperimentState>(JsonNamingPolicy.CamelCase),
            new JsonStringEnumConverter<Wish>(JsonNamingPolicy.CamelCase),
            new JsonStringEnumConverter<Origin>(JsonNamingPolicy.CamelCase),
            new JsonStringEnumConverter<Visibility>(JsonNamingPolicy.CamelCase),
            new JsonStringEnumConverter<EventKind>(JsonNamingPolicy.CamelCase),
        },
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };
}
