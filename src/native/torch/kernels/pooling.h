// Pooling of images whose channels lie together (channels last; or NCHW as images of one channel), row by row.
#pragma once

#include <cstdint>

#include "levels.h"
#include "types.h"

namespace nas {

// What one row or column of a result reads: `taps` neighbours from `from` on. Those inside the image only.
struct Reach {
  int64_t from;
  int taps;
  int tap;  // number of the first in the window of the pooling
};

// Columns at, at + step, ... of a result, which read as many neighbours each: the first from `reach.from` on, the next
// `from_step` columns further.
struct Span {
  Reach reach;
  int64_t at, step, from_step, columns;
};

// How a result is computed from images: pooling from its input, or the gradient of the input from that of the output.
struct Pooling {
  int64_t channels, in_h, in_w, out_h, out_w;
  int kernel_w;                    // taps are numbered row by row: row * kernel_w + column
  int row_tap_step, tap_step;      // from a row (column) that is read to the next: 1, or minus the stride in a gradient
  int64_t left;                    // what column 0 would read first if nothing had an end
  const Reach* rows;              // of each row of the result
  const Span* spans;               // these make up a row of the result
  int64_t span_count;
};

// Rows are counted over the batch, and are those of the result. Scratch holds numbers of the type computed in.
#define NAS_DECLARE_POOLING(level)                                                                                    \
  namespace level {                                                                                                   \
  /* The greatest of each window and, where `taps` is not null, its number. Scratch: twice max_kernel_side rows of the */ \
  /* result. */                                                                                                       \
  template <class T>                                                                                                  \
  void max_pool_rows(const Pooling& p, const T* in, T* out, uint8_t* taps, ComputedIn<T>* scratch,                 \
                     int64_t first_row, int64_t last_row);                                                            \
  /* To each place what the gradients of the windows that took it as their greatest add up to. */                     \
  template <class T>                                                                                                  \
  void max_pool_gradient_rows(const Pooling& p, const T* in, const uint8_t* taps, T* out, int64_t first_row,          \
                              int64_t last_row);                                                                      \
  /* Of each window the place that was its greatest. */                                                               \
  template <class T>                                                                                                  \
  void max_pool_gather_rows(const Pooling& p, const T* in, const uint8_t* taps, T* out, int64_t first_row,            \
                            int64_t last_row);                                                                        \
  /* The mean of each window. Scratch: a row of the input. */                                                         \
  template <class T>                                                                                                  \
  void avg_pool_rows(const Pooling& p, const T* in, T* out, ComputedIn<T>* scratch, int64_t first_row,                \
                     int64_t last_row);                                                                               \
  /* row_weights has one number for each row of `in`, weights one for each number in a row of it. */                  \
  template <class T>                                                                                                  \
  void avg_pool_gradient_rows(const Pooling& p, const T* in, const ComputedIn<T>* row_weights,                        \
                              const ComputedIn<T>* weights, T* out, ComputedIn<T>* scratch, int64_t first_row,        \
                              int64_t last_row);                                                                      \
  }
NAS_FOR_EACH_LEVEL(NAS_DECLARE_POOLING)
#undef NAS_DECLARE_POOLING

}  // namespace nas
