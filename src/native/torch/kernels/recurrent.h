// What the nodes of recurrent cells do with rows of numbers.
#pragma once

#include <cstdint>

#include "product.h"

namespace nas {

// Elementwise functions. A leaky ReLU's slope below 0 is 0.1.
enum class Curve : int64_t { relu, leaky_relu, relu6, sigmoid, tanh, silu, hard_swish };

// All act on `rows` rows of `width` numbers. Gradients are added to what is there, but for curves that overwrite.
#define NAS_DECLARE_RECURRENT(level)                                                                                   \
  namespace level {                                                                                                    \
  /* to = factor * from, or added to what is there. */                                                                 \
  template <class T>                                                                                                   \
  void scale(Rows<const T> from, T factor, bool adds, Rows<T> to, int64_t rows, int64_t width);                        \
  /* to = left * right, or added to what is there. */                                                                  \
  template <class T>                                                                                                   \
  void multiply(Rows<const T> left, Rows<const T> right, bool adds, Rows<T> to, int64_t rows, int64_t width);          \
  template <class T>                                                                                                   \
  void lerp(Rows<const T> gate, Rows<const T> from, Rows<const T> to, Rows<T> result, int64_t rows, int64_t width);    \
  template <class T>                                                                                                   \
  void lerp_gradient(Rows<const T> gate, Rows<const T> from, Rows<const T> to, Rows<const T> of_result,                \
                     Rows<T> of_gate, Rows<T> of_from, Rows<T> of_to, int64_t rows, int64_t width);                    \
  template <class T>                                                                                                   \
  void curve(Curve curve, Rows<const T> argument, Rows<T> result, int64_t rows, int64_t width);                        \
  /* The slope is told from the result, or where that is not enough from the argument. */                              \
  template <class T>                                                                                                   \
  void curve_gradient(Curve curve, Rows<const T> known, Rows<const T> of_result, bool overwrites, Rows<T> of_argument, \
                      int64_t rows, int64_t width);                                                                    \
  }
NAS_FOR_EACH_LEVEL(NAS_DECLARE_RECURRENT)
#undef NAS_DECLARE_RECURRENT

}  // namespace nas
