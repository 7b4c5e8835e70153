namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor mul(Tensor target) => Native.nas_mul(this, target);
        public Tensor mul(Scalar target) => Native.nas_mul_number(this, target.Number);
        public Tensor mul_(Tensor target) => Same(Native.nas_mul_(this, target));
        public Tensor mul_(Scalar target) => Same(Native.nas_mul_number_(this, target.Number));
        public Tensor pow(Tensor exponent) => Native.nas_pow(this, exponent);
        public Tensor pow(Scalar exponent) => Native.nas_pow_number(this, exponent.Number);
        public Tensor pow_(Tensor exponent) => Same(Native.nas_pow_(this, exponent));
        public Tensor pow_(Scalar exponent) => Same(Native.nas_pow_number_(this, exponent.Number));
        public Tensor eq(Tensor target) => Native.nas_eq(this, target);
        public Tensor eq(Scalar target) => Native.nas_eq_number(this, target.Number);
        public Tensor eq_(Tensor target) => Same(Native.nas_eq_(this, target));
        public Tensor eq_(Scalar target) => Same(Native.nas_eq_number_(this, target.Number));
        /// <summary>Element by element, as <see cref="eq(Tensor)"/>; <see cref="Equals(Tensor)"/> compares tensors as a whole.</summary>
        public Tensor equal(Tensor target) => eq(target);
        public Tensor ne(Tensor target) => Native.nas_ne(this, target);
        public Tensor ne(Scalar target) => Native.nas_ne_number(this, target.Number);
        public Tensor ne_(Tensor target) => Same(Native.nas_ne_(this, target));
        public Tensor ne_(Scalar target) => Same(Native.nas_ne_number_(this, target.Number));
        public Tensor lt(Tensor target) => Native.nas_lt(this, target);
        public Tensor lt(Scalar target) => Native.nas_lt_number(this, target.Number);
        public Tensor lt_(Tensor target) => Same(Native.nas_lt_(this, target));
        public Tensor lt_(Scalar target) => Same(Native.nas_lt_number_(this, target.Number));
        public Tensor le(Tensor target) => Native.nas_le(this, target);
        public Tensor le(Scalar target) => Native.nas_le_number(this, target.Number);
        public Tensor le_(Tensor target) => Same(Native.nas_le_(this, target));
        public Tensor le_(Scalar target) => Same(Native.nas_le_number_(this, target.Number));
        public Tensor gt(Tensor target) => Native.nas_gt(this, target);
        public Tensor gt(Scalar target) => Native.nas_gt_number(this, target.Number);
        public Tensor gt_(Tensor target) => Same(Native.nas_gt_(this, target));
        public Tensor gt_(Scalar target) => Same(Native.nas_gt_number_(this, target.Number));
        public Tensor ge(Tensor target) => Native.nas_ge(this, target);
        public Tensor ge(Scalar target) => Native.nas_ge_number(this, target.Number);
        public Tensor ge_(Tensor target) => Same(Native.nas_ge_(this, target));
        public Tensor ge_(Scalar target) => Same(Native.nas_ge_number_(this, target.Number));
        public Tensor fmod(Tensor target) => Native.nas_fmod(this, target);
        public Tensor fmod(Scalar scalar) => Native.nas_fmod_number(this, scalar.Number);
        public Tensor fmod_(Tensor target) => Same(Native.nas_fmod_(this, target));
        public Tensor fmod_(Scalar scalar) => Same(Native.nas_fmod_number_(this, scalar.Number));
        public Tensor remainder(Tensor target) => Native.nas_remainder(this, target);
        public Tensor remainder(Scalar scalar) => Native.nas_remainder_number(this, scalar.Number);
        public Tensor remainder_(Tensor target) => Same(Native.nas_remainder_(this, target));
        public Tensor remainder_(Scalar scalar) => Same(Native.nas_remainder_number_(this, scalar.Number));
        public Tensor floor_divide(Tensor other) => Native.nas_floor_divide(this, other);
        public Tensor floor_divide(Scalar other) => Native.nas_floor_divide_number(this, other.Number);
        public Tensor floor_divide_(Tensor other) => Same(Native.nas_floor_divide_(this, other));
        public Tensor floor_divide_(Scalar other) => Same(Native.nas_floor_divide_number_(this, other.Number));
        public Tensor add(Tensor target) => Native.nas_add(this, target, 1L);
        public Tensor add(Scalar scalar) => Native.nas_add_number(this, scalar.Number, 1L);
        public Tensor add(Tensor target, Scalar alpha) => Native.nas_add(this, target, alpha.Number);
        public Tensor add(Scalar scalar, Scalar alpha) => Native.nas_add_number(this, scalar.Number, alpha.Number);
        public Tensor add_(Tensor target) => Same(Native.nas_add_(this, target, 1L));
        public Tensor add_(Scalar scalar) => Same(Native.nas_add_number_(this, scalar.Number, 1L));
        public Tensor add_(Tensor target, Scalar alpha) => Same(Native.nas_add_(this, target, alpha.Number));
        public Tensor add_(Scalar scalar, Scalar alpha) => Same(Native.nas_add_number_(this, scalar.Number, alpha.Number));
        public Tensor sub(Tensor target) => Native.nas_sub(this, target, 1L);
        public Tensor sub(Scalar target) => Native.nas_sub_number(this, target.Number, 1L);
        public Tensor sub_(Tensor target) => Same(Native.nas_sub_(this, target, 1L));
        public Tensor sub_(Scalar target) => Same(Native.nas_sub_number_(this, target.Number, 1L));
        public Tensor div(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => Native.nas_div(this, target, (int)rounding_mode);
        public Tensor div(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => Native.nas_div_number(this, target.Number, (int)rounding_mode);
        public Tensor div_(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => Same(Native.nas_div_(this, target, (int)rounding_mode));
        public Tensor div_(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => Same(Native.nas_div_number_(this, target.Number, (int)rounding_mode));
        public Tensor maximum(Tensor other) => Native.nas_maximum(this, other);
        public Tensor minimum(Tensor other) => Native.nas_minimum(this, other);
        public Tensor max(Tensor other) => maximum(other);
        public Tensor min(Tensor other) => minimum(other);
        public Tensor atan2(Tensor other) => Native.nas_atan2(this, other);
        public Tensor atan2_(Tensor other) => Same(Native.nas_atan2_(this, other));
        public Tensor logical_and(Tensor other) => Native.nas_logical_and(this, other);
        public Tensor logical_and_(Tensor other) => Same(Native.nas_logical_and_(this, other));
        public Tensor logical_or(Tensor other) => Native.nas_logical_or(this, other);
        public Tensor logical_or_(Tensor other) => Same(Native.nas_logical_or_(this, other));
        public Tensor logical_xor(Tensor other) => Native.nas_logical_xor(this, other);
        public Tensor logical_xor_(Tensor other) => Same(Native.nas_logical_xor_(this, other));
        public Tensor bitwise_and(Tensor other) => Native.nas_bitwise_and(this, other);
        public Tensor bitwise_and_(Tensor other) => Same(Native.nas_bitwise_and_(this, other));
        public Tensor bitwise_or(Tensor other) => Native.nas_bitwise_or(this, other);
        public Tensor bitwise_or_(Tensor other) => Same(Native.nas_bitwise_or_(this, other));
        public Tensor bitwise_xor(Tensor other) => Native.nas_bitwise_xor(this, other);
        public Tensor bitwise_xor_(Tensor other) => Same(Native.nas_bitwise_xor_(this, other));
        public Tensor logaddexp(Tensor other) => Native.nas_logaddexp(this, other);
        public Tensor addcmul(Tensor tensor1, Tensor tensor2, Scalar value) => Native.nas_addcmul(this, tensor1, tensor2, value.Number);
        public Tensor addcmul_(Tensor tensor1, Tensor tensor2, Scalar value) => Same(Native.nas_addcmul_(this, tensor1, tensor2, value.Number));
        public Tensor addcdiv(Tensor tensor1, Tensor tensor2) => Native.nas_addcdiv(this, tensor1, tensor2, 1L);
        public Tensor addcdiv(Tensor tensor1, Tensor tensor2, Scalar value) => Native.nas_addcdiv(this, tensor1, tensor2, value.Number);
        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2) => Same(Native.nas_addcdiv_(this, tensor1, tensor2, 1L));
        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2, Scalar value) => Same(Native.nas_addcdiv_(this, tensor1, tensor2, value.Number));
        public Tensor lerp(Tensor end, Tensor weight) => Native.nas_lerp(this, end, weight);
        public Tensor lerp_(Tensor end, Tensor weight) => Same(Native.nas_lerp_(this, end, weight));
        public Tensor clamp(Scalar? min = null, Scalar? max = null) => Native.nas_clamp(this, min?.Number ?? Number.None, max?.Number ?? Number.None);
        public Tensor clamp(Tensor? min = null, Tensor? max = null) => Native.nas_clamp_tensor(this, min, max);
        public Tensor clamp_(Scalar? min = null, Scalar? max = null) => Same(Native.nas_clamp_(this, min?.Number ?? Number.None, max?.Number ?? Number.None));
        public Tensor clamp_(Tensor? min = null, Tensor? max = null) => Same(Native.nas_clamp_tensor_(this, min, max));
        public Tensor clamp_min(Scalar min) => clamp(min, (Scalar?)null);
        public Tensor clamp_min_(Scalar min) => clamp_(min, (Scalar?)null);
        public Tensor clamp_max(Scalar max) => clamp((Scalar?)null, max);
        public Tensor clamp_max_(Scalar max) => clamp_((Scalar?)null, max);
        public Tensor where(Tensor condition, Tensor y) => Native.nas_where(condition, this, y);
        public Tensor isclose(Tensor other, double rtol = 1E-05, double atol = 1E-08, bool nanEqual = false) => Native.nas_isclose(this, other, rtol, atol, nanEqual);

        public bool allclose(Tensor target, double rtol = 1E-05, double atol = 1E-08, bool equal_nan = false)
        {
            Native.nas_allclose(this, target, rtol, atol, equal_nan, out Flag close);
            return close;
        }
    }
}
