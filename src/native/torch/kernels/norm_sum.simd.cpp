// Each function is one pass over memory, as wide as the processor's vectors.
#include "norm_sum.h"
#include "simd.h"

namespace nas::NAS_LEVEL {
namespace {

// Calls act(vector type, place in the pattern, place in the array) for all numbers.
template <class T, class F>
NAS_INLINE void in_patterns(Size count, Size period, F&& act) {
  for (Size start = 0; start < count; start += period) {
    const Size length = period < count - start ? period : count - start;
    in_vectors<T>(length, [&](auto simd, Size at) { act(simd, at, start + at); });
  }
}

template <class S, class T, class C>
NAS_INLINE typename S::V scaled(const T* values, const C* scale, const C* offset, const C* before) {
  using W = typename S::Computed;
  const auto sum = W::load(scale) * S::load(values) + W::load(offset);
  return before ? W::load(before) + sum : sum;
}

// The gradient where the ReLU let the number through.
template <class S, class T>
NAS_INLINE typename S::V passed(const T* gradient, const T* result, Size at) {
  const auto g = S::load(gradient + at);
  return result ? S::where(!(S::load(result + at) <= typename S::V{}), g) : g;
}

}  // namespace

template <class T>
void add_moments(const T* values, const ComputedIn<T>* origin, Size count, Size period, ComputedIn<T>* sums, ComputedIn<T>* squares) {
  in_patterns<T>(count, period, [&](auto simd, Size channel, Size at) {
    using S = decltype(simd);
    using W = typename S::Computed;
    const auto distance = S::load(values + at) - W::load(origin + channel);
    W::store(sums + channel, W::load(sums + channel) + distance);
    W::store(squares + channel, W::load(squares + channel) + distance * distance);
  });
}

template <class T>
void add_scaled(const T* values, const ComputedIn<T>* scale, const ComputedIn<T>* offset, const ComputedIn<T>* before,
                Size count, Size period, ComputedIn<T>* sums) {
  in_patterns<T>(count, period, [&](auto simd, Size channel, Size at) {
    using S = decltype(simd);
    using W = typename S::Computed;
    W::store(sums + at, scaled<S>(values + at, scale + channel, offset + channel, before ? before + at : nullptr));
  });
}

template <class T>
void finish_scaled(const T* values, const ComputedIn<T>* scale, const ComputedIn<T>* offset, const ComputedIn<T>* before,
                   bool relu, Size count, Size period, T* out) {
  in_patterns<T>(count, period, [&](auto simd, Size channel, Size at) {
    using S = decltype(simd);
    const auto sum = scaled<S>(values + at, scale + channel, offset + channel, before ? before + at : nullptr);
    S::store(out + at, relu ? S::where(!(sum <= typename S::V{}), sum) : sum);
  });
}

template <class T>
void add_products(const T* gradient, const T* result, const T* values, const ComputedIn<T>* origin, Size count, Size period,
                  ComputedIn<T>* sums, ComputedIn<T>* products) {
  in_patterns<T>(count, period, [&](auto simd, Size channel, Size at) {
    using S = decltype(simd);
    using W = typename S::Computed;
    const auto g = passed<S>(gradient, result, at);
    if (sums) W::store(sums + channel, W::load(sums + channel) + g);
    W::store(products + channel, W::load(products + channel) + g * (S::load(values + at) - W::load(origin + channel)));
  });
}

template <class T>
void combine_gradient(const T* gradient, const T* result, const T* values, const ComputedIn<T>* by_gradient,
                      const ComputedIn<T>* by_value, const ComputedIn<T>* offset, Size count, Size period, T* out) {
  in_patterns<T>(count, period, [&](auto simd, Size channel, Size at) {
    using S = decltype(simd);
    using W = typename S::Computed;
    auto sum = W::load(by_gradient + channel) * passed<S>(gradient, result, at);
    if (values) sum += W::load(by_value + channel) * S::load(values + at) + W::load(offset + channel);
    S::store(out + at, sum);
  });
}

#define NAS_INSTANTIATE(T)                                                                                             \
  template void add_moments(const T*, const ComputedIn<T>*, Size, Size, ComputedIn<T>*, ComputedIn<T>*);               \
  template void add_scaled(const T*, const ComputedIn<T>*, const ComputedIn<T>*, const ComputedIn<T>*, Size, Size,     \
                           ComputedIn<T>*);                                                                            \
  template void finish_scaled(const T*, const ComputedIn<T>*, const ComputedIn<T>*, const ComputedIn<T>*, bool, Size,  \
                              Size, T*);                                                                               \
  template void add_products(const T*, const T*, const T*, const ComputedIn<T>*, Size, Size, ComputedIn<T>*,           \
                             ComputedIn<T>*);                                                                          \
  template void combine_gradient(const T*, const T*, const T*, const ComputedIn<T>*, const ComputedIn<T>*,             \
                                 const ComputedIn<T>*, Size, Size, T*);
NAS_INSTANTIATE(float)
NAS_INSTANTIATE(bfloat)
#ifdef NAS_PORTABLE
NAS_INSTANTIATE(double)
#endif
#undef NAS_INSTANTIATE

}  // namespace nas::NAS_LEVEL
