// 3x3 convolution by Winograd's F(4x4, 3x3) (Lavin and Gray 2016): a tile of 4x4 outputs takes 36 products where a direct
// one takes 144. A patch of 6x6 inputs and the weights go through linear transforms, one product of matrices for each of
// the 36 places follows, and another transform gives the outputs. In float the result is off by some millionths of its
// greatest number, ten times what a direct convolution is.
#pragma once

#include <cstdint>

#include "levels.h"

namespace nas {

constexpr int winograd_tile = 4;    // outputs on a side
constexpr int winograd_patch = 6;   // inputs on a side of what a tile reads
constexpr int winograd_places = 36;

// How tiles lie in images of which channels come last, of an output of height x width.
struct Tiles {
  int64_t in_height, in_width, height, width;
  int64_t pad_y, pad_x;  // zeros before the first row and column

  int64_t down() const { return (height + winograd_tile - 1) / winograd_tile; }
  int64_t across() const { return (width + winograd_tile - 1) / winograd_tile; }
  int64_t of_image() const { return down() * across(); }
};

// Tiles are counted over the batch. What is transformed lies as [place][tile][channel], `step` numbers from place to place.
#define NAS_DECLARE_WINOGRAD(level)                                                                                    \
  namespace level {                                                                                                    \
  /* Of the patches that tiles read. `zeros` are as many as there are channels. */                                     \
  template <class T>                                                                                                   \
  void transform_patches(const Tiles& tiles, const T* images, const T* zeros, int64_t channels, int64_t first,         \
                         int64_t last, T* to, int64_t step);                                                           \
  /* To outputs; bias may be null. */                                                                                  \
  template <class T>                                                                                                   \
  void transform_products(const Tiles& tiles, const T* from, int64_t step, const T* bias, int64_t channels,            \
                          int64_t first, int64_t last, T* output);                                                     \
  /* The transpose of that: from the gradient of outputs to that of the products. */                                   \
  template <class T>                                                                                                   \
  void transform_gradients(const Tiles& tiles, const T* gradient, int64_t channels, int64_t first, int64_t last,       \
                           T* to, int64_t step);                                                                       \
  /* Weights [outputs][3][3][inputs] to [place][outputs][inputs], after half a turn if so asked; and the transpose of */ \
  /* that without a turn. */                                                                                           \
  template <class T>                                                                                                   \
  void transform_weights(const T* weights, bool turned, int64_t outputs, int64_t inputs, T* to);                       \
  template <class T>                                                                                                   \
  void transform_weight_gradients(const T* from, int64_t outputs, int64_t inputs, T* gradients);                       \
  }
NAS_FOR_EACH_LEVEL(NAS_DECLARE_WINOGRAD)
#undef NAS_DECLARE_WINOGRAD

}  // namespace nas
