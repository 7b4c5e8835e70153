// What convolutions have in common: their windows, and how autograd sees them.
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cstdint>
#include <vector>

namespace nas {

struct Side {
  int64_t kernel, stride, padding, dilation;

  int64_t output(int64_t in) const { return (in + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1; }
};

struct Window {
  Side y, x;

  std::vector<int64_t> pack() const {
    return {y.kernel, y.stride, y.padding, y.dilation, x.kernel, x.stride, x.padding, x.dilation};
  }
  static Window unpack(const std::vector<int64_t>& v) { return {{v[0], v[1], v[2], v[3]}, {v[4], v[5], v[6], v[7]}}; }
};

// A convolution as autograd sees it. C has, static,
//   output(window, input, weight, bias), the last may be undefined,
//   input_gradient(window, input, grad, weight), which reads of the input only where it lies,
//   weight_gradient(window, input, grad, weight), which reads of the weight only where it lies.
template <class C>
struct Convolution : torch::autograd::Function<Convolution<C>> {
  using Context = torch::autograd::AutogradContext;
  using List = torch::autograd::variable_list;

  // The two gradients as a function of the gradient of the output, the input and the weight. Both are linear in each of
  // their two arguments, so that differentiating them gives the convolution and these gradients again.
  struct Backward : torch::autograd::Function<Backward> {
    static List forward(Context* ctx, const at::Tensor& grad, const at::Tensor& input, const at::Tensor& weight, Window w) {
      ctx->save_for_backward({grad, input, weight});
      ctx->saved_data["window"] = w.pack();
      return {C::input_gradient(w, input, grad, weight), C::weight_gradient(w, input, grad, weight)};
    }
    static List backward(Context* ctx, List of_gradients) {
      const List saved = ctx->get_saved_variables();
      const at::Tensor &grad = saved[0], &input = saved[1], &weight = saved[2];
      const Window w = Window::unpack(ctx->saved_data["window"].toIntVector());
      const at::Tensor &by_input = of_gradients[0], &by_weight = of_gradients[1];
      const at::Tensor of_grad = Convolution::apply(by_input, weight, c10::nullopt, w)
                                     .add(Convolution::apply(input, by_weight, c10::nullopt, w));
      const List rest = Backward::apply(grad, by_input, by_weight, w);
      return {of_grad, rest[0], rest[1], {}};
    }
  };

  static at::Tensor forward(Context* ctx, const at::Tensor& input, const at::Tensor& weight,
                            const c10::optional<at::Tensor>& bias, Window w) {
    ctx->save_for_backward({input, weight});
    ctx->saved_data["window"] = w.pack();
    ctx->saved_data["bias"] = bias.has_value();
    return C::output(w, input, weight, bias.value_or(at::Tensor()));
  }
  static List backward(Context* ctx, List gradients) {
    const at::Tensor& grad = gradients[0];
    const List saved = ctx->get_saved_variables();
    const Window w = Window::unpack(ctx->saved_data["window"].toIntVector());
    at::Tensor of_input, of_weight, of_bias;
    if (at::GradMode::is_enabled()) {
      const List both = Backward::apply(grad, saved[0], saved[1], w);
      of_input = both[0];
      of_weight = both[1];
    } else {
      if (ctx->needs_input_grad(0)) of_input = C::input_gradient(w, saved[0], grad, saved[1]);
      if (ctx->needs_input_grad(1)) of_weight = C::weight_gradient(w, saved[0], grad, saved[1]);
    }
    if (ctx->saved_data["bias"].toBool() && ctx->needs_input_grad(2))
      of_bias = grad.sum({0, 2, 3}, false, saved[1].scalar_type());
    return {of_input, of_weight, of_bias, {}};
  }
};

}  // namespace nas
