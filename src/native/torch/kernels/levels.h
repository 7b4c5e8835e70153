// The instruction sets that the kernels are compiled for, and the choice among them when the program runs.
#pragma once

#include <type_traits>

#ifdef NAS_X86
#define NAS_FOR_EACH_LEVEL(declare) declare(portable) declare(avx2) declare(avx512)
#else
#define NAS_FOR_EACH_LEVEL(declare) declare(portable)
#endif

// function<T> of the level in use. Doubles are for checking gradients: for them there is only portable code.
#ifdef NAS_X86
#define NAS_SELECT(T, function)                                                          \
  ([] {                                                                                  \
    if constexpr (!std::is_same<T, double>::value) {                                     \
      if (::nas::level() == ::nas::Level::avx512) return &::nas::avx512::function<T>;    \
      if (::nas::level() == ::nas::Level::avx2) return &::nas::avx2::function<T>;        \
    }                                                                                    \
    return &::nas::portable::function<T>;                                                \
  }())
#else
#define NAS_SELECT(T, function) (&::nas::portable::function<T>)
#endif

namespace nas {

enum class Level { portable, avx2, avx512 };

// The best level this processor has, or a lower one that was asked for.
Level level();
// Bounds the level from above, for tests and measurements; answers the level then in use.
Level limit_level(Level highest);

}  // namespace nas
