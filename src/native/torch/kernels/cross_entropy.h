// The passes over rows of logits that cross entropy and its gradient are made of.
#pragma once

#include <cstdint>

#include "levels.h"
#include "types.h"

namespace nas {

#define NAS_DECLARE_CROSS_ENTROPY(level)                                                                              \
  namespace level {                                                                                                   \
  template <class T>                                                                                                  \
  ComputedIn<T> greatest(const T* logits, int64_t count);                                                             \
  template <class T>                                                                                                  \
  ComputedIn<T> sum(const T* logits, int64_t count);                                                                  \
  /* Of e^(logit - origin). */                                                                                        \
  template <class T>                                                                                                  \
  ComputedIn<T> sum_of_powers(const T* logits, ComputedIn<T> origin, int64_t count);                                  \
  /* factor * (e^(logit - origin) - less) */                                                                          \
  template <class T>                                                                                                  \
  void scaled_powers(const T* logits, ComputedIn<T> origin, ComputedIn<T> less, ComputedIn<T> factor, int64_t count, T* to); \
  }
NAS_FOR_EACH_LEVEL(NAS_DECLARE_CROSS_ENTROPY)
#undef NAS_DECLARE_CROSS_ENTROPY

}  // namespace nas
