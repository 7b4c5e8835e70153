// Depthwise convolution as correlations, the form in which forward and both gradients are one loop nest.
#pragma once

#include <cstdint>

#include "levels.h"
#include "types.h"

namespace nas {

// One direction (rows or columns) of a correlation: output q reads the input at q * step + base + tap * spacing.
struct Axis {
  int taps;                     // may be 0: the outputs are then 0
  int weight, weight_step;      // index in the kernel's side of tap 0, and from tap to tap
  int64_t base, spacing, step;  // spacing and step are positive
  int64_t count;                // outputs
  int64_t out, out_step;        // where output 0 lies in the output, and from output to output

  // An input serves several outputs where outputs are `phases` apart: then taps come in `groups` of `shared`.
  int shared, groups;
  int64_t phases;
};

// The outputs of a correlation that use the same taps. A strided convolution's gradient has one for each residue.
struct Part {
  Axis y, x;
  int64_t weight_offset;  // in what correlate_planes reads of one channel
};

struct Correlation {
  int64_t channels, in_h, in_w, out_h, out_w;
  int parts;
  Part part[4];
};

// Sizes of the zero-padded copy of one plane that the NCHW kernels work on.
struct PaddedPlane {
  int64_t top, left;      // zeros before the first row and column
  int64_t rows, pitch;    // with enough zeros below for a block of rows that reaches over the end
  int64_t half;           // distance from even to odd columns, which lie apart where columns are read in steps of 2; else 0
};

constexpr int block = 8;  // outputs computed together

// Planes and rows are counted over the batch; kernels of different levels do the same.
#define NAS_DECLARE_DEPTHWISE(level)                                                                                  \
  namespace level {                                                                                                   \
  /* Weights arranged [channel][part][group of rows][column][row in group]; bias may be null. */                      \
  template <class T>                                                                                                  \
  void correlate_planes(const Correlation& c, const PaddedPlane& p, const T* in, const T* weights, const T* bias,     \
                        T* out, T* scratch, int64_t first_plane, int64_t last_plane);                                 \
  template <class T>                                                                                                  \
  void weight_gradient_planes(const Correlation& c, const PaddedPlane& p, const T* in, const T* grad, T* sums,        \
                              T* scratch, int64_t first_image, int64_t last_image, int64_t channel);                  \
  /* Channels last; weights arranged [tap][channel]. Rows are those of the output. */                                 \
  template <class T>                                                                                                  \
  void correlate_rows(const Correlation& c, int kernel_w, const T* in, const ComputedIn<T>* weights,                  \
                      const ComputedIn<T>* bias, T* out, int64_t first_row, int64_t last_row);                        \
  template <class T>                                                                                                  \
  void weight_gradient_rows(const Correlation& c, const T* in, const T* grad, ComputedIn<T>* sums, int64_t first_row, \
                            int64_t last_row);                                                                        \
  }
NAS_FOR_EACH_LEVEL(NAS_DECLARE_DEPTHWISE)
#undef NAS_DECLARE_DEPTHWISE

}  // namespace nas
