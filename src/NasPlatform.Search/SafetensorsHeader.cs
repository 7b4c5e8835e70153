using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace NasPlatform.Search;

/// <summary>
/// The JSON at the head of a safetensors file: each tensor's type, shape and place, and free text metadata. Reading refuses
/// whatever would make two readers disagree: tensors must fill the data section exactly, without gap or overlap.
/// </summary>
internal sealed class SafetensorsHeader
{
    private const string MetadataKey = "__metadata__";

    private static readonly Dictionary<string, TensorType> TypesByName =
        Enum.GetValues<TensorType>().ToDictionary(type => type.ToString().ToUpperInvariant());

    /// <summary>The longest header that is read, as in the format's reference implementation.</summary>
    public const long MaxLength = 100_000_000;

    /// <summary>Free text by key.</summary>
    public Dictionary<string, string> Metadata { get; } = [];

    /// <summary>Tensors in the order of their bytes, with the offset of the first from the start of the data section.</summary>
    public List<(string Name, TensorInfo Info, long Begin)> Tensors { get; } = [];

    /// <summary>Size of an element in bytes.</summary>
    public static int SizeOf(TensorType type) => type switch
    {
        TensorType.Bool or TensorType.U8 => 1,
        TensorType.F16 or TensorType.BF16 => 2,
        TensorType.I32 or TensorType.F32 => 4,
        TensorType.I64 or TensorType.F64 => 8,
    };

    /// <summary>Bytes of a tensor of this shape.</summary>
    /// <exception cref="FormatException">A dimension is negative, or the product exceeds 2^63.</exception>
    public static long LengthOf(TensorType type, IReadOnlyList<long> shape)
    {
        try
        {
            return shape.Aggregate((long)SizeOf(type), (length, dimension) => dimension >= 0
                ? checked(length * dimension)
                : throw new FormatException($"a dimension of {dimension}"));
        }
        catch (OverflowException)
        {
            throw new FormatException("a shape that is too large");
        }
    }

    /// <summary>Adds a tensor right after those added before.</summary>
    public void Add(string name, TensorType type, IReadOnlyList<long> shape)
    {
        var begin = Tensors.Count == 0 ? 0 : Tensors[^1].Begin + Tensors[^1].Info.ByteLength;
        Tensors.Add((name, new TensorInfo(type, shape, LengthOf(type, shape)), begin));
    }

    /// <summary>Parses the JSON and checks it against the length of the data section.</summary>
    /// <exception cref="FormatException">The message is a clause that says what is wrong.</exception>
    public static SafetensorsHeader Parse(ReadOnlySpan<byte> json, long dataLength)
    {
        var header = new SafetensorsHeader();
        try
        {
            // The parser would take the last of two equal keys; which one is meant cannot be known.
            using var document = JsonDocument.Parse(json.ToArray(), new JsonDocumentOptions { AllowDuplicateProperties = false });
            foreach (var property in document.RootElement.EnumerateObject())
            {
                if (property.NameEquals(MetadataKey))
                    header.ReadMetadata(property.Value);
                else
                    header.Tensors.Add(ReadTensor(property));
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new FormatException($"its header is not the JSON it should be ({e.Message})", e);
        }
        header.CheckTiling(dataLength);
        return header;
    }

    /// <summary>The JSON, padded with spaces so that the data section starts at a multiple of 8.</summary>
    public byte[] ToBytes()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            Write(json);
        while (buffer.Length % 8 != 0)
            buffer.WriteByte((byte)' ');
        return buffer.ToArray();
    }

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        if (Metadata.Count > 0)
        {
            json.WriteStartObject(MetadataKey);
            foreach (var (key, value) in Metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                json.WriteString(key, value);
            json.WriteEndObject();
        }
        foreach (var (name, info, begin) in Tensors)
        {
            json.WriteStartObject(name);
            json.WriteString("dtype", info.Type.ToString().ToUpperInvariant());
            WriteNumbers(json, "shape", info.Shape);
            WriteNumbers(json, "data_offsets", [begin, begin + info.ByteLength]);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, IReadOnlyList<long> numbers)
    {
        json.WriteStartArray(name);
        foreach (var number in numbers)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }

    private void ReadMetadata(JsonElement element)
    {
        foreach (var pair in element.EnumerateObject())
            Metadata[pair.Name] = pair.Value.GetString() ?? throw new FormatException($"its metadata '{pair.Name}' is not text");
    }

    private static (string Name, TensorInfo Info, long Begin) ReadTensor(JsonProperty property)
    {
        var name = property.Name;
        var typeName = property.Value.GetProperty("dtype").GetString() ?? "";
        if (!TypesByName.TryGetValue(typeName, out var type))
            throw new FormatException($"tensor '{name}' has the element type '{typeName}'; known are {string.Join(", ", TypesByName.Keys)}");
        var shape = property.Value.GetProperty("shape").EnumerateArray().Select(Whole).ToArray();
        var offsets = property.Value.GetProperty("data_offsets").EnumerateArray().Select(Whole).ToArray();
        if (offsets is not [>= 0, var end] || end < offsets[0])
            throw new FormatException($"tensor '{name}' has no valid data_offsets");
        long length;
        try
        {
            length = LengthOf(type, shape);
        }
        catch (FormatException e)
        {
            throw new FormatException($"tensor '{name}' has {e.Message}", e);
        }
        if (length != end - offsets[0])
            throw new FormatException($"tensor '{name}' of shape [{string.Join(", ", shape)}] needs {length} bytes but has {end - offsets[0]}");
        return (name, new TensorInfo(type, shape, length), offsets[0]);

        long Whole(JsonElement number) => number.TryGetInt64(out var value)
            ? value
            : throw new FormatException($"tensor '{name}' has a shape or offset that is no whole number");
    }

    private void CheckTiling(long dataLength)
    {
        Tensors.Sort((a, b) => (a.Begin, a.Info.ByteLength).CompareTo((b.Begin, b.Info.ByteLength)));
        long reached = 0;
        foreach (var (name, info, begin) in Tensors)
        {
            if (begin != reached)
                throw new FormatException($"tensor '{name}' starts at byte {begin} of the data where byte {reached} is due ({(begin < reached ? "an overlap" : "a gap")})");
            reached = begin + info.ByteLength;
        }
        if (reached != dataLength)
            throw new FormatException($"its tensors take {reached} bytes but {dataLength} bytes follow the header ({(reached > dataLength ? "the file was cut short" : "something was appended")})");
    }
}
