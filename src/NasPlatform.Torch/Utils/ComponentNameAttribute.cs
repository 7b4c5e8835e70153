namespace TorchSharp.Utils;

/// <summary>The name a field's parameter, buffer or module is registered under, where it is not the field's.</summary>
[AttributeUsage(AttributeTargets.Field)]
public class ComponentNameAttribute : Attribute
{
    public string? Name { get; set; }
}
