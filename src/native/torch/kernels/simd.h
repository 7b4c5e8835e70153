// Vectors for the kernels. A *.simd.cpp file is compiled once for each instruction set, NAS_LEVEL naming the namespace
// its functions go to, so that nothing compiled for a newer processor can be linked in place of the portable code.
// For the same reason such a file uses nothing of the standard library that is not a plain type.
#pragma once

#include <cstdint>

#define NAS_INLINE inline __attribute__((always_inline))

namespace nas::NAS_LEVEL {

using Size = std::int64_t;

#if defined(__AVX512F__)
constexpr int widest = 64;
#elif defined(__AVX__)
constexpr int widest = 32;
#else
constexpr int widest = 16;
#endif

// A vector of BYTES bytes of T, wherever it lies in memory. With the bytes of one T it is a scalar in the same dress.
template <class T, int BYTES>
struct Simd {
  using Scalar = T;
  static constexpr int bytes = BYTES;
  static constexpr int lanes = BYTES / sizeof(T);
  typedef T V __attribute__((vector_size(BYTES)));

  static NAS_INLINE V fill(T value) { return V{} + value; }
  static NAS_INLINE V load(const T* from) {
    V v;
    __builtin_memcpy(&v, from, BYTES);
    return v;
  }
  static NAS_INLINE void store(T* to, V v) { __builtin_memcpy(to, &v, BYTES); }
  static NAS_INLINE T sum(V v) {
    T total = 0;
    for (int i = 0; i < lanes; i++) total += v[i];
    return total;
  }
};

// The bytes of the next narrower vector.
template <class T>
constexpr int narrower(int bytes) {
  return bytes > 16 ? bytes / 2 : int(sizeof(T));
}

// Calls act(vector type, position) along `count` neighbours, with the widest vectors first.
template <class T, int BYTES = widest, class F>
NAS_INLINE void in_vectors(Size count, F&& act, Size at = 0) {
  using S = Simd<T, BYTES>;
  for (; at + S::lanes <= count; at += S::lanes) act(S(), at);
  if constexpr (BYTES > int(sizeof(T))) {
    if (at < count) in_vectors<T, narrower<T>(BYTES)>(count, act, at);
  }
}

template <int N>
struct Taps {
  static constexpr int count = N;
};

// Calls act with the number of taps that share a load as a constant: 1, 3, 5 or 7.
template <class F>
NAS_INLINE void with_taps(int taps, F&& act) {
  switch (taps) {
    case 3: return act(Taps<3>());
    case 5: return act(Taps<5>());
    case 7: return act(Taps<7>());
    default: return act(Taps<1>());
  }
}

}  // namespace nas::NAS_LEVEL
