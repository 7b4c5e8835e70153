// Depthwise correlation of images whose channels lie together: lanes are channels, so any stride, dilation and width
// runs at full vectors and nothing is copied.
#include "depthwise.h"
#include "simd.h"

namespace nas::NAS_LEVEL {
namespace {

// How a row is walked: from input to input, `next` numbers apart, where outputs are STEP inputs apart; in groups of taps.
struct Walk {
  Size apart, next;
  int groups;
};
template <int STEP>
NAS_INLINE Walk walk(const Axis& x, Size channels) {
  const Size apart = STEP == 1 ? x.phases * x.step : x.spacing;
  return {apart, apart * channels, STEP == 1 ? x.groups : 1};
}

// Up to COLUMNS outputs of a row, a phase apart, of one vector of channels. An input that was loaded serves all of KW taps
// that it has a part in.
template <class S, int KW, int STEP, int COLUMNS, class T, class C>
NAS_INLINE void correlate_columns(const Correlation& c, const Part& part, Range rows, const T* in, const C* weights,
                                  int kernel_w, typename S::V start, T* out, Size first, Size count) {
  using V = typename S::V;
  constexpr int inputs = STEP * (COLUMNS - 1) + KW;
  const Axis& x = part.x;
  const Size channels = c.channels;
  const Walk w = walk<STEP>(x, channels);
  const Size row = part.y.spacing * c.in_w * channels;
  const Size weight_next = x.weight_step * channels, weight_row = part.y.weight_step * kernel_w * channels;
  V sum[COLUMNS];
  for (int j = 0; j < COLUMNS; j++) sum[j] = start;
  for (int g = 0; g < w.groups; g++) {
    const Size at = first * x.step + x.base + g * x.spacing;
    const Range columns = inside(at, w.apart, inputs, c.in_w);
    const T* from_row = in + rows.first * row + at * channels;
    const C* tap = weights + rows.first * weight_row + (part.y.weight * kernel_w + x.weight) * channels + g * weight_next;
    for (int ky = rows.first; ky < rows.last; ky++, from_row += row, tap += weight_row) {
      V weight[KW];
      for (int k = 0; k < KW; k++) weight[k] = S::Computed::load(tap + k * weight_next);
      const T* from = from_row;
#pragma GCC unroll 24
      for (int u = 0; u < inputs; u++, from = after(from, w.next)) {
        if (u < columns.first || u >= columns.last) continue;
        const V v = S::load(from);
#pragma GCC unroll 8
        for (int k = 0; k < KW; k++)
          if (u >= k && (u - k) % STEP == 0 && u - k < STEP * COLUMNS) sum[(u - k) / STEP] += weight[k] * v;
      }
    }
  }
  T* to = out + (x.out + first * x.out_step) * channels;
  const Size out_next = x.phases * x.out_step * channels;
  for (int j = 0; j < COLUMNS; j++, to = after(to, out_next))
    if (j < count) S::store(to, sum[j]);
}

// What up to COLUMNS outputs of a row, a phase apart, add to the gradients of the weights of one vector of channels.
template <class S, int KW, int STEP, int COLUMNS, class T, class C>
NAS_INLINE void weight_gradient_columns(const Correlation& c, const Part& part, Range rows, const T* in, const T* grad,
                                        C* sums, Size first, Size count) {
  using V = typename S::V;
  constexpr int inputs = STEP * (COLUMNS - 1) + KW;
  constexpr int chains = KW == 1 ? 4 : KW <= 3 ? 2 : 1;  // enough independent sums to hide the latency of an addition
  const Axis& x = part.x;
  const Size channels = c.channels;
  const Walk w = walk<STEP>(x, channels);
  const Size row = part.y.spacing * c.in_w * channels;
  V gradient[COLUMNS];
  const T* g_at = grad + first * channels;
  const Size grad_next = x.phases * channels;
  for (int j = 0; j < COLUMNS; j++, g_at = after(g_at, grad_next)) gradient[j] = j < count ? S::load(g_at) : V{};
  for (int g = 0; g < w.groups; g++) {
    const Size at = first * x.step + x.base + g * x.spacing;
    const Range columns = inside(at, w.apart, inputs, c.in_w);
    const T* from_row = in + rows.first * row + at * channels;
    C* to = sums + (rows.first * x.taps + g) * channels;
    for (int ky = rows.first; ky < rows.last; ky++, from_row += row, to += x.taps * channels) {
      V sum[chains][KW] = {};
      for (int k = 0; k < KW; k++) sum[0][k] = S::Computed::load(to + k * channels);
      const T* from = from_row;
#pragma GCC unroll 24
      for (int u = 0; u < inputs; u++, from = after(from, w.next)) {
        if (u < columns.first || u >= columns.last) continue;
        const V v = S::load(from);
#pragma GCC unroll 8
        for (int k = 0; k < KW; k++)
          if (u >= k && (u - k) % STEP == 0 && u - k < STEP * COLUMNS)
            sum[(u - k) / STEP % chains][k] += gradient[(u - k) / STEP] * v;
      }
      for (int k = 0; k < KW; k++) {
        for (int i = 1; i < chains; i++) sum[0][k] += sum[i][k];
        S::Computed::store(to + k * channels, sum[0][k]);
      }
    }
  }
}

// Calls act(taps that share a load, inputs from output to output).
template <class F>
NAS_INLINE void with_sharing(const Axis& x, F&& act) {
  if (x.step == 2 && x.spacing == 1 && x.taps == 3) return act(Taps<3>(), Taps<2>());
  if (x.step == 2 && x.spacing == 1 && x.taps == 5) return act(Taps<5>(), Taps<2>());
  with_taps(x.shared, [&](auto taps) NAS_LAMBDA { act(taps, Taps<1>()); });
}

// Calls act(width of the block, first output, outputs) for the blocks of a row. Vectors that are not the widest are for few
// channels: for them there is one width, which keeps the code small.
template <class S, class F>
NAS_INLINE void in_blocks(const Axis& x, F&& act) {
  for (Size phase = 0; phase < x.phases && phase < x.count; phase++)
    for (Size first = phase; first < x.count;) {
      const Size left = (x.count - first + x.phases - 1) / x.phases;
      const bool wide = S::bytes == widest && left > block / 2;
      if constexpr (S::bytes == widest) {
        if (wide) act(Taps<block>(), first, left);
      }
      if (!wide) act(Taps<block / 2>(), first, left);
      first += (wide ? block : block / 2) * x.phases;
    }
}

}  // namespace

template <class T>
void correlate_rows(const Correlation& c, int kernel_w, const T* in, const ComputedIn<T>* weights,
                    const ComputedIn<T>* bias, T* out, Size first_row, Size last_row) {
  const Size in_row = c.in_w * c.channels;
  for (Size at = first_row; at < last_row; at++) {
    const Size image = at / c.out_h, out_row = at % c.out_h;
    T* to = out + at * c.out_w * c.channels;
    for (int i = 0; i < c.parts; i++) {
      const Part& part = c.part[i];
      const Size q = (out_row - part.y.out) / part.y.out_step;
      if (out_row < part.y.out || part.y.out + q * part.y.out_step != out_row) continue;
      const Size top = q * part.y.step + part.y.base;
      const Range rows = inside(top, part.y.spacing, part.y.taps, c.in_h);
      const T* from = in + (image * c.in_h + top) * in_row;
      with_sharing(part.x, [&](auto taps, auto step) {
        in_overlapping_vectors<T>(c.channels, [&](auto simd, Size channel) {
          using S = decltype(simd);
          const auto start = bias ? S::Computed::load(bias + channel) : typename S::V{};
          in_blocks<S>(part.x, [&](auto columns, Size first, Size count) NAS_LAMBDA {
            correlate_columns<S, taps.count, step.count, columns.count>(c, part, rows, from + channel, weights + channel, kernel_w,
                                                            start, to + channel, first, count);
          });
        });
      });
    }
  }
}

template <class T>
void weight_gradient_rows(const Correlation& c, const T* in, const T* grad, ComputedIn<T>* sums, Size first_row,
                          Size last_row) {
  const Part& part = c.part[0];
  const Size in_row = c.in_w * c.channels;
  for (Size i = 0; i < part.y.taps * part.x.taps * c.channels; i++) sums[i] = 0;
  with_sharing(part.x, [&](auto taps, auto step) {
    for (Size at = first_row; at < last_row; at++) {
      const Size image = at / c.out_h, row = at % c.out_h;
      const Size top = row * part.y.step + part.y.base;
      const Range rows = inside(top, part.y.spacing, part.y.taps, c.in_h);
      const T* from = in + (image * c.in_h + top) * in_row;
      const T* g = grad + at * c.out_w * c.channels;
      in_vectors<T>(c.channels, [&](auto simd, Size channel) {
        in_blocks<decltype(simd)>(part.x, [&](auto columns, Size first, Size count) NAS_LAMBDA {
          weight_gradient_columns<decltype(simd), taps.count, step.count, columns.count>(
              c, part, rows, from + channel, g + channel, sums + channel, first, count);
        });
      });
    }
  });
}

#define NAS_INSTANTIATE(T)                                                                                            \
  template void correlate_rows(const Correlation&, int, const T*, const ComputedIn<T>*, const ComputedIn<T>*, T*,     \
                               Size, Size);                                                                           \
  template void weight_gradient_rows(const Correlation&, const T*, const T*, ComputedIn<T>*, Size, Size);
NAS_INSTANTIATE(float)
NAS_INSTANTIATE(bfloat)
#ifdef NAS_PORTABLE
NAS_INSTANTIATE(double)
#endif
#undef NAS_INSTANTIATE

}  // namespace nas::NAS_LEVEL
