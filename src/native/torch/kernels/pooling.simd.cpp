// Pooling by rows. Windows are taken apart into columns and rows: what a row of the image has within the columns of the
// windows is worked out once and serves every window that the row belongs to.
#include "pooling.h"

#include "simd.h"

namespace nas::NAS_LEVEL {
namespace {

// Calls act(number of taps as a constant, or 0 where it is read at run time).
template <bool CONSTANT = true, class F>
NAS_INLINE void with_count(int taps, F&& act) {
  if constexpr (CONSTANT) switch (taps) {
    case 1: return act(Taps<1>());
    case 2: return act(Taps<2>());
    case 3: return act(Taps<3>());
  }
  act(Taps<0>());
}

// The same of rows and columns, both constant or none.
template <bool CONSTANT, class F>
NAS_INLINE void with_counts(int rows, int columns, F&& act) {
  if (!CONSTANT || rows < 1 || rows > 3 || columns < 1 || columns > 3) return act(Taps<0>(), Taps<0>());
  if constexpr (CONSTANT)
    with_count(rows, [&](auto row_count) { with_count(columns, [&](auto column_count) { act(row_count, column_count); }); });
}

// Calls act(vector type, position in the row written, position in the row read) along a span. Where neighbours read
// neighbours the span is a flat array, and vectors run across pixels.
template <class T, class F>
NAS_INLINE void along(const Span& s, Size channels, F&& act) {
  const Size to = s.at * channels, from = s.reach.from * channels;
  if (s.step == 1 && s.from_step == 1)
    in_overlapping_vectors<T>(s.columns * channels, [&](auto simd, Size i) NAS_LAMBDA { act(simd, to + i, from + i); });
  else
    in_overlapping_vectors<T>(channels, [&](auto simd, Size channel) NAS_LAMBDA {
      for (Size k = 0; k < s.columns; k++)
        act(simd, to + k * s.step * channels + channel, from + k * s.from_step * channels + channel);
    });
}

// A row of greatest numbers and of where they were: row * kernel_w + tap.
template <class T>
struct Greatest {
  ComputedIn<T>* value;
  WholeOf<ComputedIn<T>>* place;
  bool nans;  // whether there are any
};

// The comparison of libtorch: of equals the first is the greatest, and of what is no number the last. NANS says whether
// there can be any.
template <class S, bool NANS>
NAS_INLINE typename S::Mask exceeds(typename S::V v, typename S::V best) {
  return NANS ? (v > best) | (v != v) : v > best;
}

template <class T, int BYTES = widest>
bool has_nans(const T* row, Size count) {
  using S = Simd<T, BYTES>;
  if constexpr (S::lanes > 1)
    if (count < S::lanes) return has_nans<T, narrower<T>(BYTES)>(row, count);
  typename S::Mask none = {};
  for (Size at = 0; at < count; at += S::lanes) {
    const auto v = S::load(row + (at + S::lanes <= count ? at : count - S::lanes));
    none |= v != v;
  }
  for (int i = 0; i < S::lanes; i++)
    if (none[i]) return true;
  return false;
}

template <class T, bool PLACES, bool NANS>
void greatest_of_columns(const Pooling& p, const T* in, int row, const Greatest<T>& out) {
  for (Size i = 0; i < p.span_count; i++) {
    const Span& span = p.spans[i];
    const int first = row * p.kernel_w + span.reach.tap;
    with_count<!NANS>(span.reach.taps, [&](auto count) {
      const int taps = count.count ? count.count : span.reach.taps;
      along<T>(span, p.channels, [&](auto simd, Size to, Size from) NAS_LAMBDA {
        using S = decltype(simd);
        using W = Simd<WholeOf<typename S::Scalar>, S::bytes>;
        auto best = S::load(in + from);
        auto place = W::fill(first);
        for (int k = 1; k < taps; k++) {
          const auto v = S::load(in + from + k * p.channels);
          const auto more = exceeds<S, NANS>(v, best);
          best = more ? v : best;
          if (PLACES) place = more ? W::fill(first + k) : place;
        }
        S::Computed::store(out.value + to, best);
        if (PLACES) W::store(out.place + to, place);
      });
    });
  }
}

template <class T, bool PLACES, bool NANS>
void greatest_of_rows(const Greatest<T>* rows, int row_count, int first_place, Size count, T* out, uint8_t* taps) {
  with_count<!NANS>(row_count, [&](auto constant) {
    const int n = constant.count ? constant.count : row_count;
    in_overlapping_vectors<T>(count, [&](auto simd, Size i) NAS_LAMBDA {
      using S = decltype(simd);
      using W = Simd<WholeOf<typename S::Scalar>, S::bytes>;
      auto best = S::Computed::load(rows[0].value + i);
      typename W::V place{};
      if (PLACES) place = W::load(rows[0].place + i);
      for (int k = 1; k < n; k++) {
        const auto v = S::Computed::load(rows[k].value + i);
        const auto more = exceeds<S, NANS>(v, best);
        best = more ? v : best;
        if (PLACES) place = more ? W::load(rows[k].place + i) : place;
      }
      S::store(out + i, best);
      if (PLACES) Narrow<WholeOf<typename S::Scalar>, S::lanes>::store(taps + i, place - first_place);
    });
  });
}

template <class T, bool PLACES>
void max_pool(const Pooling& p, const T* in, T* out, uint8_t* taps, ComputedIn<T>* scratch, Size first_row, Size last_row) {
  const Size in_row = p.in_w * p.channels, out_row = p.out_w * p.channels;
  Greatest<T> ring[max_kernel_side];  // of row r of an image at r % max_kernel_side
  for (int i = 0; i < max_kernel_side; i++, scratch += 2 * out_row)
    ring[i] = {scratch, reinterpret_cast<WholeOf<ComputedIn<T>>*>(scratch + out_row), false};
  Size done = 0;  // what the window needs of the rows before this one is in the ring
  for (Size at = first_row; at < last_row; at++) {
    const Size image = at / p.out_h, row = at % p.out_h;
    const Reach& reach = p.rows[row];
    if (row == 0 || at == first_row || done < reach.from) done = reach.from;
    for (; done < reach.from + reach.taps; done++) {
      const T* from = in + (image * p.in_h + done) * in_row;
      Greatest<T>& greatest = ring[done % max_kernel_side];
      greatest.nans = has_nans(from, in_row);
      if (greatest.nans)
        greatest_of_columns<T, PLACES, true>(p, from, int(done), greatest);
      else
        greatest_of_columns<T, PLACES, false>(p, from, int(done), greatest);
    }
    Greatest<T> rows[max_kernel_side] = {};
    bool nans = false;
    for (int k = 0; k < reach.taps; k++) {
      rows[k] = ring[(reach.from + k) % max_kernel_side];
      nans |= rows[k].nans;
    }
    const int first_place = (int(reach.from) - reach.tap) * p.kernel_w;
    if (nans)
      greatest_of_rows<T, PLACES, true>(rows, reach.taps, first_place, out_row, out + at * out_row, taps + at * out_row);
    else
      greatest_of_rows<T, PLACES, false>(rows, reach.taps, first_place, out_row, out + at * out_row, taps + at * out_row);
  }
}

// Adds up, of what each place of the result reads, those whose tap is the one that leads there.
template <class T, bool GATHER>
void sum_chosen(const Pooling& p, const T* in, const uint8_t* taps, T* out, Size first_row, Size last_row) {
  const Size in_row = p.in_w * p.channels, out_row = p.out_w * p.channels;
  for (Size at = first_row; at < last_row; at++) {
    const Size image = at / p.out_h;
    const Reach& rows = p.rows[at % p.out_h];
    const T* in_rows = in + (image * p.in_h + rows.from) * in_row;
    const uint8_t* tap_rows = taps + (GATHER ? at * out_row : (image * p.in_h + rows.from) * in_row);
    T* to_row = out + at * out_row;
    for (Size i = 0; i < p.span_count; i++) {
      const Span& span = p.spans[i];
      with_counts<!GATHER>(rows.taps, span.reach.taps, [&](auto row_count, auto column_count) {
        const int height = row_count.count ? row_count.count : rows.taps;
        const int width = column_count.count ? column_count.count : span.reach.taps;
        along<T>(span, p.channels, [&](auto simd, Size to, Size from) NAS_LAMBDA {
          using S = decltype(simd);
          using I = WholeOf<typename S::Scalar>;
          using W = Simd<I, S::bytes>;
          typename S::V sum{};
          typename W::V chosen{};
          if (GATHER) chosen = Narrow<I, S::lanes>::load(tap_rows + to);
          for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++) {
              const Size place = y * in_row + x * p.channels + from;
              const int tap = (rows.tap + y * p.row_tap_step) * p.kernel_w + span.reach.tap + x * p.tap_step;
              if (!GATHER) chosen = Narrow<I, S::lanes>::load(tap_rows + place);
              sum += S::where(chosen == W::fill(tap), S::load(in_rows + place));
            }
          S::store(to_row + to, sum);
        });
      });
    }
  }
}

// The gradients of up to COLUMNS neighbouring columns of one vector of channels, where windows are neighbours, too: what
// was loaded serves all of them.
template <class S, int KW, int COLUMNS, class T>
NAS_INLINE void gradient_of_columns(const Pooling& p, const Reach& rows, const T* in, const uint8_t* taps, T* out, Size first) {
  using I = WholeOf<typename S::Scalar>;
  using W = Simd<I, S::bytes>;
  const Size left = first + p.left, row = p.in_w * p.channels;
  const Range columns = inside(left, 1, COLUMNS + KW - 1, p.in_w);
  const T* from_row = in + left * p.channels;
  const uint8_t* tap_row = taps + left * p.channels;
  typename S::V sum[COLUMNS] = {};
  for (int y = 0; y < rows.taps; y++, from_row += row, tap_row += row) {
    typename W::V wanted[KW];
    for (int k = 0; k < KW; k++) wanted[k] = W::fill((rows.tap - y) * KW + k);
    const T* from = from_row;
    const uint8_t* tap_at = tap_row;
#pragma GCC unroll 16
    for (int u = 0; u < COLUMNS + KW - 1; u++, from = after(from, p.channels), tap_at = after(tap_at, p.channels)) {
      if (u < columns.first || u >= columns.last) continue;
      const auto v = S::load(from);
      const auto chosen = Narrow<I, S::lanes>::load(tap_at);
#pragma GCC unroll 8
      for (int k = 0; k < KW; k++) {
        const int j = u + k - (KW - 1);
        if (j >= 0 && j < COLUMNS) sum[j] += S::where(chosen == wanted[k], v);
      }
    }
  }
  for (int j = 0; j < COLUMNS; j++)
    if (first + j < p.out_w) S::store(out + (first + j) * p.channels, sum[j]);
}

template <class T, int KW>
void gradient_rows_of_neighbours(const Pooling& p, const T* in, const uint8_t* taps, T* out, Size first_row, Size last_row) {
  constexpr int columns = 4;
  const Size in_row = p.in_w * p.channels, out_row = p.out_w * p.channels;
  for (Size at = first_row; at < last_row; at++) {
    const Reach& rows = p.rows[at % p.out_h];
    const Size from = (at / p.out_h * p.in_h + rows.from) * in_row;
    in_overlapping_vectors<T>(p.channels, [&](auto simd, Size channel) NAS_LAMBDA {
      for (Size first = 0; first < p.out_w; first += columns)
        gradient_of_columns<decltype(simd), KW, columns>(p, rows, in + from + channel, taps + from + channel,
                                                         out + at * out_row + channel, first);
    });
  }
}

}  // namespace

