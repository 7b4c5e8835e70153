using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace NasPlatform.Torch;

/// <summary>
/// The order of elements in memory. Images [N, C, H, W] in channels-last order keep a pixel's channels together, which
/// convolutions on new processors and GPUs like better; the shape stays as it is.
/// </summary>
public static class MemoryFormats
{
    /// <summary>The tensor with its elements in the asked order: itself under another handle if they are so already, else a copy.</summary>
    /// <param name="tensor">Four dimensions for <see cref="memory_format.channels_last"/>, any number for <see cref="memory_format.contiguous_format"/>.</param>
    /// <param name="format">The order.</param>
    public static Tensor contiguous(this Tensor tensor, memory_format format)
    {
#if TORCH_PACKAGE
        if (format == memory_format.contiguous_format) return tensor.contiguous();
        using Tensor last = tensor.permute(0, 2, 3, 1);
        using Tensor packed = last.contiguous();
        return packed.permute(0, 3, 1, 2);
#else
        return Native.nas_contiguous(tensor, (int)format);
#endif
    }

    /// <summary>Whether the elements are in the asked order, without gaps.</summary>
    public static bool is_contiguous(this Tensor tensor, memory_format format)
    {
#if TORCH_PACKAGE
        if (format == memory_format.contiguous_format) return tensor.is_contiguous();
        if (tensor.dim() != 4) return false;
        using Tensor last = tensor.permute(0, 2, 3, 1);
        return last.is_contiguous();
#else
        return Native.nas_is_contiguous(tensor, (int)format);
#endif
    }

    /// <summary>
    /// Puts all parameters of four dimensions, the weights of convolutions, into channels-last order where they are: they
    /// stay the same leaves that optimisers and others hold. Call it before the first training step.
    /// </summary>
    public static T to_channels_last<T>(this T module) where T : nn.Module
    {
        to_channels_last(module.parameters());
        return module;
    }

    /// <inheritdoc cref="to_channels_last{T}(T)"/>
    public static void to_channels_last(this IEnumerable<Parameter> parameters)
    {
        using IDisposable _ = no_grad();
        foreach (Parameter parameter in parameters)
        {
            if (parameter.dim() != 4) continue;
            using Tensor converted = parameter.contiguous(memory_format.channels_last);
            parameter.set_(converted);
        }
    }
}
