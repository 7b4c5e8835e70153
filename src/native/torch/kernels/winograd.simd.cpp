// The transforms of Winograd's F(4x4, 3x3), with the points 0, 1, -1, 2, -2, in vectors of neighbouring channels.
#include "winograd.h"

#include "simd.h"

namespace nas::NAS_LEVEL {
namespace {

constexpr int tile = winograd_tile, patch = winograd_patch, kernel = 3;

// One dimension of each transform.

struct OfPatch {
  template <class V>
  static NAS_INLINE void apply(const V (&d)[patch], V (&to)[patch]) {
    const V even = d[4] - 4 * d[2], odd = d[3] - 4 * d[1], near = d[4] - d[2], far = 2 * (d[3] - d[1]);
    to[0] = 4 * d[0] - 5 * d[2] + d[4];
    to[1] = even + odd;
    to[2] = even - odd;
    to[3] = near + far;
    to[4] = near - far;
    to[5] = 4 * d[1] - 5 * d[3] + d[5];
  }
};
// Of products, outputs.
struct OfProducts {
  template <class V>
  static NAS_INLINE void apply(const V (&m)[patch], V (&to)[tile]) {
    const V near = m[1] + m[2], near_odd = m[1] - m[2], far = m[3] + m[4], far_odd = m[3] - m[4];
    to[0] = m[0] + near + far;
    to[1] = near_odd + 2 * far_odd;
    to[2] = near + 4 * far;
    to[3] = near_odd + 8 * far_odd + m[5];
  }
};
struct OfGradients {
  template <class V>
  static NAS_INLINE void apply(const V (&y)[tile], V (&to)[patch]) {
    const V near = y[0] + y[2], near_odd = y[1] + y[3], far = y[0] + 4 * y[2], far_odd = 2 * y[1] + 8 * y[3];
    to[0] = y[0];
    to[1] = near + near_odd;
    to[2] = near - near_odd;
    to[3] = far + far_odd;
    to[4] = far - far_odd;
    to[5] = y[3];
  }
};
struct OfWeights {
  template <class V>
  static NAS_INLINE void apply(const V (&g)[kernel], V (&to)[patch]) {
    const V near = (g[0] + g[2]) / 6, near_odd = g[1] / 6, far = g[0] / 24 + g[2] / 6, far_odd = g[1] / 12;
    to[0] = g[0] / 4;
    to[1] = -near - near_odd;
    to[2] = near_odd - near;
    to[3] = far + far_odd;
    to[4] = far - far_odd;
    to[5] = g[2];
  }
};
struct OfWeightGradients {
  template <class V>
  static NAS_INLINE void apply(const V (&u)[patch], V (&to)[kernel]) {
    const V near = (u[1] + u[2]) / 6, near_odd = (u[2] - u[1]) / 6, far = u[3] + u[4], far_odd = (u[3] - u[4]) / 12;
    to[0] = u[0] / 4 - near + far / 24;
    to[1] = near_odd + far_odd;
    to[2] = far / 6 - near + u[5];
  }
};

// A transform in both dimensions: load(row, column) gives the numbers, store(row, column, number) takes the results.
template <class One, class V, int FROM, int TO, class L, class S>
NAS_INLINE void transform(L&& load, S&& store) {
  V half[TO][FROM];
#pragma GCC unroll 6
  for (int x = 0; x < FROM; x++) {
    V column[FROM], result[TO];
#pragma GCC unroll 6
    for (int y = 0; y < FROM; y++) column[y] = load(y, x);
    One::apply(column, result);
#pragma GCC unroll 6
    for (int y = 0; y < TO; y++) half[y][x] = result[y];
  }
#pragma GCC unroll 6
  for (int y = 0; y < TO; y++) {
    V result[TO];
    One::apply(half[y], result);
#pragma GCC unroll 6
    for (int x = 0; x < TO; x++) store(y, x, result[x]);
  }
}

// Where a tile lies: calls act(number of the tile, image, row and column of its first output).
template <class F>
NAS_INLINE void for_each_tile(const Tiles& tiles, Size first, Size last, F&& act) {
  const Size across = tiles.across();
  Size image = first / tiles.of_image(), y = first % tiles.of_image() / across, x = first % across;
  for (Size at = first; at < last; at++) {
    act(at - first, image, tile * y, tile * x);
    if (++x < across) continue;
    x = 0;
    if (++y < tiles.down()) continue;
    y = 0;
    image++;
  }
}

// Calls act with what says whether the output (row, column) of a tile exists: for most tiles, all do.
template <class F>
NAS_INLINE void with_existing(const Tiles& tiles, Size y, Size x, F&& act) {
  const Size rows = tiles.height - y, columns = tiles.width - x;
  if (rows >= tile && columns >= tile) return act([](int, int) NAS_LAMBDA { return true; });
  act([=](int i, int j) NAS_LAMBDA { return i < rows && j < columns; });
}

// Where in a row of places (row, column) of a patch lies.
NAS_INLINE Size place(int row, int column) { return patch * row + column; }

}  // namespace

template <class T>
void transform_patches(const Tiles& tiles, const T* images, const T* zeros, Size channels, Size first, Size last, T* to,
                       Size step) {
  for_each_tile(tiles, first, last, [&](Size at, Size image, Size y, Size x) NAS_LAMBDA {
    const Size top = y - tiles.pad_y, left = x - tiles.pad_x;
    const T* numbers[patch][patch];
    for (int i = 0; i < patch; i++) {
      const bool exists = top + i >= 0 && top + i < tiles.in_height;
      const T* const row = images + ((image * tiles.in_height + top + i) * tiles.in_width + left) * channels;
      for (int j = 0; j < patch; j++)
        numbers[i][j] = exists && left + j >= 0 && left + j < tiles.in_width ? row + j * channels : zeros;
    }
    in_vectors<T>(channels, [&](auto simd, Size channel) NAS_LAMBDA {
      using S = decltype(simd);
      T* const result = to + at * channels + channel;
      transform<OfPatch, typename S::V, patch, patch>(
          [&](int i, int j) NAS_LAMBDA { return S::load(numbers[i][j] + channel); },
          [&](int i, int j, auto number) NAS_LAMBDA { S::store(result + place(i, j) * step, number); });
    });
  });
}

template <class T>
void transform_products(const Tiles& tiles, const T* from, Size step, const T* bias, Size channels, Size first, Size last,
                        T* output) {
  for_each_tile(tiles, first, last, [&](Size at, Size image, Size y, Size x) NAS_LAMBDA {
    T* const corner = output + ((image * tiles.height + y) * tiles.width + x) * channels;
    with_existing(tiles, y, x, [&](auto exists) NAS_LAMBDA {
      in_vectors<T>(channels, [&](auto simd, Size channel) NAS_LAMBDA {
        using S = decltype(simd);
        const typename S::V shift = bias ? S::load(bias + channel) : typename S::V{};
        const T* const products = from + at * channels + channel;
        transform<OfProducts, typename S::V, patch, tile>(
            [&](int i, int j) NAS_LAMBDA { return S::load(products + place(i, j) * step); },
            [&](int i, int j, auto number) NAS_LAMBDA {
              if (exists(i, j)) S::store(corner + (i * tiles.width + j) * channels + channel, number + shift);
            });
      });
    });
  });
}

template <class T>
void transform_gradients(const Tiles& tiles, const T* gradient, Size channels, Size first, Size last, T* to, Size step) {
  for_each_tile(tiles, first, last, [&](Size at, Size image, Size y, Size x) NAS_LAMBDA {
    const T* const corner = gradient + ((image * tiles.height + y) * tiles.width + x) * channels;
    with_existing(tiles, y, x, [&](auto exists) NAS_LAMBDA {
      in_vectors<T>(channels, [&](auto simd, Size channel) NAS_LAMBDA {
        using S = decltype(simd);
        T* const result = to + at * channels + channel;
        transform<OfGradients, typename S::V, tile, patch>(
            [&](int i, int j) NAS_LAMBDA {
              return exists(i, j) ? S::load(corner + (i * tiles.width + j) * channels + channel) : typename S::V{};
            },
            [&](int i, int j, auto number) NAS_LAMBDA { S::store(result + place(i, j) * step, number); });
      });
    });
  });
}

template <class T>
void transform_weights(const T* weights, bool turned, Size outputs, Size inputs, T* to) {
  for (Size output = 0; output < outputs; output++)
    in_vectors<T>(inputs, [&](auto simd, Size input) NAS_LAMBDA {
      using S = decltype(simd);
      transform<OfWeights, typename S::V, kernel, patch>(
          [&](int i, int j) NAS_LAMBDA {
            const Size tap = kernel * i + j;
            return S::load(weights + (output * kernel * kernel + (turned ? kernel * kernel - 1 - tap : tap)) * inputs + input);
          },
          [&](int i, int j, auto number) NAS_LAMBDA { S::store(to + (place(i, j) * outputs + output) * inputs + input, number); });
    });
}

template <class T>
void transform_weight_gradients(const T* from, Size outputs, Size inputs, T* gradients) {
  for (Size output = 0; output < outputs; output++)
    in_vectors<T>(inputs, [&](auto simd, Size input) NAS_LAMBDA {
      using S = decltype(simd);
      transform<OfWeightGradients, typename S::V, patch, kernel>(
          [&](int i, int j) NAS_LAMBDA { return S::load(from + (place(i, j) * outputs + output) * inputs + input); },
          [&](int i, int j, auto number) NAS_LAMBDA {
            S::store(gradients + ((output * kernel + i) * kernel + j) * inputs + input, number);
          });
    });
}

#define NAS_INSTANTIATE(T)                                                                                             \
  template void transform_patches<T>(const Tiles&, const T*, const T*, Size, Size, Size, T*, Size);                    \
  template void transform_products<T>(const Tiles&, const T*, Size, const T*, Size, Size, Size, T*);                   \
  template void transform_gradients<T>(const Tiles&, const T*, Size, Size, Size, T*, Size);                            \
  template void transform_weights<T>(const T*, bool, Size, Size, T*);                                                  \
  template void transform_weight_gradients<T>(const T*, Size, Size, T*);
NAS_INSTANTIATE(float)
#ifdef NAS_PORTABLE
NAS_INSTANTIATE(double)
#endif
#undef NAS_INSTANTIATE

}  // namespace nas::NAS_LEVEL
