using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace NasPlatform.Web.Lists;

/// <summary>All rows of a list as a file, written as they are read: CSV after RFC 4180, or a JSON array.</summary>
internal static class RowDownload
{
    /// <param name="http">Whose response is written.</param>
    /// <param name="name">The file's name, without its extension.</param>
    /// <param name="isCsv">Else JSON.</param>
    /// <param name="rows">The rows; their type's properties are the columns, under their names in JSON.</param>
    public static async Task WriteAsync<T>(HttpContext http, string name, bool isCsv, IAsyncEnumerable<T> rows)
    {
        http.Response.ContentType = isCsv ? "text/csv; charset=utf-8; header=present" : "application/json";
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"{name}.{(isCsv ? "csv" : "json")}\"";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        var cancellation = http.RequestAborted;
        if (!isCsv)
        {
            var options = http.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
            await JsonSerializer.SerializeAsync(http.Response.Body, rows, options, cancellation);
            return;
        }

        var columns = typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance);
        await using var writer = new StreamWriter(http.Response.Body, new UTF8Encoding(false), 1 << 16, leaveOpen: true);
        await writer.WriteAsync(string.Join(',', columns.Select(column => QueryWriter.Word(column.Name))) + "\r\n");
        await foreach (var row in rows.WithCancellation(cancellation))
        {
            await writer.WriteAsync(string.Join(',', columns.Select(column => Cell(column.GetValue(row)))) + "\r\n");
        }
    }

    /// <summary>A value as a cell: numbers in the invariant culture, texts that a spreadsheet would take for a formula disarmed by a quote.</summary>
    public static string Cell(object? value) => value switch
    {
        null => "",
        DateTimeOffset time => time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
        Enum word => QueryWriter.Word(word.ToString()),
        bool flag => flag ? "true" : "false",
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        Guid id => id.ToString(),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => Quoted(Disarmed(value.ToString() ?? "")),
    };

    private static string Disarmed(string text) => text.Length > 0 && "=+-@\t\r".Contains(text[0]) ? "'" + text : text;

    private static string Quoted(string text) => text.AsSpan().ContainsAny("\",\r\n") ? $"\"{text.Replace("\"", "\"\"")}\"" : text;
}
