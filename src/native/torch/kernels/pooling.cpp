// Pooling: what its results read, and how autograd sees it.
#include "pooling.h"

#include <ATen/Parallel.h>
#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/max_pool2d.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <vector>

#include "kernels.h"

namespace nas {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct Side {
  int64_t in, kernel, stride, padding;

  int64_t out() const { return (in + 2 * padding - kernel) / stride + 1; }
  // What each output reads of the inputs.
  std::vector<Reach> of_output() const {
    std::vector<Reach> all;
    for (int64_t q = 0; q < out(); q++) {
      const int64_t at = q * stride - padding, first = std::max<int64_t>(0, at), last = std::min(in, at + kernel);
      all.push_back({first, int(last - first), int(first - at)});
    }
    return all;
  }
  // What the gradient of each input reads of those of the outputs; there may be none.
  std::vector<Reach> of_gradient() const {
    std::vector<Reach> all;
    for (int64_t i = padding; i < padding + in; i++) {
      const int64_t first = i < kernel ? 0 : (i - kernel) / stride + 1, last = std::min(out(), i / stride + 1);
      all.push_back({first, int(std::max<int64_t>(0, last - first)), int(i - first * stride)});
    }
    return all;
  }
};

// A pooling of images of h x w, which lie in memory as `format` says.
struct Geometry {
  Side y, x;
  at::MemoryFormat format;

  std::vector<int64_t> pack() const {
    return {y.in, y.kernel, y.stride, y.padding, x.in, x.kernel, x.stride, x.padding, int64_t(format)};
  }
  static Geometry unpack(const std::vector<int64_t>& v) {
    return {{v[0], v[1], v[2], v[3]}, {v[4], v[5], v[6], v[7]}, at::MemoryFormat(v[8])};
  }
};

// Joins columns `step` apart that read as many neighbours each, the next of them `from_step` further.
std::vector<Span> spans(const std::vector<Reach>& columns, int64_t step, int64_t from_step) {
  std::vector<Span> all;
  for (int64_t phase = 0; phase < step; phase++)
    for (int64_t x = phase; x < int64_t(columns.size()); x += step) {
      const Reach& reach = columns[x];
      if (x > phase && reach.taps == all.back().reach.taps && reach.tap == all.back().reach.tap)
        all.back().columns++;
      else
        all.push_back({reach, x, step, from_step, 1});
    }
  return all;
}

// The outputs of a pooling, or the gradient of its input, with what is needed to compute them.
struct Result {
  Result(const Geometry& g, bool gradient, const at::Tensor& any_from)
      : from(any_from.contiguous(g.format)),
        rows(gradient ? g.y.of_gradient() : g.y.of_output()),
        row(gradient ? spans(g.x.of_gradient(), g.x.stride, 1) : spans(g.x.of_output(), 1, g.x.stride)) {
    const int64_t h = gradient ? g.y.in : g.y.out(), w = gradient ? g.x.in : g.x.out();
    to = at::empty({from.size(0), from.size(1), h, w}, from.options(), g.format);
    const bool channels_last = g.format == at::MemoryFormat::ChannelsLast;
    p = {channels_last ? from.size(1) : 1, from.size(2), from.size(3), h, w, int(g.x.kernel), gradient ? -int(g.y.stride) : 1,
         gradient ? -int(g.x.stride) : 1, gradient ? g.x.padding - g.x.kernel + 1 : -g.x.padding, rows.data(), row.data(), int64_t(row.size())};
    count = from.size(0) * from.size(1) / p.channels * h;
  }

  // Calls act(number of the tensors' type, first row, last row) for pieces of the result.
  template <class F>
  void in_rows(F&& act) const {
    const int64_t grain = std::max<int64_t>(1, 32768 / (p.out_w * p.channels));
    detail::by_type(to.scalar_type(), [&](auto number) {
      at::parallel_for(0, count, grain, [&](int64_t first, int64_t last) { act(number, first, last); });
    });
  }

