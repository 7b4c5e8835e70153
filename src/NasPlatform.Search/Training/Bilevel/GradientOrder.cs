using System.Text.Json.Serialization;

namespace NasPlatform.Search.Training.Bilevel;

/// <summary>How much of the bilevel problem the gradient of the architecture parameters sees (Liu et al. 2019, §2.3).</summary>
[JsonConverter(typeof(JsonStringEnumConverter<GradientOrder>))]
public enum GradientOrder
{
    /// <summary>The weights are taken as they are: one pass.</summary>
    First,

    /// <summary>The weights are taken as they would be after one more step: four passes.</summary>
    Second,
}
