namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor fill_(Scalar value) => Same(Native.nas_fill_(this, value.Number));
        public Tensor zero_() => Same(Native.nas_zero_(this));
        public Tensor normal_(double mean = 0, double std = 1, Generator? generator = null) => Same(Native.nas_normal_(this, mean, std, generator));
        public Tensor uniform_(double from, double to, Generator? generator = null) => Same(Native.nas_uniform_(this, from, to, generator));
        public Tensor exponential_(double lambda = 1, Generator? generator = null) => Same(Native.nas_exponential_(this, lambda, generator));
        public Tensor random_(double from, double to, Generator? generator = null) => Same(Native.nas_random_(this, (long)from, (long)to, generator));
        public Tensor bernoulli(Generator? generator = null) => Native.nas_bernoulli(this, generator);
        public Tensor bernoulli_(double p = 0.5, Generator? generator = null) => Same(Native.nas_bernoulli_(this, p, generator));
        public Tensor bernoulli_(Tensor p, Generator? generator = null) => Same(Native.nas_bernoulli_tensor_(this, p, generator));
        public Tensor multinomial(long num_samples, bool replacement = false, Generator? generator = null) => Native.nas_multinomial(this, num_samples, replacement, generator);

        public Tensor zeros_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Native.nas_zeros_like(this, Placement.Like(dtype, device, requires_grad));
        public Tensor ones_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Native.nas_ones_like(this, Placement.Like(dtype, device, requires_grad));
        public Tensor empty_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Native.nas_empty_like(this, Placement.Like(dtype, device, requires_grad));
        public Tensor full_like(Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Native.nas_full_like(this, value.Number, Placement.Like(dtype, device, requires_grad));
        public Tensor rand_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Native.nas_rand_like(this, Placement.Like(dtype, device, requires_grad));
        public Tensor randn_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Native.nas_randn_like(this, Placement.Like(dtype, device, requires_grad));
        public Tensor randint_like(long low, long high, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Native.nas_randint_like(this, low, high, Placement.Like(dtype, device, requires_grad));
    }
}
