// Depthwise correlation of images whose channels lie together: lanes are channels, so any stride, dilation and width
// runs at full vectors and nothing is copied.
#include "depthwise.h"
#include "simd.h"

namespace nas::NAS_LEVEL {
namespace {

// The rows of taps whose inputs exist for output row q: [first, last).
struct Range {
  int first, last;
};
Range rows_inside(const Axis& axis, Size q, Size size) {
  const Size at = q * axis.step + axis.base;
  Range range{0, axis.taps};
  while (range.first < range.last && at + range.first * axis.spacing < 0) range.first++;
  while (range.last > range.first && at + (range.last - 1) * axis.spacing >= size) range.last--;
  return range;
}

// Up to COLUMNS outputs of a row, a phase apart, of one vector of channels. An input that was loaded serves KW taps.
template <class S, int KW, int COLUMNS, class T>
NAS_INLINE void correlate_columns(const Correlation& c, const Part& part, Range rows, const T* in, const T* weights,
                                  int kernel_w, typename S::V start, T* out, Size first, Size count) {
  using V = typename S::V;
  const Axis& x = part.x;
  const Size channels = c.channels;
  const Size apart = x.phases * x.step;
  const Size left = first * x.step + x.base;
  V sum[COLUMNS];
  for (int j = 0; j < COLUMNS; j++) sum[j] = start;
  for (int ky = rows.first; ky < rows.last; ky++) {
    const T* row = in + ky * part.y.spacing * c.in_w * channels;
    const T* weight_row = weights + ((part.y.weight + ky * part.y.weight_step) * kernel_w + x.weight) * channels;
    for (int g = 0; g < x.groups; g++) {
      V weight[KW];
      for (int k = 0; k < KW; k++) weight[k] = S::load(weight_row + (g + k) * x.weight_step * channels);
      const Size at = left + g * x.spacing;
#pragma GCC unroll 16
      for (int u = 0; u < COLUMNS + KW - 1; u++) {
        if (at + u * apart < 0 || at + u * apart >= c.in_w) continue;
        const V v = S::load(row + (at + u * apart) * channels);
#pragma GCC unroll 8
        for (int k = 0; k < KW; k++)
          if (u - k >= 0 && u - k < COLUMNS) sum[u - k] += weight[k] * v;
      }
    }
  }
  T* to = out + (x.out + first * x.out_step) * channels;
  for (int j = 0; j < COLUMNS; j++)
    if (j < count) S::store(to + j * x.phases * x.out_step * channels, sum[j]);
}

// What up to COLUMNS outputs of a row, a phase apart, add to the gradients of the weights of one vector of channels.
template <class S, int KW, int COLUMNS, class T>
NAS_INLINE void weight_gradient_columns(const Correlation& c, const Part& part, Range rows, const T* in, const T* grad,
                                        T* sums, Size first, Size count) {
  using V = typename S::V;
  const Axis& x = part.x;
  const Size channels = c.channels;
  const Size apart = x.phases * x.step;
  const Size left = first * x.step + x.base;
  V gradient[COLUMNS];
  for (int j = 0; j < COLUMNS; j++)
    gradient[j] = j < count ? S::load(grad + (first + j * x.phases) * channels) : V{};
  for (int ky = rows.first; ky < rows.last; ky++) {
    const T* row = in + ky * part.y.spacing * c.in_w * channels;
    for (int g = 0; g < x.groups; g++) {
      T* to = sums + (ky * x.taps + g) * channels;
      V sum[KW];
      for (int k = 0; k < KW; k++) sum[k] = S::load(to + k * channels);
      const Size at = left + g * x.spacing;
#pragma GCC unroll 16
      for (int u = 0; u < COLUMNS + KW - 1; u++) {
        if (at + u * apart < 0 || at + u * apart >= c.in_w) continue;
        const V v = S::load(row + (at + u * apart) * channels);
#pragma GCC unroll 8
        for (int k = 0; k < KW; k++)
          if (u - k >= 0 && u - k < COLUMNS) sum[k] += gradient[u - k] * v;
      }
      for (int k = 0; k < KW; k++) S::store(to + k * channels, sum[k]);
    }
  }
}

// Calls act(width of the block, first output, outputs) for the blocks of a row.
template <class F>
NAS_INLINE void in_blocks(const Axis& x, F&& act) {
  for (Size phase = 0; phase < x.phases && phase < x.count; phase++)
    for (Size first = phase; first < x.count; first += block * x.phases) {
      const Size left = (x.count - first + x.phases - 1) / x.phases;
      if (left > block / 2)
        act(Taps<block>(), first, left);
      else
        act(Taps<block / 2>(), first, left);
    }
}

}  // namespace

template <class T>
void correlate_rows(const Correlation& c, int kernel_w, const T* in, const T* weights, const T* bias, T* out,
                    Size first_row, Size last_row) {
  const Size in_row = c.in_w * c.channels;
  for (Size at = first_row; at < last_row; at++) {
    const Size image = at / c.out_h, out_row = at % c.out_h;
    T* to = out + at * c.out_w * c.channels;
    for (int i = 0; i < c.parts; i++) {
      const Part& part = c.part[i];
      const Size q = (out_row - part.y.out) / part.y.out_step;
      if (out_row < part.y.out || part.y.out + q * part.y.out_step != out_row) continue;
      const Range rows = rows_inside(part.y, q, c.in_h);
      const T* from = in + (image * c.in_h + q * part.y.step + part.y.base) * in_row;
      with_taps(part.x.shared, [&](auto taps) {
        in_vectors<T>(c.channels, [&](auto simd, Size channel) {
          using S = decltype(simd);
          const auto start = bias ? S::load(bias + channel) : typename S::V{};
          in_blocks(part.x, [&](auto columns, Size first, Size count) {
            correlate_columns<S, taps.count, columns.count>(c, part, rows, from + channel, weights + channel, kernel_w,
                                                            start, to + channel, first, count);
          });
        });
      });
    }
  }
}

template <class T>
void weight_gradient_rows(const Correlation& c, const T* in, const T* grad, T* sums, Size first_row, Size last_row) {
  const Part& part = c.part[0];
  const Size in_row = c.in_w * c.channels;
  for (Size i = 0; i < part.y.taps * part.x.taps * c.channels; i++) sums[i] = 0;
  with_taps(part.x.shared, [&](auto taps) {
    for (Size at = first_row; at < last_row; at++) {
      const Size image = at / c.out_h, row = at % c.out_h;
      const Range rows = rows_inside(part.y, row, c.in_h);
      const T* from = in + (image * c.in_h + row * part.y.step + part.y.base) * in_row;
      const T* g = grad + at * c.out_w * c.channels;
      in_vectors<T>(c.channels, [&](auto simd, Size channel) {
        in_blocks(part.x, [&](auto columns, Size first, Size count) {
          weight_gradient_columns<decltype(simd), taps.count, columns.count>(c, part, rows, from + channel, g + channel,
                                                                             sums + channel, first, count);
        });
      });
    }
  });
}

template void correlate_rows(const Correlation&, int, const float*, const float*, const float*, float*, Size, Size);
template void weight_gradient_rows(const Correlation&, const float*, const float*, float*, Size, Size);
#ifdef NAS_PORTABLE
template void correlate_rows(const Correlation&, int, const double*, const double*, const double*, double*, Size, Size);
template void weight_gradient_rows(const Correlation&, const double*, const double*, double*, Size, Size);
#endif

}  // namespace nas::NAS_LEVEL
