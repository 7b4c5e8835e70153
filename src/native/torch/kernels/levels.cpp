#include "levels.h"

#include <algorithm>
#include <atomic>

namespace nas {

static Level best_level() {
#ifdef NAS_X86
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512cd"))
    return Level::avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return Level::avx2;
#endif
  return Level::portable;
}

static std::atomic<Level>& chosen() {
  static std::atomic<Level> value{best_level()};
  return value;
}

Level level() { return chosen().load(std::memory_order_relaxed); }

Level limit_level(Level highest) {
  chosen() = std::min(highest, best_level());
  return level();
}

}  // namespace nas
