// Products of many rows of numbers with one matrix, and sums of the products of rows.
#pragma once

#include <cstdint>

#include "levels.h"

namespace nas {

// Rows of neighbours, `stride` numbers from one to the next.
template <class T>
struct Rows {
  T* at;
  int64_t stride;
};

#define NAS_DECLARE_PRODUCT(level)                                                                                     \
  namespace level {                                                                                                    \
  /* The matrix [depth, width] packed, of which number (k, j) lies at k * step + j * next. */                          \
  template <class T>                                                                                                   \
  void pack(const T* matrix, int64_t step, int64_t next, int64_t depth, int64_t width, T* packed);                     \
  /* to = from . packed + bias, or added to what is there; bias may be null. */                                        \
  template <class T>                                                                                                   \
  void multiply_matrix(Rows<const T> from, const T* packed, const T* bias, bool adds, Rows<T> to, int64_t rows,        \
                       int64_t depth, int64_t width);                                                                  \
  /* sums[i, j] += left[row, i] * right[row, j] for all rows; sums has `height` rows of `width` numbers. */            \
  template <class T>                                                                                                   \
  void add_products_of_rows(Rows<const T> left, Rows<const T> right, Rows<T> sums, int64_t rows, int64_t height,       \
                            int64_t width);                                                                            \
  }
NAS_FOR_EACH_LEVEL(NAS_DECLARE_PRODUCT)
#undef NAS_DECLARE_PRODUCT

}  // namespace nas
