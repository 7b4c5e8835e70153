// Products on tiles whose sums stay in registers.
#include "product.h"

#include "simd.h"

namespace nas::NAS_LEVEL {
namespace {

// A packed matrix is cut into panels of neighbouring columns, each of which lies row by row: as wide as two vectors, or as
// the greatest one that the columns left over fill.
#if defined(__AVX512F__)
constexpr int tile_rows = 8;
#else
constexpr int tile_rows = 6;
#endif
constexpr Size fewest_rows = 32;        // of a block of rows
constexpr Size numbers_at_hand = 4096;  // that a block of rows may have: half of what the nearest cache holds

template <int N>
struct Count {
  static constexpr int value = N;
};

// Calls act with `count` as a constant, at most MOST.
template <int MOST, class F>
NAS_INLINE void with_count(Size count, F&& act) {
  if (count >= MOST) return act(Count<MOST>());
  if constexpr (MOST > 1) with_count<MOST - 1>(count, act);
}

// Calls act(vector type, how many as a constant, first column) for each panel.
template <class T, class F>
NAS_INLINE void in_panels(Size width, F&& act) {
  using S = Simd<T, widest>;
  Size at = 0;
  for (; at + 2 * S::lanes <= width; at += 2 * S::lanes) act(S(), Count<2>(), at);
  in_vectors<T>(width, [&](auto simd, Size column) NAS_LAMBDA { act(simd, Count<1>(), column); }, at);
}

// Calls act(first, count) for blocks of rows of `width` numbers each.
template <class F>
NAS_INLINE void in_blocks(Size rows, Size width, F&& act) {
  const Size fitting = numbers_at_hand / width / tile_rows * tile_rows, block = fitting > fewest_rows ? fitting : fewest_rows;
  for (Size first = 0; first < rows; first += block) act(first, first + block <= rows ? block : rows - first);
}

// ROWS rows of a product, of one panel's columns. Of each sum the terms come in order, so that it does not depend on how
// rows are cut into tiles.
template <class S, int ROWS, int VECTORS, class T>
NAS_INLINE void multiply_tile(Rows<const T> from, const T* packed, Size depth, const T* bias, bool adds, Rows<T> to) {
  typename S::V sum[ROWS][VECTORS] = {};
  for (Size k = 0; k < depth; k++, packed += VECTORS * S::lanes) {
    typename S::V factors[VECTORS];
    for (int v = 0; v < VECTORS; v++) factors[v] = S::load(packed + v * S::lanes);
#pragma GCC unroll 8
    for (int row = 0; row < ROWS; row++) {
      const typename S::V factor = S::fill(from.at[row * from.stride + k]);
      for (int v = 0; v < VECTORS; v++) sum[row][v] += factor * factors[v];
    }
  }
#pragma GCC unroll 8
  for (int row = 0; row < ROWS; row++)
    for (int v = 0; v < VECTORS; v++) {
      T* place = to.at + row * to.stride + v * S::lanes;
      if (bias) sum[row][v] += S::load(bias + v * S::lanes);
      if (adds) sum[row][v] += S::load(place);
      S::store(place, sum[row][v]);
    }
}

// The sums of `rows` rows of products, of I columns of the left rows and VECTORS vectors of the right ones.
template <class S, int I, int VECTORS, class T>
NAS_INLINE void add_tile(Rows<const T> left, Rows<const T> right, Rows<T> sums, Size rows) {
  typename S::V sum[I][VECTORS];
#pragma GCC unroll 8
  for (int i = 0; i < I; i++)
    for (int v = 0; v < VECTORS; v++) sum[i][v] = S::load(sums.at + i * sums.stride + v * S::lanes);
  for (Size row = 0; row < rows; row++, left.at += left.stride, right.at += right.stride) {
    typename S::V factors[VECTORS];
    for (int v = 0; v < VECTORS; v++) factors[v] = S::load(right.at + v * S::lanes);
#pragma GCC unroll 8
    for (int i = 0; i < I; i++) {
      const typename S::V factor = S::fill(left.at[i]);
      for (int v = 0; v < VECTORS; v++) sum[i][v] += factor * factors[v];
    }
  }
#pragma GCC unroll 8
  for (int i = 0; i < I; i++)
    for (int v = 0; v < VECTORS; v++) S::store(sums.at + i * sums.stride + v * S::lanes, sum[i][v]);
}

}  // namespace

template <class T>
void pack(const T* matrix, Size step, Size next, Size depth, Size width, T* packed) {
  in_panels<T>(width, [&](auto simd, auto vectors, Size at) NAS_LAMBDA {
    constexpr Size panel = vectors.value * decltype(simd)::lanes;
    for (Size k = 0; k < depth; k++)
      for (Size j = 0; j < panel; j++) *packed++ = matrix[k * step + (at + j) * next];
  });
}

template <class T>
void multiply_matrix(Rows<const T> from, const T* packed, const T* bias, bool adds, Rows<T> to, Size rows, Size depth,
                     Size width) {
  in_blocks(rows, depth, [&](Size first, Size count) NAS_LAMBDA {
    in_panels<T>(width, [&](auto simd, auto vectors, Size at) NAS_LAMBDA {
      for (Size row = first; row < first + count; row += tile_rows)
        with_count<tile_rows>(first + count - row, [&](auto some) NAS_LAMBDA {
          multiply_tile<decltype(simd), some.value, vectors.value, T>(
              {from.at + row * from.stride, from.stride}, packed + at * depth, depth, bias ? bias + at : nullptr, adds,
              {to.at + row * to.stride + at, to.stride});
        });
    });
  });
}

template <class T>
void add_products_of_rows(Rows<const T> left, Rows<const T> right, Rows<T> sums, Size rows, Size height, Size width) {
  in_blocks(rows, height + width, [&](Size first, Size count) NAS_LAMBDA {
    for (Size i = 0; i < height; i += tile_rows)
      with_count<tile_rows>(height - i, [&](auto some) NAS_LAMBDA {
        in_panels<T>(width, [&](auto simd, auto vectors, Size j) NAS_LAMBDA {
          add_tile<decltype(simd), some.value, vectors.value, T>(
              {left.at + first * left.stride + i, left.stride}, {right.at + first * right.stride + j, right.stride},
              {sums.at + i * sums.stride + j, sums.stride}, count);
        });
      });
  });
}

#define NAS_INSTANTIATE(T)                                                                                             \
  template void pack<T>(const T*, Size, Size, Size, Size, T*);                                                         \
  template void multiply_matrix<T>(Rows<const T>, const T*, const T*, bool, Rows<T>, Size, Size, Size);                \
  template void add_products_of_rows<T>(Rows<const T>, Rows<const T>, Rows<T>, Size, Size, Size);
NAS_INSTANTIATE(float)
#ifdef NAS_PORTABLE
NAS_INSTANTIATE(double)
#endif
#undef NAS_INSTANTIATE

}  // namespace nas::NAS_LEVEL