  at::Tensor from, to;
  std::vector<Reach> rows;
  std::vector<Span> row;
  Pooling p;
  int64_t count;  // rows of the whole result
};

at::Tensor max_pool(const Geometry& g, const at::Tensor& input, at::Tensor* taps) {
  const Result result(g, false, input);
  if (taps) *taps = at::empty(result.to.sizes(), result.to.options().dtype(at::kByte), g.format);
  result.in_rows([&](auto number, int64_t first, int64_t last) {
    using T = decltype(number);
    detail::Scratch<ComputedIn<T>> scratch(2 * max_kernel_side * result.p.out_w * result.p.channels);
    NAS_SELECT(T, max_pool_rows)(result.p, detail::data<T>(result.from), detail::data<T>(result.to), taps ? detail::data<uint8_t>(*taps) : nullptr,
                                 scratch.data(), first, last);
  });
  return result.to;
}

// Sends the gradients of the outputs to the places the outputs came from, or fetches what the outputs would take from
// those places.
at::Tensor max_pool_by_taps(const Geometry& g, bool gradient, const at::Tensor& from, const at::Tensor& taps) {
  const Result result(g, gradient, from);
  result.in_rows([&](auto number, int64_t first, int64_t last) {
    using T = decltype(number);
    const auto rows = gradient ? NAS_SELECT(T, max_pool_gradient_rows) : NAS_SELECT(T, max_pool_gather_rows);
    rows(result.p, detail::data<T>(result.from), detail::data<uint8_t>(taps), detail::data<T>(result.to), first, last);
  });
  return result.to;
}

at::Tensor avg_pool(const Geometry& g, bool gradient, const at::Tensor& from) {
  const Result result(g, gradient, from);
  const Pooling& p = result.p;
  const std::vector<Reach> rows = g.y.of_output(), columns = g.x.of_output();
  result.in_rows([&](auto number, int64_t first, int64_t last) {
    using T = decltype(number);
    using C = ComputedIn<T>;
    detail::Scratch<C> scratch(p.in_w * p.channels);
    if (!gradient) {
      NAS_SELECT(T, avg_pool_rows)(p, detail::data<T>(result.from), detail::data<T>(result.to), scratch.data(), first, last);
      return;
    }
    std::vector<C> row_weights, weights;
    for (const Reach& row : rows) row_weights.push_back(C(1) / row.taps);
    for (const Reach& column : columns) weights.insert(weights.end(), p.channels, C(1) / column.taps);
    NAS_SELECT(T, avg_pool_gradient_rows)(p, detail::data<T>(result.from), row_weights.data(), weights.data(), detail::data<T>(result.to),
                                          scratch.data(), first, last);
  });
  return result.to;
}

// The mean of each window, or its gradient: linear, and each the other's gradient.
template <bool GRADIENT>
struct AvgPool : torch::autograd::Function<AvgPool<GRADIENT>> {
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& from, Geometry g) {
    ctx->saved_data["geometry"] = g.pack();
    return avg_pool(g, GRADIENT, from);
  }
  static variable_list backward(AutogradContext* ctx, variable_list gradients) {
    return {AvgPool<!GRADIENT>::apply(gradients[0], Geometry::unpack(ctx->saved_data["geometry"].toIntVector())), {}};
  }
};

// So are sending and fetching by the taps of the greatest.
template <bool GRADIENT>
struct MaxPoolByTaps : torch::autograd::Function<MaxPoolByTaps<GRADIENT>> {
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& from, const at::Tensor& taps, Geometry g) {
    ctx->save_for_backward({taps});
    ctx->saved_data["geometry"] = g.pack();
    return max_pool_by_taps(g, GRADIENT, from, taps);
  }
  static variable_list backward(AutogradContext* ctx, variable_list gradients) {
    const Geometry g = Geometry::unpack(ctx->saved_data["geometry"].toIntVector());
    return {MaxPoolByTaps<!GRADIENT>::apply(gradients[0], ctx->get_saved_variables()[0], g), {}, {}};
  }
};

struct MaxPool : torch::autograd::Function<MaxPool> {
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& input, Geometry g) {
    at::Tensor taps;
    at::Tensor output = max_pool(g, input, &taps);
    ctx->save_for_backward({taps});
    ctx->saved_data["geometry"] = g.pack();
    return output;
  }
  static variable_list backward(AutogradContext* ctx, variable_list gradients) {
    const Geometry g = Geometry::unpack(ctx->saved_data["geometry"].toIntVector());
    return {MaxPoolByTaps<true>::apply(gradients[0], ctx->get_saved_variables()[0], g), {}};
  }
};

bool covers(const at::Tensor& input, const Side& y, const Side& x) {
  const auto type = input.scalar_type();
  const auto side = [](const Side& s) {
    return s.kernel >= 1 && s.kernel <= max_kernel_side && s.stride >= 1 && s.padding >= 0 && s.padding <= s.kernel / 2 &&
           s.in + 2 * s.padding >= s.kernel;
  };
  return input.device().is_cpu() && input.layout() == at::kStrided && input.dim() == 4 && input.numel() > 0 &&
         (type == at::kFloat || type == at::kDouble || type == at::kBFloat16) && side(y) && side(x);
}

Geometry geometry(const at::Tensor& input, Pair kernel, Pair stride, Pair padding) {
  const bool images = input.dim() == 4;
  return {{images ? input.size(2) : 0, kernel[0], stride[0], padding[0]},
          {images ? input.size(3) : 0, kernel[1], stride[1], padding[1]},
          detail::format_of(input)};
}

}  // namespace

at::Tensor max_pool2d(const at::Tensor& input, Pair kernel, Pair stride, Pair padding) {
  const Geometry g = geometry(input, kernel, stride, padding);
  if (!covers(input, g.y, g.x)) return at::max_pool2d(input, kernel, stride, padding);
  return at::GradMode::is_enabled() && input.requires_grad() ? MaxPool::apply(input, g) : max_pool(g, input, nullptr);
}

at::Tensor avg_pool2d(const at::Tensor& input, Pair kernel, Pair stride, Pair padding) {
  const Geometry g = geometry(input, kernel, stride, padding);
  if (!covers(input, g.y, g.x)) return at::avg_pool2d(input, kernel, stride, padding, false, false);
  return AvgPool<false>::apply(input, g);
}

}  // namespace nas
