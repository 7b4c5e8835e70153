using System.Text.Json;
using System.Text.Json.Serialization;

namespace NasPlatform.Web.Api;

/// <summary>JSON has no NaN and no infinity: they are written as null, so that one diverged loss does not break an answer.</summary>
internal sealed class FiniteNumbers : JsonConverter<double>
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
