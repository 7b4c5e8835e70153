using System.Globalization;
using System.Reflection;

namespace NasPlatform.Tests.Torch;

/// <summary>
/// The public and protected types and members of an assembly as lines of text, in the form of the list of TorchSharp's:
/// <c>Type.name(Type param = default, ...) -> Return</c> and then static, virtual, abstract, protected.
/// </summary>
internal static class SurfaceText
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(double)] = "double",
        [typeof(float)] = "float",
        [typeof(int)] = "int",
        [typeof(long)] = "long",
        [typeof(object)] = "object",
        [typeof(string)] = "string",
        [typeof(void)] = "void",
    };

    internal static IEnumerable<string> Of(Assembly assembly, Func<Type, bool> included) =>
        assembly.GetTypes().Where(type => IsVisible(type) && included(type)).SelectMany(type => LinesOf(type).Prepend(LineOf(type)));

    internal static string Line(MemberInfo member) => member switch
    {
        Type type => LineOf(type),
        MethodBase method => LineOf(method),
        FieldInfo field => LineOf(field),
        PropertyInfo property => LineOf(property),
        _ => $"{Name(member.DeclaringType!)}.{member.Name}", // members have a declaring type
    };

    private static bool IsVisible(Type type) =>
        type.IsPublic || ((type.IsNestedPublic || type.IsNestedFamily || type.IsNestedFamORAssem) && IsVisible(type.DeclaringType!)); // nested types have one

    private static bool IsVisible(MethodBase? method) => method is { IsPublic: true } or { IsFamily: true } or { IsFamilyOrAssembly: true };

    private static IEnumerable<string> LinesOf(Type type)
    {
        foreach (ConstructorInfo constructor in type.GetConstructors(Declared).Where(c => IsVisible(c) && !c.IsStatic)) yield return LineOf(constructor);
        foreach (MethodInfo method in type.GetMethods(Declared).Where(IsVisible))
        {
            if (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal)) yield return LineOf(method);
        }
        foreach (PropertyInfo property in type.GetProperties(Declared).Where(p => p.GetAccessors(true).Any(IsVisible))) yield return LineOf(property);
        foreach (FieldInfo field in type.GetFields(Declared).Where(f => f.IsPublic || f.IsFamily || f.IsFamilyOrAssembly)) yield return LineOf(field);
    }

    private static string LineOf(Type type)
    {
        bool isDelegate = type.BaseType == typeof(MulticastDelegate);
        string kind = type.IsEnum ? "enum" : type.IsValueType ? "struct" : type.IsInterface ? "interface" : isDelegate ? "delegate"
            : (type.IsAbstract && type.IsSealed ? "static " : type.IsAbstract ? "abstract " : type.IsSealed ? "sealed " : "") + "class";
        bool hasBase = type.BaseType is not null && type.BaseType != typeof(object) && !type.IsValueType;
        return $"{Name(type)} : {kind}{(hasBase ? $" < {Name(type.BaseType!)}" : "")}"; // there is one, see above
    }

    private static string LineOf(MethodBase method)
    {
        string generic = method.IsGenericMethod ? $"<{string.Join(',', method.GetGenericArguments().Select(Name))}>" : "";
        string result = method is MethodInfo { ReturnType: { } type } ? $" -> {Name(type)}" : "";
        string flags = (method.IsStatic ? " static" : "")
            + (method.IsAbstract ? " abstract" : method.IsVirtual && !method.IsFinal ? " virtual" : "")
            + (method.IsPublic ? "" : " protected");
        return $"{Name(method.DeclaringType!)}.{method.Name}{generic}({Parameters(method.GetParameters())}){result}{flags}"; // methods have one
    }

    private static string LineOf(PropertyInfo property)
    {
        MethodInfo[] accessors = [.. property.GetAccessors(true).Where(IsVisible)];
        string verbs = string.Concat(new[] { property.GetMethod, property.SetMethod }.Where(IsVisible).Select(accessor => accessor == property.GetMethod ? "get " : "set "));
        ParameterInfo[] index = property.GetIndexParameters();
        string parameters = index.Length == 0 ? "" : $"[{Parameters(index)}]";
        return $"{Name(property.DeclaringType!)}.{property.Name}{parameters} : {Name(property.PropertyType)} {{ {verbs}}}{(accessors[0].IsStatic ? " static" : "")}";
    }

    private static string LineOf(FieldInfo field) =>
        $"{Name(field.DeclaringType!)}.{field.Name} : {Name(field.FieldType)}{(field.IsLiteral ? " const" : field.IsStatic ? " static" : "")}";

    private static string Parameters(ParameterInfo[] parameters) => string.Join(", ", parameters.Select(parameter =>
    {
        string modifier = parameter.ParameterType.IsByRef ? parameter.IsOut ? "out " : "ref "
            : parameter.IsDefined(typeof(ParamArrayAttribute)) ? "params " : "";
        return $"{modifier}{Name(parameter.ParameterType)} {parameter.Name}{(parameter.HasDefaultValue ? $" = {Default(parameter)}" : "")}";
    }));

    private static string Default(ParameterInfo parameter) => parameter.RawDefaultValue switch
    {
        null => "null",
        string text => $"\"{text}\"",
        var number when parameter.ParameterType.IsEnum => Enum.GetName(parameter.ParameterType, number)!, // defaults of enums are named
        var value => Convert.ToString(value, CultureInfo.InvariantCulture)!, // not null, see above
    };

    private static string Name(Type type)
    {
        if (type.IsByRef) return Name(type.GetElementType()!); // references have one
        if (type.IsArray) return $"{Name(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]"; // arrays have one
        if (type.IsGenericParameter) return type.Name;
        if (Nullable.GetUnderlyingType(type) is { } underlying) return $"{Name(underlying)}?";
        if (Keywords.TryGetValue(type, out string? keyword)) return keyword;
        return type.IsGenericType ? $"{Stripped(type, ["System.Collections.Generic.", "System."])}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>"
            : Stripped(type, ["TorchSharp.", "System.Collections.Generic.", "System."]);
    }

    private static string Stripped(Type type, string[] prefixes)
    {
        string name = type.IsNested ? $"{Stripped(type.DeclaringType!, [])}.{Bare(type)}" : $"{type.Namespace}.{Bare(type)}"; // nested types have one
        return prefixes.FirstOrDefault(prefix => name.StartsWith(prefix, StringComparison.Ordinal)) is { } found ? name[found.Length..] : name;
    }

    private static string Bare(Type type) => type.Name.Split('`')[0];
}
