// The nodes of recurrent cells, row by row.
#include "recurrent.h"

#include "exponential.h"
#include "simd.h"

namespace nas::NAS_LEVEL {
namespace {

// Calls act(vector type, row, column) along rows.
template <class T, class F>
NAS_INLINE void along_rows(Size rows, Size width, F&& act) {
  for (Size row = 0; row < rows; row++)
    in_vectors<T>(width, [&](auto simd, Size at) NAS_LAMBDA { act(simd, row, at); });
}

template <class S, class T>
NAS_INLINE typename S::V load(Rows<T> rows, Size row, Size at) {
  return S::load(rows.at + row * rows.stride + at);
}
template <class S, class T>
NAS_INLINE void store(Rows<T> rows, Size row, Size at, typename S::V v) {
  S::store(rows.at + row * rows.stride + at, v);
}
template <class S, class T>
NAS_INLINE void add(Rows<T> rows, Size row, Size at, typename S::V v) {
  store<S>(rows, row, at, load<S>(rows, row, at) + v);
}

template <Curve KIND>
struct Kind {
  static constexpr Curve kind = KIND;
};

// Calls act with a curve as a constant.
template <class F>
NAS_INLINE void with_kind(Curve curve, F&& act) {
  switch (curve) {
    case Curve::relu: return act(Kind<Curve::relu>());
    case Curve::leaky_relu: return act(Kind<Curve::leaky_relu>());
    case Curve::relu6: return act(Kind<Curve::relu6>());
    case Curve::sigmoid: return act(Kind<Curve::sigmoid>());
    case Curve::tanh: return act(Kind<Curve::tanh>());
    case Curve::silu: return act(Kind<Curve::silu>());
    case Curve::hard_swish: return act(Kind<Curve::hard_swish>());
  }
}

template <class S, Curve KIND>
NAS_INLINE typename S::V result_of(typename S::V x) {
  using V = typename S::V;
  const V none = {}, one = none + 1;
  switch (KIND) {
    case Curve::relu: return x < none ? none : x;
    case Curve::leaky_relu: return x < none ? x * typename S::Scalar(0.1) : x;
    case Curve::relu6: return x < none ? none : x > none + 6 ? none + 6 : x;
    case Curve::sigmoid: return one / (one + exponential<S>(-x));
    case Curve::tanh: return one - (one + one) / (one + exponential<S>(x + x));
    case Curve::silu: return x / (one + exponential<S>(-x));
    case Curve::hard_swish: return x * result_of<S, Curve::relu6>(x + 3) / 6;
  }
}

// Of a result, or for the last two of an argument.
template <class S, Curve KIND>
NAS_INLINE typename S::V slope_at(typename S::V v) {
  using V = typename S::V;
  const V none = {}, one = none + 1;
  switch (KIND) {
    case Curve::relu: return v > none ? one : none;
    case Curve::leaky_relu: return v > none ? one : none + typename S::Scalar(0.1);
    case Curve::relu6: return S::where((v > none) & (v < none + 6), one);
    case Curve::sigmoid: return v * (one - v);
    case Curve::tanh: return one - v * v;
    case Curve::silu: {
      const V gate = one / (one + exponential<S>(-v));
      return gate * (one + v * (one - gate));
    }
    case Curve::hard_swish: return v < none - 3 ? none : v > none + 3 ? one : v / 3 + typename S::Scalar(0.5);
  }
}

}  // namespace

template <class T>
void scale(Rows<const T> from, T factor, bool adds, Rows<T> to, Size rows, Size width) {
  along_rows<T>(rows, width, [&](auto simd, Size row, Size at) NAS_LAMBDA {
    using S = decltype(simd);
    auto v = load<S>(from, row, at) * factor;
    if (adds) v += load<S>(to, row, at);
    store<S>(to, row, at, v);
  });
}

template <class T>
void multiply(Rows<const T> left, Rows<const T> right, bool adds, Rows<T> to, Size rows, Size width) {
  along_rows<T>(rows, width, [&](auto simd, Size row, Size at) NAS_LAMBDA {
    using S = decltype(simd);
    auto v = load<S>(left, row, at) * load<S>(right, row, at);
    if (adds) v += load<S>(to, row, at);
    store<S>(to, row, at, v);
  });
}

template <class T>
void lerp(Rows<const T> gate, Rows<const T> from, Rows<const T> to, Rows<T> result, Size rows, Size width) {
  along_rows<T>(rows, width, [&](auto simd, Size row, Size at) NAS_LAMBDA {
    using S = decltype(simd);
    const auto start = load<S>(from, row, at);
    store<S>(result, row, at, start + load<S>(gate, row, at) * (load<S>(to, row, at) - start));
  });
}

template <class T>
void lerp_gradient(Rows<const T> gate, Rows<const T> from, Rows<const T> to, Rows<const T> of_result, Rows<T> of_gate,
                   Rows<T> of_from, Rows<T> of_to, Size rows, Size width) {
  along_rows<T>(rows, width, [&](auto simd, Size row, Size at) NAS_LAMBDA {
    using S = decltype(simd);
    const auto gradient = load<S>(of_result, row, at), part = gradient * load<S>(gate, row, at);
    add<S>(of_gate, row, at, gradient * (load<S>(to, row, at) - load<S>(from, row, at)));
    add<S>(of_from, row, at, gradient - part);
    add<S>(of_to, row, at, part);
  });
}

template <class T>
void curve(Curve curve, Rows<const T> argument, Rows<T> result, Size rows, Size width) {
  with_kind(curve, [&](auto kind) NAS_LAMBDA {
    along_rows<T>(rows, width, [&](auto simd, Size row, Size at) NAS_LAMBDA {
      using S = decltype(simd);
      store<S>(result, row, at, result_of<S, kind.kind>(load<S>(argument, row, at)));
    });
  });
}

template <class T>
void curve_gradient(Curve curve, Rows<const T> known, Rows<const T> of_result, bool overwrites, Rows<T> of_argument,
                    Size rows, Size width) {
  with_kind(curve, [&](auto kind) NAS_LAMBDA {
    along_rows<T>(rows, width, [&](auto simd, Size row, Size at) NAS_LAMBDA {
      using S = decltype(simd);
      auto v = load<S>(of_result, row, at) * slope_at<S, kind.kind>(load<S>(known, row, at));
      if (!overwrites) v += load<S>(of_argument, row, at);
      store<S>(of_argument, row, at, v);
    });
  });
}

#define NAS_INSTANTIATE(T)                                                                                             \
  template void scale<T>(Rows<const T>, T, bool, Rows<T>, Size, Size);                                                 \
  template void multiply<T>(Rows<const T>, Rows<const T>, bool, Rows<T>, Size, Size);                                  \
  template void lerp<T>(Rows<const T>, Rows<const T>, Rows<const T>, Rows<T>, Size, Size);                             \
  template void lerp_gradient<T>(Rows<const T>, Rows<const T>, Rows<const T>, Rows<const T>, Rows<T>, Rows<T>,         \
                                 Rows<T>, Size, Size);                                                                 \
  template void curve<T>(Curve, Rows<const T>, Rows<T>, Size, Size);                                                   \
  template void curve_gradient<T>(Curve, Rows<const T>, Rows<const T>, bool, Rows<T>, Size, Size);
NAS_INSTANTIATE(float)
#ifdef NAS_PORTABLE
NAS_INSTANTIATE(double)
#endif
#undef NAS_INSTANTIATE

}  // namespace nas::NAS_LEVEL
