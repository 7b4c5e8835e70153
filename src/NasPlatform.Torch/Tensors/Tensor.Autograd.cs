namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public bool requires_grad
        {
            get => Native.nas_requires_grad(this);
            set => Native.nas_set_requires_grad(this, value);
        }

        public Tensor requires_grad_(bool requires_grad = true) => with_requires_grad(requires_grad);

        public Tensor with_requires_grad(bool requires_grad = true)
        {
            this.requires_grad = requires_grad;
            return this;
        }

        public bool is_leaf => Native.nas_is_leaf(this);

        /// <summary>Lets a tensor that is not a leaf keep its gradient.</summary>
        public void retain_grad() => Native.nas_retain_grad(this);

        /// <summary>What backward() has gathered so far, or null.</summary>
        public Tensor? grad
        {
            get => Native.nas_has_grad(this) ? Native.nas_grad(this) : null;
            set => Native.nas_set_grad(this, value);
        }

        /// <summary>Adds the gradients of this scalar to the leaves it was computed from.</summary>
        public void backward() => backward(null);

        public void backward(IList<Tensor>? grad_tensors = null, bool retain_graph = false, bool create_graph = false, IList<Tensor>? inputs = null) =>
            autograd.backward(this, grad_tensors, retain_graph, create_graph, inputs);
    }
}
