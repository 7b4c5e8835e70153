using System.IO.Compression;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using NasPlatform.Tests.Support;
using TorchSharp;

namespace NasPlatform.Tests.Torch;

/// <summary>
/// Code above the binding compiles against the TorchSharp package too. The package is not at hand where these tests
/// run; a list of its members stands in for it.
/// </summary>
public sealed class SurfaceTests
{
    [Fact]
    public void Everything_public_is_in_TorchSharp_too()
    {
        HashSet<string> torchSharp = TorchSharpSurface();
        string[] missing = [.. SurfaceText.Of(typeof(torch).Assembly, type => !IsBeyond(type)).Where(line => !torchSharp.Contains(line)).Order(StringComparer.Ordinal)];
        Assert.True(missing.Length == 0, $"TorchSharp lacks {missing.Length} members:\n{string.Join('\n', missing)}");
    }

    [Theory]
    [InlineData("NasPlatform.Search")]
    [InlineData("nas")]
    [InlineData("NasPlatform.Tests")]
    public void What_is_used_of_the_binding_is_in_TorchSharp_or_in_the_named_place_beyond_it(string assemblyName)
    {
        HashSet<string> torchSharp = TorchSharpSurface();
        Assembly assembly = Assembly.Load(assemblyName);
        string[] missing = [.. BindingMembersUsedBy(assembly).Where(member => !IsBeyond(member.DeclaringType ?? (Type)member))
            .Select(SurfaceText.Line).Where(line => !torchSharp.Contains(line)).Distinct().Order(StringComparer.Ordinal)];
        Assert.True(missing.Length == 0, $"{assemblyName} uses what TorchSharp lacks:\n{string.Join('\n', missing)}");
    }

    private static bool IsBeyond(Type type) => type.Namespace?.StartsWith("NasPlatform.Torch", StringComparison.Ordinal) == true;

    private static HashSet<string> TorchSharpSurface()
    {
        using FileStream file = File.OpenRead(SharedData.Require("torchsharp-surface/surface.txt.gz"));
        using var reader = new StreamReader(new GZipStream(file, CompressionMode.Decompress));
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }

    /// <summary>Members of the binding's assembly that another assembly's metadata refers to, as they are defined there.</summary>
    private static IEnumerable<MemberInfo> BindingMembersUsedBy(Assembly assembly)
    {
        using var image = new PEReader(File.OpenRead(assembly.Location));
        MetadataReader metadata = image.GetMetadataReader();
        Module module = assembly.ManifestModule;
        Assembly binding = typeof(torch).Assembly;
        foreach (MemberReferenceHandle handle in metadata.MemberReferences)
        {
            if (AssemblyOf(metadata, metadata.GetMemberReference(handle).Parent) != binding.GetName().Name) continue;
            MemberInfo member = Resolve(module, MetadataTokens.GetToken(handle));
            // An accessor is there where its property is.
            MemberInfo definition = member.DeclaringType!.IsGenericType ? binding.ManifestModule.ResolveMember(member.MetadataToken)! : member;
            yield return definition is MethodInfo { IsSpecialName: true } accessor && PropertyOf(accessor) is { } property ? property : definition;
        }
    }

    /// <summary>The name of the assembly that a type is referred to in; null for one that is not a reference's, such as an array.</summary>
    private static string? AssemblyOf(MetadataReader metadata, EntityHandle type)
    {
        const int GenericInstance = 0x15;
        switch (type.Kind)
        {
            case HandleKind.AssemblyReference:
                return metadata.GetString(metadata.GetAssemblyReference((AssemblyReferenceHandle)type).Name);
            case HandleKind.TypeReference:
                return AssemblyOf(metadata, metadata.GetTypeReference((TypeReferenceHandle)type).ResolutionScope);
            case HandleKind.TypeSpecification:
                BlobReader signature = metadata.GetBlobReader(metadata.GetTypeSpecification((TypeSpecificationHandle)type).Signature);
                if (signature.ReadByte() != GenericInstance) return null;
                signature.ReadByte(); // class or structure
                return AssemblyOf(metadata, signature.ReadTypeHandle());
            default:
                return null;
        }
    }

    /// <summary>
    /// Members of generic types are referred to with the type parameters of wherever they are used. Any types will do to resolve them, but for
    /// constraints: a class, or else a structure.
    /// </summary>
    private static MemberInfo Resolve(Module module, int token)
    {
        try
        {
            return With(typeof(object));
        }
        catch (TypeLoadException)
        {
            return With(typeof(int));
        }

        MemberInfo With(Type type)
        {
            Type[] arguments = [.. Enumerable.Repeat(type, 16)];
            return module.ResolveMember(token, arguments, arguments)!; // members resolve or it throws
        }
    }

    private static PropertyInfo? PropertyOf(MethodInfo accessor) =>
        accessor.DeclaringType!.GetProperties(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
            .FirstOrDefault(property => property.GetMethod == accessor || property.SetMethod == accessor);
}
