using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace NasPlatform.Web.Components.Shared;

/// <summary>Chart options as the browser gets them, and the names of the functions that write numbers there.</summary>
internal static class ChartFormat
{
    /// <summary>A share, 0 to 1, as <c>87.1 %</c>.</summary>
    public const string Percent = "nas:percent";

    /// <summary>A count as <c>45.3 k</c>.</summary>
    public const string Short = "nas:short";

    /// <summary>Seconds as <c>2:05</c>.</summary>
    public const string Duration = "nas:duration";

    /// <summary>Draws a band between two lines: one item of the number of points, then x, low, high of each.</summary>
    public const string Band = "nas:band";

    /// <summary>Three or four significant figures.</summary>
    public const string Plain = "nas:plain";

    /// <summary>The lower end of an axis of shares: where the data want it, not below 0.</summary>
    public const string ShareFloor = "nas:share-floor";

    /// <summary>The upper end of an axis of shares: where the data want it, not above 1.</summary>
    public const string ShareCeiling = "nas:share-ceiling";

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new FiniteOrNull() },
    };

    public static string ToJson(object option) => JsonSerializer.Serialize(option, Options);

    /// <summary>JSON has no NaN; a chart leaves a gap.</summary>
    private sealed class FiniteOrNull : JsonConverter<double>
    {
        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            if (double.IsFinite(value))
            {
                writer.WriteNumberValue(value);
            }
            else
            {
                writer.WriteNullValue();
            }
        }
    }
}
