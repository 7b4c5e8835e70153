// e^x for the kernels, in vectors.
#pragma once

#include "simd.h"

namespace nas::NAS_LEVEL {

// Doubles have exp number by number. Floats: e^x = 2^n e^r with n the whole number next to x / ln 2, so that |r| is at most
// ln 2 / 2, where seven terms of the series behind the 1 are as exact as a float.
template <class S>
NAS_INLINE typename S::V exponential(typename S::V x) {
  using V = typename S::V;
  if constexpr (sizeof(typename S::Scalar) == sizeof(double)) {
    for (int i = 0; i < S::lanes; i++) x[i] = __builtin_exp(x[i]);
    return x;
  } else {
    constexpr float high_ln2 = 0.693359375f, low_ln2 = -2.12194440e-4f;  // the first has few bits: n times it is exact
    constexpr float magic = 12582912;  // 1.5 * 2^23: added, it leaves the nearest whole number in the lowest bits
    x = x < -87 ? V{} - 87 : x;  // in this order, what is no number stays so
    x = x > 88 ? V{} + 88 : x;
    const V shifted = x * 1.44269504f + magic;
    const V n = shifted - magic;
    const V r = (x - n * high_ln2) - n * low_ln2;
    V series = r * (1 / 5040.f) + 1 / 720.f;
    series = series * r + 1 / 120.f;
    series = series * r + 1 / 24.f;
    series = series * r + 1 / 6.f;
    series = series * r + 1 / 2.f;
    series = series * r + 1;
    series = series * r + 1;
    return series * (V)(((typename S::Mask)shifted << 23) + (127 << 23));
  }
}

}  // namespace nas::NAS_LEVEL