template <class T>
void max_pool_rows(const Pooling& p, const T* in, T* out, uint8_t* taps, ComputedIn<T>* scratch, Size first_row,
                   Size last_row) {
  if (taps)
    max_pool<T, true>(p, in, out, taps, scratch, first_row, last_row);
  else
    max_pool<T, false>(p, in, out, taps, scratch, first_row, last_row);
}

template <class T>
void max_pool_gradient_rows(const Pooling& p, const T* in, const uint8_t* taps, T* out, Size first_row, Size last_row) {
  constexpr int lanes = Simd<T, widest>::lanes;
  const bool whole = p.channels % lanes == 0 || p.channels > 2 * lanes;
  if (whole && p.tap_step == -1 && p.row_tap_step == -1 && p.kernel_w == 3)
    gradient_rows_of_neighbours<T, 3>(p, in, taps, out, first_row, last_row);
  else
    sum_chosen<T, false>(p, in, taps, out, first_row, last_row);
}

template <class T>
void max_pool_gather_rows(const Pooling& p, const T* in, const uint8_t* taps, T* out, Size first_row, Size last_row) {
  sum_chosen<T, true>(p, in, taps, out, first_row, last_row);
}

namespace {

// Adds up `taps` rows, each times its weight.
template <class T, bool WEIGHTED>
NAS_INLINE void sum_of_rows(const T* in, Size in_row, int taps, const ComputedIn<T>* row_weights,
                            const ComputedIn<T>* weights, ComputedIn<T>* out) {
  with_count(taps, [&](auto constant) {
    const int n = constant.count ? constant.count : taps;
    in_overlapping_vectors<T>(in_row, [&](auto simd, Size i) NAS_LAMBDA {
      using S = decltype(simd);
      auto sum = S::load(in + i);
      if (WEIGHTED) sum *= S::fill(row_weights[0]);
      for (int k = 1; k < n; k++)
        sum += WEIGHTED ? S::load(in + k * in_row + i) * S::fill(row_weights[k]) : S::load(in + k * in_row + i);
      if (WEIGHTED) sum *= S::Computed::load(weights + i);
      S::Computed::store(out + i, sum);
    });
  });
}

// Adds up the columns of each window, times a weight; nothing where the window is empty.
template <class T, bool WEIGHTED>
NAS_INLINE void sum_of_columns(const Pooling& p, const ComputedIn<T>* in, ComputedIn<T> rows, T* out) {
  for (Size i = 0; i < p.span_count; i++) {
    const Span& span = p.spans[i];
    const ComputedIn<T> weight = 1 / (rows * span.reach.taps);
    with_count(span.reach.taps, [&](auto constant) {
      const int n = constant.count ? constant.count : span.reach.taps;
      along<T>(span, p.channels, [&](auto simd, Size to, Size from) NAS_LAMBDA {
        using S = decltype(simd);
        typename S::V sum{};
        for (int k = 0; k < n; k++) sum += S::Computed::load(in + from + k * p.channels);
        if (WEIGHTED) sum *= S::fill(weight);
        S::store(out + to, sum);
      });
    });
  }
}

}  // namespace

