namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor abs() => Native.nas_abs(this);
        public Tensor abs_() => Same(Native.nas_abs_(this));
        public Tensor ceil() => Native.nas_ceil(this);
        public Tensor ceil_() => Same(Native.nas_ceil_(this));
        public Tensor cos() => Native.nas_cos(this);
        public Tensor cos_() => Same(Native.nas_cos_(this));
        public Tensor erf() => Native.nas_erf(this);
        public Tensor erf_() => Same(Native.nas_erf_(this));
        public Tensor exp() => Native.nas_exp(this);
        public Tensor exp_() => Same(Native.nas_exp_(this));
        public Tensor expm1() => Native.nas_expm1(this);
        public Tensor expm1_() => Same(Native.nas_expm1_(this));
        public Tensor floor() => Native.nas_floor(this);
        public Tensor floor_() => Same(Native.nas_floor_(this));
        public Tensor frac() => Native.nas_frac(this);
        public Tensor frac_() => Same(Native.nas_frac_(this));
        public Tensor lgamma() => Native.nas_lgamma(this);
        public Tensor lgamma_() => Same(Native.nas_lgamma_(this));
        public Tensor log() => Native.nas_log(this);
        public Tensor log_() => Same(Native.nas_log_(this));
        public Tensor log10() => Native.nas_log10(this);
        public Tensor log10_() => Same(Native.nas_log10_(this));
        public Tensor log1p() => Native.nas_log1p(this);
        public Tensor log1p_() => Same(Native.nas_log1p_(this));
        public Tensor log2() => Native.nas_log2(this);
        public Tensor log2_() => Same(Native.nas_log2_(this));
        public Tensor logical_not() => Native.nas_logical_not(this);
        public Tensor logical_not_() => Same(Native.nas_logical_not_(this));
        public Tensor bitwise_not() => Native.nas_bitwise_not(this);
        public Tensor bitwise_not_() => Same(Native.nas_bitwise_not_(this));
        public Tensor neg() => Native.nas_neg(this);
        public Tensor neg_() => Same(Native.nas_neg_(this));
        public Tensor reciprocal() => Native.nas_reciprocal(this);
        public Tensor reciprocal_() => Same(Native.nas_reciprocal_(this));
        public Tensor relu() => Native.nas_relu(this);
        public Tensor relu_() => Same(Native.nas_relu_(this));
        public Tensor rsqrt() => Native.nas_rsqrt(this);
        public Tensor rsqrt_() => Same(Native.nas_rsqrt_(this));
        public Tensor sigmoid() => Native.nas_sigmoid(this);
        public Tensor sigmoid_() => Same(Native.nas_sigmoid_(this));
        public Tensor sign() => Native.nas_sign(this);
        public Tensor sign_() => Same(Native.nas_sign_(this));
        public Tensor sin() => Native.nas_sin(this);
        public Tensor sin_() => Same(Native.nas_sin_(this));
        public Tensor sqrt() => Native.nas_sqrt(this);
        public Tensor sqrt_() => Same(Native.nas_sqrt_(this));
        public Tensor tan() => Native.nas_tan(this);
        public Tensor tan_() => Same(Native.nas_tan_(this));
        public Tensor tanh() => Native.nas_tanh(this);
        public Tensor tanh_() => Same(Native.nas_tanh_(this));
        public Tensor trunc() => Native.nas_trunc(this);
        public Tensor trunc_() => Same(Native.nas_trunc_(this));
        public Tensor relu6() => Native.nas_relu6(this);
        public Tensor relu6_() => Same(Native.nas_relu6_(this));
        public Tensor silu() => Native.nas_silu(this);
        public Tensor silu_() => Same(Native.nas_silu_(this));
        public Tensor hardswish() => Native.nas_hardswish(this);
        public Tensor hardswish_() => Same(Native.nas_hardswish_(this));
        public Tensor hardsigmoid() => Native.nas_hardsigmoid(this);
        public Tensor hardsigmoid_() => Same(Native.nas_hardsigmoid_(this));
        public Tensor square() => Native.nas_square(this);
        public Tensor isnan() => Native.nas_isnan(this);
        public Tensor isinf() => Native.nas_isinf(this);
        public Tensor isfinite() => Native.nas_isfinite(this);
        public Tensor log_sigmoid() => Native.nas_log_sigmoid(this);
        public Tensor negative() => neg();
        public Tensor gelu() => Native.nas_gelu(this, false);
        public Tensor gelu(Modules.GELU.Approximate approximate) => Native.nas_gelu(this, approximate == Modules.GELU.Approximate.tanh);
        public Tensor gelu_() => Same(Native.nas_gelu_(this, false));
        public Tensor gelu_(Modules.GELU.Approximate approximate) => Same(Native.nas_gelu_(this, approximate == Modules.GELU.Approximate.tanh));
        public Tensor elu(double alpha = 1) => Native.nas_elu(this, alpha);
        public Tensor elu_(double alpha = 1) => Same(Native.nas_elu_(this, alpha));
        public Tensor leaky_relu(Scalar negative_slope) => Native.nas_leaky_relu(this, negative_slope.Number);
        public Tensor leaky_relu_(Scalar negative_slope) => Same(Native.nas_leaky_relu_(this, negative_slope.Number));
        public Tensor softplus(double beta = 1, double threshold = 20) => Native.nas_softplus(this, beta, threshold);
        public Tensor hardtanh(Scalar min, Scalar max) => Native.nas_hardtanh(this, min.Number, max.Number);
        public Tensor hardtanh_(Scalar min, Scalar max) => Same(Native.nas_hardtanh_(this, min.Number, max.Number));
        public Tensor softmax(long dim, ScalarType? dtype = null) => Native.nas_softmax(this, dim, Code(dtype));
        public Tensor log_softmax(long dim, ScalarType? dtype = null) => Native.nas_log_softmax(this, dim, Code(dtype));
        public Tensor round(long decimals = 0) => Native.nas_round(this, decimals);
        public Tensor round_(long decimals = 0) => Same(Native.nas_round_(this, decimals));
        public Tensor nan_to_num(double nan = 0, double? posinf = null, double? neginf = null) =>
            Native.nas_nan_to_num(this, nan, posinf is { } high ? [high] : [], neginf is { } low ? [low] : []);

        private static sbyte Code(ScalarType? dtype) => dtype is { } type ? (sbyte)type : (sbyte)-1;

        /// <summary>This tensor, after a native function has changed it in place.</summary>
        private Tensor Same(Done _) => this;
    }
}
