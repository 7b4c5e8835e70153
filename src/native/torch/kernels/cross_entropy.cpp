// Cross entropy, and how autograd sees it: of the logits' softmax two numbers a row are kept, the greatest logit and the
// sum of the powers of e of how far each is from it.
#include "cross_entropy.h"

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/scalar_tensor.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels.h"

namespace nas {
namespace {

using detail::data;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr int64_t fewest_of_a_thread = 1 << 14;  // logits

at::ScalarType computed_in(const at::Tensor& logits) {
  return logits.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
}

at::Tensor by_libtorch(const at::Tensor& logits, const at::Tensor& targets, double smoothing, int64_t reduction) {
  return at::cross_entropy_loss(logits.to(computed_in(logits)), targets, {}, reduction, -100, smoothing);
}

// Calls act(row) on all threads.
template <class F>
void for_each_row(const at::Tensor& logits, F&& act) {
  at::parallel_for(0, logits.size(0), std::max<int64_t>(1, fewest_of_a_thread / logits.size(1)), [&](int64_t first, int64_t last) {
    for (int64_t row = first; row < last; row++) act(row);
  });
}

struct CrossEntropy : torch::autograd::Function<CrossEntropy> {
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& logits, const at::Tensor& targets, double smoothing,
                            bool mean) {
    const int64_t rows = logits.size(0), classes = logits.size(1);
    const auto options = logits.options().dtype(computed_in(logits));
    const at::Tensor kept = at::empty({rows, 2}, options);
    std::vector<double> losses(rows);
    detail::by_type(logits.scalar_type(), [&](auto number) {
      using T = decltype(number);
      using C = ComputedIn<T>;
      for_each_row(logits, [&](int64_t row) {
        const T* from = data<T>(logits) + row * classes;
        const C most = NAS_SELECT(T, greatest)(from, classes), powers = NAS_SELECT(T, sum_of_powers)(from, most, classes);
        data<C>(kept)[2 * row] = most;
        data<C>(kept)[2 * row + 1] = powers;
        const C right = NAS_SELECT(T, sum)(from + data<int64_t>(targets)[row], 1);
        losses[row] = std::log(powers) + (1 - smoothing) * (most - right);
        if (smoothing > 0) losses[row] += smoothing * (most - NAS_SELECT(T, sum)(from, classes) / classes);
      });
    });
    double total = 0;
    for (double loss : losses) total += loss;
    ctx->save_for_backward({logits, targets, kept});
    ctx->saved_data["smoothing"] = smoothing;
    ctx->saved_data["mean"] = mean;
    return at::scalar_tensor(mean ? total / rows : total, options);
  }

  static variable_list backward(AutogradContext* ctx, variable_list gradients) {
    const variable_list saved = ctx->get_saved_variables();
    const at::Tensor &logits = saved[0], &targets = saved[1], &kept = saved[2];
    const double smoothing = ctx->saved_data["smoothing"].toDouble();
    const bool mean = ctx->saved_data["mean"].toBool();
    if (at::GradMode::is_enabled()) {
      const at::Tensor loss = by_libtorch(logits, targets, smoothing, mean ? at::Reduction::Mean : at::Reduction::Sum);
      return {torch::autograd::grad({loss}, {logits}, {gradients[0]}, c10::nullopt, /*create_graph=*/true)[0], {}, {}, {}};
    }
    const int64_t rows = logits.size(0), classes = logits.size(1);
    const double factor = gradients[0].item<double>() / (mean ? rows : 1);
    at::Tensor of_logits = at::empty_like(logits);
    detail::by_type(logits.scalar_type(), [&](auto number) {
      using T = decltype(number);
      using C = ComputedIn<T>;
      for_each_row(logits, [&](int64_t row) {
        const T* from = data<T>(logits) + row * classes;
        T* to = data<T>(of_logits) + row * classes;
        const C most = data<C>(kept)[2 * row], powers = data<C>(kept)[2 * row + 1], scale = C(factor) / powers;
        const C less = C(smoothing / classes) * powers;
        const int64_t target = data<int64_t>(targets)[row];
        NAS_SELECT(T, scaled_powers)(from, most, less, scale, classes, to);
        NAS_SELECT(T, scaled_powers)(from + target, most, less + C(1 - smoothing) * powers, scale, 1, to + target);
      });
    });
    return {of_logits, {}, {}, {}};
  }
};

bool covers(const at::Tensor& logits, const at::Tensor& targets, int64_t reduction) {
  const auto type = logits.scalar_type();
  if (!logits.device().is_cpu() || logits.layout() != at::kStrided || logits.dim() != 2 || logits.numel() == 0 ||
      (type != at::kFloat && type != at::kDouble && type != at::kBFloat16))
    return false;
  if (!targets.device().is_cpu() || targets.scalar_type() != at::kLong || targets.dim() != 1 || targets.size(0) != logits.size(0))
    return false;
  const int64_t* first = data<int64_t>(targets);
  return (reduction == at::Reduction::Mean || reduction == at::Reduction::Sum) && targets.is_contiguous() &&
         std::all_of(first, first + targets.size(0), [&](int64_t target) { return target >= 0 && target < logits.size(1); });
}

}  // namespace

at::Tensor cross_entropy(const at::Tensor& logits, const at::Tensor& targets, double smoothing, int64_t reduction) {
  if (!covers(logits, targets, reduction)) return by_libtorch(logits, targets, smoothing, reduction);
  return CrossEntropy::apply(logits.contiguous(), targets, smoothing, reduction == at::Reduction::Mean);
}

}  // namespace nas
