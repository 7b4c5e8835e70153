namespace TorchSharp;

public static partial class torch
{
    /// <summary>Until the result is disposed, this thread records nothing for gradients.</summary>
    public static IDisposable no_grad() => new GradMode(false);
    public static IDisposable enable_grad(bool enabled = true) => new GradMode(enabled);
    public static IDisposable set_grad_enabled(bool mode = true) => new GradMode(mode);
    public static bool is_grad_enabled() => Native.nas_grad_enabled();

    /// <summary>As <see cref="no_grad"/>, and what is computed can never take part in a gradient.</summary>
    public static IDisposable inference_mode(bool mode = true) => new InferenceMode(mode);
    public static bool is_inference_mode_enabled() => Native.nas_inference_mode_enabled();

    /// <summary>Gradients.</summary>
    public static partial class autograd
    {
        public static void backward(IList<Tensor> tensors, IList<Tensor>? grad_tensors = null, bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null)
        {
            TensorList ends = TensorList.Of(tensors), gradients = TensorList.Of(grad_tensors), leaves = TensorList.Of(inputs);
            Native.nas_backward(ends, ends.Count, gradients, gradients.Count, retain_graph ?? create_graph, create_graph, leaves, leaves.Count);
        }

        public static void backward(Tensor tensor, IList<Tensor>? grad_tensors = null, bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null) =>
            backward([tensor], grad_tensors, retain_graph, create_graph, inputs);

        public static void backward(Tensor tensor, Tensor grad_tensor, bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null) =>
            backward([tensor], [grad_tensor], retain_graph, create_graph, inputs);

        /// <summary>
        /// The gradients of <paramref name="outputs"/> with respect to <paramref name="inputs"/>, in their order; nothing
        /// is added to the leaves. Where an input had no part, and that is allowed, its gradient is an invalid tensor.
        /// </summary>
        public static IList<Tensor> grad(IList<Tensor> outputs, IList<Tensor> inputs, IList<Tensor>? grad_outputs = null, bool retain_graph = false, bool create_graph = false, bool allow_unused = false)
        {
            TensorList ends = TensorList.Of(outputs), leaves = TensorList.Of(inputs), gradients = TensorList.Of(grad_outputs);
            Tensor[] results = Native.nas_autograd_grad(ends, ends.Count, leaves, leaves.Count, gradients, gradients.Count, retain_graph || create_graph, create_graph, allow_unused, out _)
                ?? throw Native.Failure();
            foreach (Tensor result in results)
            {
                if (!Native.nas_defined(result)) result.Dispose();
            }
            return results;
        }
    }

    /// <summary>Sets whether this thread records, and puts it back as it was.</summary>
    private sealed class GradMode : IDisposable
    {
        private readonly bool _before = Native.nas_grad_enabled();

        internal GradMode(bool enabled) => Native.nas_set_grad_enabled(enabled);

        public void Dispose() => Native.nas_set_grad_enabled(_before);
    }

    private sealed class InferenceMode(bool enabled) : IDisposable
    {
        private IntPtr _guard = Native.nas_inference_mode(enabled);

        public void Dispose()
        {
            if (_guard != IntPtr.Zero) Native.nas_inference_mode_free(_guard);
            _guard = IntPtr.Zero;
        }
    }
}
