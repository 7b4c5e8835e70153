// Depthwise correlation of planes. Each plane is copied into a frame of zeros, which stays in the first-level cache; a
// block of rows is then computed at once, so that a vector that was loaded serves every tap of its column.
#include "depthwise.h"
#include "simd.h"

namespace nas::NAS_LEVEL {
namespace {

// How a part walks the padded plane.
struct Walk {
  Size step_pitch;   // from one output row to the next
  Size pitch;        // from a row of a phase to the next, and from tap to tap that shares its loads
  Size group_pitch;  // from group to group
  Size first;        // output row 0, tap row 0
  Size column[max_kernel_side];
};

Walk walk(const Part& part, const PaddedPlane& p) {
  const Axis& y = part.y;
  const Axis& x = part.x;
  Walk w{y.step * p.pitch, y.phases * y.step * p.pitch, y.spacing * p.pitch, (p.top + y.base) * p.pitch, {}};
  for (int i = 0; i < x.taps; i++) {
    const Size at = p.left + x.base + i * x.spacing;
    w.column[i] = p.half ? (at & 1) * p.half + (at >> 1) : at;
  }
  return w;
}

template <class T>
void pad_plane(const Correlation& c, const PaddedPlane& p, const T* in, T* scratch) {
  for (Size y = 0; y < c.in_h; y++, in += c.in_w) {
    T* row = scratch + (p.top + y) * p.pitch;
    if (p.half == 0) {
      in_vectors<T>(c.in_w, [&](auto simd, Size x) { simd.store(row + p.left + x, simd.load(in + x)); });
      continue;
    }
    T* same = row + (p.left & 1) * p.half + p.left / 2;  // where columns 0, 2, 4, ... go
    T* other = row + (~p.left & 1) * p.half + (p.left + 1) / 2;
    for (Size x = 0; x < c.in_w / 2; x++) {
      same[x] = in[2 * x];
      other[x] = in[2 * x + 1];
    }
    if (c.in_w & 1) same[c.in_w / 2] = in[c.in_w - 1];
  }
}

template <class S, int KH, int R, class T>
NAS_INLINE void correlate_block(const Walk& w, const Part& part, const T* in, const T* weights, T bias, T* out,
                                Size out_pitch, Size rows) {
  using V = typename S::V;
  V sum[R];
  for (int r = 0; r < R; r++) sum[r] = S::fill(bias);
  for (int g = 0; g < part.y.groups; g++, in += w.group_pitch)
    for (int k = 0; k < part.x.taps; k++, weights += KH) {
      const T* from = in + w.column[k];
      V weight[KH];
      for (int i = 0; i < KH; i++) weight[i] = S::fill(weights[i]);
#pragma GCC unroll 16
      for (int r = 0; r < R + KH - 1; r++, from += w.pitch) {
        const V v = S::load(from);
#pragma GCC unroll 8
        for (int i = 0; i < KH; i++)
          if (r - i >= 0 && r - i < R) sum[r - i] += weight[i] * v;
      }
    }
  for (int r = 0; r < R; r++)
    if (r < rows) S::store(out + r * out_pitch, sum[r]);
}

template <class S, int KH, class T>
void correlate_part(const Walk& w, const Part& part, const T* in, const T* weights, T bias, T* out, Size out_pitch) {
  const Axis& y = part.y;
  const Axis& x = part.x;
  for (Size phase = 0; phase < y.phases && phase < y.count; phase++) {
    const Size count = (y.count - phase + y.phases - 1) / y.phases;
    const T* from = in + w.first + phase * w.step_pitch;
    T* to = out + phase * out_pitch;
    const Size to_pitch = y.phases * out_pitch;
    for (Size row = 0; row < count;) {
      const Size left = count - row;
      for (Size next = 0; next < x.count; next += S::lanes) {
        const Size at = next + S::lanes <= x.count ? next : x.count - S::lanes;  // the last vector may overlap the one before
        if (left > 4)
          correlate_block<S, KH, 8>(w, part, from + at, weights, bias, to + at, to_pitch, left);
        else
          correlate_block<S, KH, 4>(w, part, from + at, weights, bias, to + at, to_pitch, left);
      }
      const Size done = left > 4 ? 8 : 4;
      row += done;
      from += done * w.pitch;
      to += done * to_pitch;
    }
  }
}

template <class S, int KH, class T>
void weight_gradient_part(const Walk& w, const Part& part, const T* in, const T* grad, typename S::V* sums) {
  const Axis& y = part.y;
  const Axis& x = part.x;
  using V = typename S::V;
  using Mask = decltype(V{} < V{});
  constexpr int R = block;
  constexpr int chains = KH > 3 ? 1 : 2;  // enough independent sums to hide the latency of an addition
  Mask keep = {};  // the lanes of the last vector of a row that the vector before has not counted
  for (Size i = (S::lanes - x.count % S::lanes) % S::lanes; i < S::lanes; i++) keep[i] = -1;
  for (int g = 0; g < y.groups; g++, in += w.group_pitch)
    for (int k = 0; k < x.taps; k++, sums += KH) {
      V sum[chains][KH] = {};
      for (Size phase = 0; phase < y.phases; phase++) {
        const T* from = in + w.first + phase * w.step_pitch + w.column[k];
        for (Size row = phase; row < y.count; row += R * y.phases, from += R * w.pitch)
          for (Size next = 0; next < x.count; next += S::lanes) {
            const bool whole = next + S::lanes <= x.count;
            const Size at = whole ? next : x.count - S::lanes;
            V gradient[R];
#pragma GCC unroll 8
            for (int r = 0; r < R; r++) {
              const Size at_row = row + r * y.phases;
              if (at_row >= y.count) {
                gradient[r] = V{};
                continue;
              }
              const T* p = grad + at_row * x.count + at;
              gradient[r] = whole ? S::load(p) : (V)((Mask)S::load(p) & keep);
            }
            const T* v_at = from + at;
#pragma GCC unroll 16
            for (int r = 0; r < R + KH - 1; r++, v_at += w.pitch) {
              const V v = S::load(v_at);
#pragma GCC unroll 8
              for (int i = 0; i < KH; i++)
                if (r - i >= 0 && r - i < R) sum[(r - i) % chains][i] += gradient[r - i] * v;
            }
          }
      }
      for (int i = 0; i < KH; i++) {
        sums[i] += sum[0][i];
        if (chains > 1) sums[i] += sum[chains - 1][i];
      }
    }
}

// With the widest vector that a row fills.
template <class T, int BYTES = widest>
void run_part(const Walk& w, const Part& part, const T* in, const T* weights, T bias, T* out, Size out_pitch) {
  if constexpr (BYTES > int(sizeof(T)))
    if (part.x.count < Size(BYTES / sizeof(T)))
      return run_part<T, narrower<T>(BYTES)>(w, part, in, weights, bias, out, out_pitch);
  with_taps(part.y.shared, [&](auto taps) {
    correlate_part<Simd<T, BYTES>, taps.count>(w, part, in, weights, bias, out, out_pitch);
  });
}

// Rows of outputs that lie two apart, from the two parts that hold them.
template <class T>
void interleave(const T* even, const T* odd, T* out, Size count) {
  for (Size i = 0; i < count / 2; i++) {
    out[2 * i] = even[i];
    out[2 * i + 1] = odd[i];
  }
  if (count & 1) out[count - 1] = even[count / 2];
}

template <class T, int BYTES = widest>
void run_weight_gradient(const Correlation& c, const PaddedPlane& p, const T* in, const T* grad, T* sums, T* scratch,
                         Size first_image, Size last_image, Size channel) {
  if constexpr (BYTES > int(sizeof(T)))
    if (c.out_w < Size(BYTES / sizeof(T)))
      return run_weight_gradient<T, narrower<T>(BYTES)>(c, p, in, grad, sums, scratch, first_image, last_image, channel);
  using S = Simd<T, BYTES>;
  const Part& part = c.part[0];
  const Walk w = walk(part, p);
  typename S::V total[max_kernel_side * max_kernel_side] = {};
  for (Size image = first_image; image < last_image; image++) {
    const Size plane = image * c.channels + channel;
    pad_plane(c, p, in + plane * c.in_h * c.in_w, scratch);
    with_taps(part.y.shared, [&](auto taps) {
      weight_gradient_part<S, taps.count>(w, part, scratch, grad + plane * c.out_h * c.out_w, total);
    });
  }
  // From [group][column][row in group] to the kernel's own order.
  for (int g = 0, i = 0; g < part.y.groups; g++)
    for (int k = 0; k < part.x.taps; k++)
      for (int r = 0; r < part.y.shared; r++, i++)
        sums[(g * part.y.shared + r) * part.x.taps + k] = S::sum(total[i]);
}

}  // namespace

template <class T>
void correlate_planes(const Correlation& c, const PaddedPlane& p, const T* in, const T* weights, const T* bias, T* out,
                      T* scratch, Size first_plane, Size last_plane) {
  Walk walks[4];
  for (int i = 0; i < c.parts; i++) walks[i] = walk(c.part[i], p);
  const Size weight_count = c.part[c.parts - 1].weight_offset + c.part[c.parts - 1].y.taps * c.part[c.parts - 1].x.taps;
  T* tiles = scratch + p.rows * p.pitch;
  for (Size plane = first_plane; plane < last_plane; plane++) {
    const Size channel = plane % c.channels;
    const T* w = weights + channel * weight_count;
    T* to = out + plane * c.out_h * c.out_w;
    pad_plane(c, p, in + plane * c.in_h * c.in_w, scratch);
    for (int i = 0; i < c.parts; i++) {
      const Part& part = c.part[i];
      T* first = to + part.y.out * c.out_w;
      const Size row = part.y.out_step * c.out_w;
      if (part.x.out_step == 1) {
        run_part<T>(walks[i], part, scratch, w + part.weight_offset, bias ? bias[channel] : T(0), first, row);
        continue;
      }
      // Columns come in pairs of parts that differ in x alone.
      const Part& next = c.part[i + 1];
      T* tile = tiles;
      T* next_tile = tiles + part.y.count * part.x.count;
      run_part<T>(walks[i], part, scratch, w + part.weight_offset, T(0), tile, part.x.count);
      run_part<T>(walks[i + 1], next, scratch, w + next.weight_offset, T(0), next_tile, next.x.count);
      const bool swapped = part.x.out != 0;
      for (Size y = 0; y < part.y.count; y++) {
        const T* a = tile + y * part.x.count;
        const T* b = next_tile + y * next.x.count;
        interleave(swapped ? b : a, swapped ? a : b, first + y * row, c.out_w);
      }
      i++;
    }
  }
}

template <class T>
void weight_gradient_planes(const Correlation& c, const PaddedPlane& p, const T* in, const T* grad, T* sums,
                            T* scratch, Size first_image, Size last_image, Size channel) {
  run_weight_gradient<T>(c, p, in, grad, sums, scratch, first_image, last_image, channel);
}

template void correlate_planes(const Correlation&, const PaddedPlane&, const float*, const float*, const float*, float*, float*, Size, Size);
template void weight_gradient_planes(const Correlation&, const PaddedPlane&, const float*, const float*, float*, float*, Size, Size, Size);
#ifdef NAS_PORTABLE
template void correlate_planes(const Correlation&, const PaddedPlane&, const double*, const double*, const double*, double*, double*, Size, Size);
template void weight_gradient_planes(const Correlation&, const PaddedPlane&, const double*, const double*, double*, double*, Size, Size, Size);
#endif

}  // namespace nas::NAS_LEVEL
