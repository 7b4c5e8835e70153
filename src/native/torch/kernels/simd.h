// Vectors for the kernels. A *.simd.cpp file is compiled once for each instruction set, NAS_LEVEL naming the namespace
// its functions go to, so that nothing compiled for a newer processor can be linked in place of the portable code.
// For the same reason such a file uses nothing of the standard library that is not a plain type.
#pragma once

#include <cstdint>

#include "narrow.h"
#include "types.h"

namespace nas::NAS_LEVEL {

using Size = std::int64_t;

#if defined(__AVX512F__)
constexpr int widest = 64;
#elif defined(__AVX__)
constexpr int widest = 32;
#else
constexpr int widest = 16;
#endif

template <class T>
struct Whole {
  using type = std::int32_t;
};
template <>
struct Whole<double> {
  using type = std::int64_t;
};
// Whole numbers as wide as a T.
template <class T>
using WholeOf = typename Whole<T>::type;

// A vector of BYTES bytes of T, wherever it lies in memory. With the bytes of one T it is a scalar in the same dress.
template <class T, int BYTES>
struct Simd {
  using Scalar = T;
  using Computed = Simd;
  static constexpr int bytes = BYTES;
  static constexpr int lanes = BYTES / sizeof(T);
  typedef T V __attribute__((vector_size(BYTES)));
  typedef WholeOf<T> Mask __attribute__((vector_size(BYTES)));  // what comparisons answer: 0 or -1

  static NAS_INLINE V fill(T value) { return value - V{}; }  // value + 0 is not -0 where value is, and would be computed
  static NAS_INLINE V load(const T* from) {
    V v;
    __builtin_memcpy(&v, from, BYTES);
    return v;
  }
  static NAS_INLINE void store(T* to, V v) { __builtin_memcpy(to, &v, BYTES); }
  // v where the mask says so, else 0.
  static NAS_INLINE V where(Mask mask, V v) { return (V)((Mask)v & mask); }
  static NAS_INLINE T sum(V v) {
    T total = 0;
    for (int i = 0; i < lanes; i++) total += v[i];
    return total;
  }
};

// bfloat16 in memory, BYTES bytes of floats in a register.
template <int BYTES>
struct Simd<bfloat, BYTES> {
  using Scalar = float;
  using Computed = Simd<float, BYTES>;
  static constexpr int bytes = BYTES;
  static constexpr int lanes = Computed::lanes;
  using V = typename Computed::V;
  using Mask = typename Computed::Mask;

  static NAS_INLINE V fill(float value) { return Computed::fill(value); }
  static NAS_INLINE V load(const bfloat* from) {
    return (V)(Narrow<std::int32_t, lanes>::load(&from->bits) << 16);
  }
  // To the nearest, of two as near the even one.
  static NAS_INLINE void store(bfloat* to, V v) {
    typedef std::uint32_t Bits __attribute__((vector_size(BYTES)));
    const Bits bits = (Bits)v;
    const Bits rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
    Narrow<std::int32_t, lanes>::store(&to->bits, v == v ? (Mask)rounded : Mask{} + 0x7fc0);
  }
  static NAS_INLINE V where(Mask mask, V v) { return Computed::where(mask, v); }
  static NAS_INLINE float sum(V v) { return Computed::sum(v); }
};

// The bytes of the next narrower vector.
template <class T>
constexpr int narrower(int bytes) {
  return bytes > 16 ? bytes / 2 : int(sizeof(ComputedIn<T>));
}

// Calls act(vector type, position) along `count` neighbours, with the widest vectors first.
template <class T, int BYTES = widest, class F>
NAS_INLINE void in_vectors(Size count, F&& act, Size at = 0) {
  using S = Simd<T, BYTES>;
  for (; at + S::lanes <= count; at += S::lanes) act(S(), at);
  if constexpr (BYTES > int(sizeof(ComputedIn<T>))) {
    if (at < count) in_vectors<T, narrower<T>(BYTES)>(count, act, at);
  }
}

// The same where act only writes results that it can write twice: the last vector overlaps the one before, and there are
// no narrower ones unless `count` is less than one vector.
template <class T, int BYTES = widest, class F>
NAS_INLINE void in_overlapping_vectors(Size count, F&& act) {
  using S = Simd<T, BYTES>;
  if constexpr (BYTES > int(sizeof(ComputedIn<T>))) {
    if (count < S::lanes) return in_overlapping_vectors<T, narrower<T>(BYTES)>(count, act);
  }
  for (Size at = 0; at < count; at += S::lanes) act(S(), at + S::lanes <= count ? at : count - S::lanes);
}

// pointer + step, worked out when it is reached: the compiler would keep a multiple of the step for every unrolled place
// and run out of registers.
template <class T>
NAS_INLINE T* after(T* pointer, Size step) {
  pointer += step;
  asm("" : "+r"(pointer));
  return pointer;
}

// Those of `count` places, `spacing` apart from `at` on, that exist in an image of `size`: [first, last).
struct Range {
  int first, last;
};
NAS_INLINE Range inside(Size at, Size spacing, int count, Size size) {
  Range range{0, count};
  while (range.first < range.last && at + range.first * spacing < 0) range.first++;
  while (range.last > range.first && at + (range.last - 1) * spacing >= size) range.last--;
  return range;
}

template <int N>
struct Taps {
  static constexpr int count = N;
};

// Calls act with the number of taps that share a load as a constant: 1, 2, 3, 5 or 7.
template <class F>
NAS_INLINE void with_taps(int taps, F&& act) {
  switch (taps) {
    case 2: return act(Taps<2>());
    case 3: return act(Taps<3>());
    case 5: return act(Taps<5>());
    case 7: return act(Taps<7>());
    default: return act(Taps<1>());
  }
}

}  // namespace nas::NAS_LEVEL
