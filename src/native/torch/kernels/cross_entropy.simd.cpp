// Rows of logits: what of them is summed up, and the gradient of each.
#include "cross_entropy.h"

#include "exponential.h"
#include "simd.h"

namespace nas::NAS_LEVEL {
namespace {

constexpr int parts = 4;  // that do not wait for one another

// What combine(vector, vector) makes of `begin` and all that take(vector type, vector) gives of the numbers. The order is
// always the same.
template <class T, class F, class G>
NAS_INLINE ComputedIn<T> reduce(const T* numbers, Size count, ComputedIn<T> begin, F&& combine, G&& take) {
  using S = Simd<T, widest>;
  using One = Simd<T, sizeof(ComputedIn<T>)>;
  typename S::V all[parts];
  for (int part = 0; part < parts; part++) all[part] = S::fill(begin);
  Size at = 0;
  for (; at + parts * S::lanes <= count; at += parts * S::lanes)
#pragma GCC unroll 4
    for (int part = 0; part < parts; part++) all[part] = combine(all[part], take(S(), S::load(numbers + at + part * S::lanes)));
  for (; at + S::lanes <= count; at += S::lanes) all[0] = combine(all[0], take(S(), S::load(numbers + at)));
  typename One::V result = One::fill(begin);
  for (; at < count; at++) result = combine(result, take(One(), One::load(numbers + at)));
  for (int part = 1; part < parts; part++) all[0] = combine(all[0], all[part]);
  for (int lane = 0; lane < S::lanes; lane++) result = combine(result, One::fill(all[0][lane]));
  return result[0];
}

}  // namespace

template <class T>
ComputedIn<T> greatest(const T* logits, Size count) {
  return reduce(
      logits, count, Simd<T, sizeof(ComputedIn<T>)>::load(logits)[0],
      [](auto before, auto v) NAS_LAMBDA { return v > before ? v : before; }, [](auto, auto v) NAS_LAMBDA { return v; });
}

template <class T>
ComputedIn<T> sum(const T* logits, Size count) {
  return reduce(
      logits, count, ComputedIn<T>(0), [](auto before, auto v) NAS_LAMBDA { return before + v; },
      [](auto, auto v) NAS_LAMBDA { return v; });
}

template <class T>
ComputedIn<T> sum_of_powers(const T* logits, ComputedIn<T> origin, Size count) {
  return reduce(
      logits, count, ComputedIn<T>(0), [](auto before, auto v) NAS_LAMBDA { return before + v; },
      [&](auto simd, auto v) NAS_LAMBDA { return exponential<typename decltype(simd)::Computed>(v - origin); });
}

template <class T>
void scaled_powers(const T* logits, ComputedIn<T> origin, ComputedIn<T> less, ComputedIn<T> factor, Size count, T* to) {
  in_vectors<T>(count, [&](auto simd, Size at) NAS_LAMBDA {
    using S = decltype(simd);
    S::store(to + at, factor * (exponential<typename S::Computed>(S::load(logits + at) - origin) - less));
  });
}

#define NAS_INSTANTIATE(T)                                                                     \
  template ComputedIn<T> greatest<T>(const T*, Size);                                          \
  template ComputedIn<T> sum<T>(const T*, Size);                                               \
  template ComputedIn<T> sum_of_powers<T>(const T*, ComputedIn<T>, Size);                      \
  template void scaled_powers<T>(const T*, ComputedIn<T>, ComputedIn<T>, ComputedIn<T>, Size, T*);
NAS_INSTANTIATE(float)
NAS_INSTANTIATE(bfloat)
#ifdef NAS_PORTABLE
NAS_INSTANTIATE(double)
#endif
#undef NAS_INSTANTIATE

}  // namespace nas::NAS_LEVEL
