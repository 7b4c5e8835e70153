// The number types that the kernels read and write, those that they compute in, and their greatest size.
#pragma once

#include <cstdint>

namespace nas {

constexpr int max_kernel_side = 7;  // of convolutions and of pooling

// bfloat16 as it lies in memory: the upper half of a float.
struct bfloat {
  std::uint16_t bits;
};

// What numbers of type T are computed in: doubles in doubles, the rest in floats.
template <class T>
struct Computed {
  using type = float;
};
template <>
struct Computed<double> {
  using type = double;
};
template <class T>
using ComputedIn = typename Computed<T>::type;

}  // namespace nas