template <class T>
void avg_pool_rows(const Pooling& p, const T* in, T* out, ComputedIn<T>* scratch, Size first_row, Size last_row) {
  const Size in_row = p.in_w * p.channels, out_row = p.out_w * p.channels;
  for (Size at = first_row; at < last_row; at++) {
    const Reach& rows = p.rows[at % p.out_h];
    sum_of_rows<T, false>(in + (at / p.out_h * p.in_h + rows.from) * in_row, in_row, rows.taps, nullptr, nullptr, scratch);
    sum_of_columns<T, true>(p, scratch, ComputedIn<T>(rows.taps), out + at * out_row);
  }
}

template <class T>
void avg_pool_gradient_rows(const Pooling& p, const T* in, const ComputedIn<T>* row_weights, const ComputedIn<T>* weights,
                            T* out, ComputedIn<T>* scratch, Size first_row, Size last_row) {
  const Size in_row = p.in_w * p.channels, out_row = p.out_w * p.channels;
  for (Size at = first_row; at < last_row; at++) {
    const Reach& rows = p.rows[at % p.out_h];
    T* to = out + at * out_row;
    if (rows.taps == 0) {  // no window reaches this row
      __builtin_memset(to, 0, out_row * sizeof(T));
      continue;
    }
    sum_of_rows<T, true>(in + (at / p.out_h * p.in_h + rows.from) * in_row, in_row, rows.taps, row_weights + rows.from, weights,
                         scratch);
    sum_of_columns<T, false>(p, scratch, 1, to);
  }
}

#define NAS_INSTANTIATE(T)                                                                                            \
  template void max_pool_rows(const Pooling&, const T*, T*, uint8_t*, ComputedIn<T>*, Size, Size);                             \
  template void max_pool_gradient_rows(const Pooling&, const T*, const uint8_t*, T*, Size, Size);                     \
  template void max_pool_gather_rows(const Pooling&, const T*, const uint8_t*, T*, Size, Size);                       \
  template void avg_pool_rows(const Pooling&, const T*, T*, ComputedIn<T>*, Size, Size);                              \
  template void avg_pool_gradient_rows(const Pooling&, const T*, const ComputedIn<T>*, const ComputedIn<T>*, T*,      \
                                       ComputedIn<T>*, Size, Size);
NAS_INSTANTIATE(float)
NAS_INSTANTIATE(bfloat)
#ifdef NAS_PORTABLE
NAS_INSTANTIATE(double)
#endif
#undef NAS_INSTANTIATE

}  // namespace nas::NAS_LEVEL
