using System.Runtime.InteropServices;

namespace NasPlatform.Search.Datasets.Images;

/// <summary>The C interface of libnas_image.so, as src/native/image/nas_image.h describes it.</summary>
internal static unsafe partial class NativeImages
{
    public const string Library = "nas_image";

    /// <summary>
    /// Keeps libvips from loading its optional modules, whose formats are not read here: one of them brings the system's SQLite and shows its functions to the
    /// whole process, where the one that .NET brings would then call into it and crash.
    /// </summary>
    public static void WithoutModules() => _ = SetVariable("VIPSHOME", "/nonexistent", 1);

    [LibraryImport(Library, EntryPoint = "nas_image_read_header")]
    public static partial int ReadHeader(byte* file, nuint length, in Limits limits, out Header header, byte* error, nuint errorSize);

    [LibraryImport(Library, EntryPoint = "nas_image_decode")]
    public static partial int Decode(byte* file, nuint length, in Limits limits, in Target target, byte* planes, byte* error, nuint errorSize);

    [LibraryImport(Library, EntryPoint = "nas_image_fit_pixels")]
    public static partial int FitPixels(in Pixels pixels, in Target target, byte* planes, byte* error, nuint errorSize);

    [LibraryImport(Library, EntryPoint = "nas_image_encode", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Encode(byte* pixels, int width, int height, int bands, int bits, int cmyk, int orientation,
        string suffix, out byte* file, out nuint length, byte* error, nuint errorSize);

    [LibraryImport(Library, EntryPoint = "nas_image_free")]
    public static partial void Free(byte* file);

    /// <summary>The C library's, because .NET keeps an environment of its own.</summary>
    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);

    [StructLayout(LayoutKind.Sequential)]
    public readonly record struct Limits(long MaxPixels, long MaxMemory, int MaxSide);

    [StructLayout(LayoutKind.Sequential)]
    public readonly record struct Header(int Format, int Width, int Height, int Bands, int Bits, int Orientation);

    [StructLayout(LayoutKind.Sequential)]
    public readonly record struct Target(int Width, int Height, int Channels, int Fit);

    [StructLayout(LayoutKind.Sequential)]
    public readonly record struct Pixels(nint Data, int Width, int Height, int Bands, long Row, long Pixel, long Band);
}
