// The passes over memory that sums of batch norms and their gradients are made of.
//
// Images whose channels lie together, and rows of numbers, are flat arrays in which channels repeat. What belongs to a
// channel is therefore spread over a `Pattern`: as many numbers as there are channels, repeated until whole vectors fit.
#pragma once

#include <cstdint>

#include "levels.h"
#include "types.h"

namespace nas {

// Sums and coefficients are in what numbers are computed in. The functions work on `count` numbers from the beginning of a pattern on, `period` being its length, a multiple of 16.
// Where `result` is not null, a gradient counts only where that, the output of a ReLU, is above 0.
#define NAS_DECLARE_NORM_SUM(level)                                                                                   \
  namespace level {                                                                                                   \
  /* Adds value - origin to sums, and its square to squares. */                                                       \
  template <class T>                                                                                                  \
  void add_moments(const T* values, const ComputedIn<T>* origin, int64_t count, int64_t period, ComputedIn<T>* sums,          \
                   ComputedIn<T>* squares);                                                                               \
  /* sums = before + scale * value + offset; before may be null, and be sums. */                                      \
  template <class T>                                                                                                  \
  void add_scaled(const T* values, const ComputedIn<T>* scale, const ComputedIn<T>* offset,                           \
                  const ComputedIn<T>* before, int64_t count, int64_t period, ComputedIn<T>* sums);                   \
  /* The same as it is kept, or its positive part. */                                                                 \
  template <class T>                                                                                                  \
  void finish_scaled(const T* values, const ComputedIn<T>* scale, const ComputedIn<T>* offset,                        \
                     const ComputedIn<T>* before, bool relu, int64_t count, int64_t period, T* out);                  \
  /* Adds gradient to sums, which may be null, and gradient * (value - origin) to products. */                        \
  template <class T>                                                                                                  \
  void add_products(const T* gradient, const T* result, const T* values, const ComputedIn<T>* origin, int64_t count,      \
                    int64_t period, ComputedIn<T>* sums, ComputedIn<T>* products);                                            \
  /* out = by_gradient * gradient + by_value * value + offset; values may be null, and the last two with it. */       \
  template <class T>                                                                                                  \
  void combine_gradient(const T* gradient, const T* result, const T* values, const ComputedIn<T>* by_gradient,            \
                        const ComputedIn<T>* by_value, const ComputedIn<T>* offset, int64_t count, int64_t period, T* out);   \
  }
NAS_FOR_EACH_LEVEL(NAS_DECLARE_NORM_SUM)
#undef NAS_DECLARE_NORM_SUM

}  // namespace nas
