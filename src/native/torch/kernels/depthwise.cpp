// Depthwise convolution: which correlations its forward and its gradients are.
#include "depthwise.h"

#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <numeric>

#include "convolution.h"
#include "kernels.h"

namespace nas {
namespace {

Axis with_sharing(Axis axis) {
  const bool aligned = axis.spacing % axis.step == 0 && (axis.taps == 2 || axis.taps % 2 == 1);  // there are kernels for these
  axis.shared = aligned && axis.taps > 0 ? axis.taps : 1;
  axis.groups = axis.taps == 0 ? 0 : axis.taps / axis.shared;
  axis.phases = aligned && axis.taps > 1 ? axis.spacing / axis.step : 1;
  return axis;
}

Axis forward_axis(const Side& s, int64_t in) {
  Axis axis{};
  axis.taps = int(s.kernel);
  axis.weight_step = 1;
  axis.base = -s.padding;
  axis.spacing = s.dilation;
  axis.step = s.stride;
  axis.count = s.output(in);
  axis.out_step = 1;
  return with_sharing(axis);
}

// The input positions i with (i + padding) % stride == residue, and the taps whose outputs land on them.
Axis gradient_axis(const Side& s, int64_t in, int64_t residue) {
  const int64_t first = std::max<int64_t>(0, (s.padding - residue + s.stride - 1) / s.stride);  // the first (i + padding) / stride
  const int64_t at = first * s.stride + residue - s.padding;
  const int64_t tap_step = s.stride / std::gcd(s.stride, s.dilation);
  int64_t tap = 0;
  while (tap < tap_step && tap * s.dilation % s.stride != residue) tap++;
  const int64_t taps = tap < tap_step && tap < s.kernel ? (s.kernel - tap + tap_step - 1) / tap_step : 0;
  const int64_t last = tap + (taps - 1) * tap_step;  // larger taps lie further back: they are walked from the last
  Axis axis{};
  axis.taps = int(taps);
  axis.weight = taps ? int(last) : 0;
  axis.weight_step = -int(tap_step);
  axis.base = taps ? first - (last * s.dilation - residue) / s.stride : 0;
  axis.spacing = tap_step * s.dilation / s.stride;
  axis.step = 1;
  axis.count = at < in ? (in - at + s.stride - 1) / s.stride : 0;
  axis.out = at;
  axis.out_step = s.stride;
  return with_sharing(axis);
}

Correlation forward(const Window& w, int64_t channels, int64_t h, int64_t width) {
  Correlation c{channels, h, width, w.y.output(h), w.x.output(width), 1, {}};
  c.part[0] = {forward_axis(w.y, h), forward_axis(w.x, width), 0};
  return c;
}

// From the gradient of the output to that of an input of h x width.
Correlation input_gradient(const Window& w, int64_t channels, int64_t h, int64_t width) {
  Correlation c{channels, w.y.output(h), w.x.output(width), h, width, 0, {}};
  int64_t offset = 0;
  for (int64_t y = 0; y < w.y.stride; y++)
    for (int64_t x = 0; x < w.x.stride; x++) {
      Part& part = c.part[c.parts++];
      part = {gradient_axis(w.y, h, y), gradient_axis(w.x, width, x), offset};
      offset += part.y.taps * part.x.taps;
    }
  return c;
}

PaddedPlane frame(const Correlation& c) {
  int64_t top = 0, left = 0, bottom = c.in_h, right = c.in_w, step = 1;
  for (int i = 0; i < c.parts; i++) {
    const Axis& y = c.part[i].y;
    const Axis& x = c.part[i].x;
    step = std::max(step, x.step);
    top = std::max(top, -y.base);
    left = std::max(left, -x.base);
    // Blocks of rows may reach past the last output, in each of the interleaved sets that share taps.
    const int64_t over = (block - 1) * std::max(y.step, y.spacing);
    bottom = std::max(bottom, (y.count - 1) * y.step + y.base + std::max(y.taps - 1, 0) * y.spacing + over + 1);
    right = std::max(right, (x.count - 1) * x.step + x.base + std::max(x.taps - 1, 0) * x.spacing + 1);
  }
  PaddedPlane p{top, left, top + bottom, left + right, 0};
  if (step == 2) {
    p.half = (p.pitch + 1) / 2;
    p.pitch = 2 * p.half;
  }
  return p;
}

int64_t scratch_size(const Correlation& c, const PaddedPlane& p) {
  return p.rows * p.pitch + 2 * c.out_h * c.out_w + 64;
}

// [channel][part][group of rows][column][row in group], as correlate_planes reads them.
template <class T>
at::Tensor arrange_by_channel(const Correlation& c, const at::Tensor& weight) {
  at::Tensor arranged = at::empty({weight.numel()}, weight.options());
  const T* from = weight.data_ptr<T>();
  T* to = arranged.data_ptr<T>();
  const int64_t kernel_w = weight.size(3), taps = weight.size(2) * kernel_w;
  for (int64_t channel = 0; channel < c.channels; channel++, from += taps)
    for (int i = 0; i < c.parts; i++) {
      const Axis& y = c.part[i].y;
      const Axis& x = c.part[i].x;
      for (int group = 0; group < y.taps; group += y.shared)
        for (int column = 0; column < x.taps; column++)
          for (int row = group; row < group + y.shared; row++)
            *to++ = from[(y.weight + row * y.weight_step) * kernel_w + x.weight + column * x.weight_step];
    }
  return arranged;
}

int64_t grain(int64_t work) { return std::max<int64_t>(1, 32768 / std::max<int64_t>(1, work)); }

at::Tensor correlate(const Correlation& c, const at::Tensor& any_input, const at::Tensor& any_weight, const at::Tensor& any_bias,
                     at::MemoryFormat format) {
  const at::Tensor input = any_input.contiguous(format);
  const at::Tensor weight = any_weight.contiguous();
  const at::Tensor bias = any_bias.defined() ? any_bias.contiguous() : any_bias;
  const int64_t batch = input.size(0);
  at::Tensor output = at::empty({batch, c.channels, c.out_h, c.out_w}, input.options(), format);
  const int64_t taps = weight.size(2) * weight.size(3);
  if (format == at::MemoryFormat::ChannelsLast) {
    const at::Tensor arranged = weight.view({c.channels, taps}).t().contiguous();
    detail::by_type(input.scalar_type(), [&](auto number) {
      using T = decltype(number);
      const auto* biases = bias.defined() ? detail::data<ComputedIn<T>>(bias) : nullptr;
      at::parallel_for(0, batch * c.out_h, grain(c.out_w * c.channels * taps), [&](int64_t first, int64_t last) {
        NAS_SELECT(T, correlate_rows)(c, int(weight.size(3)), detail::data<T>(input), detail::data<ComputedIn<T>>(arranged),
                                      biases, detail::data<T>(output), first, last);
      });
    });
    return output;
  }
  AT_DISPATCH_FLOATING_TYPES(input.scalar_type(), "conv2d_depthwise", [&] {
    using T = scalar_t;
    const T* biases = bias.defined() ? bias.data_ptr<T>() : nullptr;
    const at::Tensor arranged = arrange_by_channel<T>(c, weight);
    const PaddedPlane p = frame(c);
    at::parallel_for(0, batch * c.channels, grain(c.out_h * c.out_w * taps), [&](int64_t first, int64_t last) {
      detail::Scratch<T> scratch(scratch_size(c, p));
      NAS_SELECT(T, correlate_planes)(c, p, input.data_ptr<T>(), arranged.data_ptr<T>(), biases, output.data_ptr<T>(),
                                      scratch.data(), first, last);
    });
  });
  return output;
}

// Sums over fixed pieces of the batch, so that the result does not depend on the number of threads.
at::Tensor weight_gradient(const Window& w, const at::Tensor& any_input, const at::Tensor& any_grad, at::MemoryFormat format) {
  const at::Tensor input = any_input.contiguous(format);
  const at::Tensor grad = any_grad.contiguous(format);
  const int64_t batch = input.size(0), channels = input.size(1);
  const Correlation c = forward(w, channels, input.size(2), input.size(3));
  const int64_t taps = w.y.kernel * w.x.kernel;
  const bool channels_last = format == at::MemoryFormat::ChannelsLast;
  const int64_t units = channels_last ? batch * c.out_h : batch;
  // Enough pieces for many cores, each long enough that adding them up costs nothing.
  const int64_t wanted = channels_last ? std::min<int64_t>(64, units * c.out_w / 512) : 64 / channels;
  const int64_t pieces = std::min(units, std::max<int64_t>(1, wanted));
  const int64_t piece = (units + pieces - 1) / pieces;
  const auto summed_in = input.scalar_type() == at::kBFloat16 ? at::kFloat : input.scalar_type();
  at::Tensor partial = at::zeros({pieces, channels_last ? taps : channels, channels_last ? channels : taps},
                                 input.options().dtype(summed_in));
  if (channels_last) {
    detail::by_type(input.scalar_type(), [&](auto number) {
      using T = decltype(number);
      at::parallel_for(0, pieces, 1, [&](int64_t first, int64_t last) {
        for (int64_t i = first; i < last; i++)
          NAS_SELECT(T, weight_gradient_rows)(c, detail::data<T>(input), detail::data<T>(grad),
                                              detail::data<ComputedIn<T>>(partial) + i * taps * channels,
                                              std::min(units, i * piece), std::min(units, (i + 1) * piece));
      });
    });
  } else {
    AT_DISPATCH_FLOATING_TYPES(input.scalar_type(), "conv2d_depthwise_backward", [&] {
      using T = scalar_t;
      const PaddedPlane p = frame(c);
      at::parallel_for(0, pieces * channels, 1, [&](int64_t first, int64_t last) {
        detail::Scratch<T> scratch(scratch_size(c, p));
        for (int64_t i = first; i < last; i++) {
          const int64_t at = i / channels;
          NAS_SELECT(T, weight_gradient_planes)(c, p, input.data_ptr<T>(), grad.data_ptr<T>(),
                                                partial.data_ptr<T>() + i * taps, scratch.data(),
                                                std::min(units, at * piece), std::min(units, (at + 1) * piece), i % channels);
        }
      });
    });
  }
  at::Tensor total = pieces == 1 ? partial.squeeze(0) : partial.sum(0);
  if (channels_last) total = total.t();
  return total.reshape({channels, 1, w.y.kernel, w.x.kernel});
}

struct Depthwise {
  static at::Tensor output(const Window& w, const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias) {
    return correlate(forward(w, input.size(1), input.size(2), input.size(3)), input, weight, bias, detail::format_of(input));
  }
  static at::Tensor input_gradient(const Window& w, const at::Tensor& input, const at::Tensor& grad, const at::Tensor& weight) {
    return correlate(nas::input_gradient(w, input.size(1), input.size(2), input.size(3)), grad, weight, {},
                     detail::format_of(input));
  }
  static at::Tensor weight_gradient(const Window& w, const at::Tensor& input, const at::Tensor& grad, const at::Tensor&) {
    return nas::weight_gradient(w, input, grad, detail::format_of(input));
  }
};

bool covers(const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias, const Window& w) {
  const auto type = input.scalar_type(), computed = type == at::kBFloat16 ? at::kFloat : type;
  const auto ours = [&](const at::Tensor& t) {
    return t.device().is_cpu() && t.layout() == at::kStrided && t.scalar_type() == computed;
  };
  const auto side = [](const Side& s, int64_t in) {
    return s.kernel >= 1 && s.kernel <= max_kernel_side && (s.stride == 1 || s.stride == 2) && s.padding >= 0 &&
           s.dilation >= 1 && s.dilation <= 2 &&
           in + 2 * s.padding > s.dilation * (s.kernel - 1);
  };
  return (computed == at::kFloat || type == at::kDouble) && input.device().is_cpu() && input.layout() == at::kStrided &&
         ours(weight) && input.dim() == 4 &&
         weight.dim() == 4 && weight.size(0) == input.size(1) && weight.size(1) == 1 && input.numel() > 0 &&
         (!bias.defined() || (ours(bias) && bias.dim() == 1 && bias.size(0) == input.size(1))) &&
         side(w.y, input.size(2)) && side(w.x, input.size(3));
}

}  // namespace

at::Tensor conv2d_depthwise(const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias, Pair stride,
                            Pair padding, Pair dilation) {
  const int64_t kernel_h = weight.dim() == 4 ? weight.size(2) : 0, kernel_w = weight.dim() == 4 ? weight.size(3) : 0;
  const Window w{{kernel_h, stride[0], padding[0], dilation[0]}, {kernel_w, stride[1], padding[1], dilation[1]}};
  const c10::optional<at::Tensor> maybe_bias = bias.defined() ? c10::optional<at::Tensor>(bias) : c10::nullopt;
  if (input.scalar_type() == at::kBFloat16 && input.device().is_cpu()) {
    // The weights are in float32, and so are images in NCHW while they are computed with.
    const at::Tensor wide = weight.to(at::kFloat), wide_bias = bias.defined() ? bias.to(at::kFloat) : bias;
    if (!covers(input, wide, wide_bias, w) || detail::format_of(input) != at::MemoryFormat::ChannelsLast)
      return conv2d_depthwise(input.to(at::kFloat), wide, wide_bias, stride, padding, dilation).to(at::kBFloat16);
    return Convolution<Depthwise>::apply(input, wide, bias.defined() ? c10::optional<at::Tensor>(wide_bias) : c10::nullopt, w);
  }
  if (!covers(input, weight, bias, w))
    return at::conv2d(input, weight, maybe_bias, stride, padding, dilation, input.dim() > 1 ? input.size(1) : 1);
  return Convolution<Depthwise>::apply(input, weight, maybe_bias, w);
}

}  // namespace nas
