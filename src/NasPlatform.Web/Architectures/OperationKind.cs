namespace NasPlatform.Web.Architectures;

/// <summary>Families of operations, each with a colour in drawings: <c>conv</c>, <c>pool</c>, <c>skip</c>, <c>zero</c>, <c>join</c>, <c>norm</c>, <c>linear</c>, <c>other</c>.</summary>
internal static class OperationKind
{
    /// <param name="name">An operation as a space or a layer graph writes it: <c>nor_conv_3x3</c>, <c>avg_pool 3x3</c>.</param>
    public static string Of(string name) => name switch
    {
        "none" or "zero" => "zero",
        _ when name.Contains("skip", StringComparison.Ordinal) || name.Contains("identity", StringComparison.Ordinal) => "skip",
        _ when name.Contains("conv", StringComparison.Ordinal) => "conv",
        _ when name.Contains("pool", StringComparison.Ordinal) => "pool",
        _ when name.StartsWith("add", StringComparison.Ordinal) || name.StartsWith("concat", StringComparison.Ordinal) || name.StartsWith("pad", StringComparison.Ordinal) => "join",
        _ when name.StartsWith("batch_norm", StringComparison.Ordinal) || name.StartsWith("drop", StringComparison.Ordinal) => "norm",
        _ when name.StartsWith("linear", StringComparison.Ordinal) => "linear",
        "input" => "value",
        _ => "other",
    };

    /// <summary>As people read it: <c>conv 3×3</c> for <c>nor_conv_3x3</c>.</summary>
    public static string Words(string name) => name switch
    {
        "none" => "none",
        "skip_connect" => "skip",
        _ => name.Replace("nor_conv", "conv", StringComparison.Ordinal).Replace('_', ' ') is var words && words.Length > 3 && words[^2] == 'x'
            ? $"{words[..^2]}×{words[^1..]}"
            : name.Replace('_', ' '),
    };
}
