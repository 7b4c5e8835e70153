// A whole optimiser step in one call: float32 on the processor in one pass over memory, anything else by foreach
// operators. The update rules are PyTorch's (torch/optim: sgd, adam, adamw, rmsprop).
#include "optim.h"

#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_addcdiv.h>
#include <ATen/ops/_foreach_addcmul.h>
#include <ATen/ops/_foreach_div.h>
#include <ATen/ops/_foreach_maximum.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_neg.h>
#include <ATen/ops/_foreach_sqrt.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros_like.h>

#include <cmath>

using nas::Update;

struct SgdOptions {
  double lr;
  double momentum;
  double dampening;
  double weight_decay;
  Flag nesterov;
  Flag maximize;
};

struct AdamOptions {
  double lr;
  double beta1;
  double beta2;
  double eps;
  double weight_decay;
  Flag decoupled;  // AdamW: decays the weights themselves, not the gradient
  Flag maximize;
};

struct RmsPropOptions {
  double lr;
  double alpha;
  double eps;
  double weight_decay;
  double momentum;
  Flag maximize;
};

namespace {

NAS_VECTORISED
void sgd_loop(float* __restrict p, const float* __restrict g, int64_t n, float sign, float decay, float lr) {
  for (int64_t i = 0; i < n; i++) p[i] -= lr * (sign * g[i] + decay * p[i]);
}

// The step is taken along of_gradient * gradient + of_buffer * buffer, which covers Nesterov's and the heavy ball.
NAS_VECTORISED
void sgd_momentum_loop(float* __restrict p, const float* __restrict g, float* __restrict buffer, int64_t n, float sign,
                       float decay, float keep_old, float take_new, float of_gradient, float of_buffer, float lr) {
  for (int64_t i = 0; i < n; i++) {
    float d = sign * g[i] + decay * p[i];
    float b = keep_old * buffer[i] + take_new * d;
    buffer[i] = b;
    p[i] -= lr * (of_gradient * d + of_buffer * b);
  }
}

struct AdamCoefficients {
  float sign, l2, shrink, beta1, beta2, new1, new2, step, root, eps;
};

NAS_VECTORISED
void adam_loop(float* __restrict p, const float* __restrict g, float* __restrict average, float* __restrict square,
               int64_t n, AdamCoefficients c) {
  for (int64_t i = 0; i < n; i++) {
    float d = c.sign * g[i] + c.l2 * p[i];
    float m = c.beta1 * average[i] + c.new1 * d;
    float v = c.beta2 * square[i] + c.new2 * d * d;
    average[i] = m;
    square[i] = v;
    p[i] = c.shrink * p[i] - c.step * m / (std::sqrt(v) * c.root + c.eps);
  }
}

NAS_VECTORISED
void amsgrad_loop(float* __restrict p, const float* __restrict g, float* __restrict average, float* __restrict square,
                  float* __restrict largest, int64_t n, AdamCoefficients c) {
  for (int64_t i = 0; i < n; i++) {
    float d = c.sign * g[i] + c.l2 * p[i];
    float m = c.beta1 * average[i] + c.new1 * d;
    float v = c.beta2 * square[i] + c.new2 * d * d;
    float top = largest[i] > v ? largest[i] : v;
    average[i] = m;
    square[i] = v;
    largest[i] = top;
    p[i] = c.shrink * p[i] - c.step * m / (std::sqrt(top) * c.root + c.eps);
  }
}

NAS_VECTORISED
void rmsprop_loop(float* __restrict p, const float* __restrict g, float* __restrict square, float* __restrict mean,
                  float* __restrict buffer, int64_t n, float sign, float l2, float alpha, float take, float eps,
                  float momentum, float lr) {
  const bool centered = mean != nullptr, heavy = buffer != nullptr;
  for (int64_t i = 0; i < n; i++) {
    float d = sign * g[i] + l2 * p[i];
    float v = alpha * square[i] + take * d * d;
    square[i] = v;
    if (centered) {
      float average = alpha * mean[i] + take * d;
      mean[i] = average;
      v -= average * average;
    }
    float step = d / (std::sqrt(v) + eps);
    if (heavy) {
      step += momentum * buffer[i];
      buffer[i] = step;
    }
    p[i] -= lr * step;
  }
}

// The gradients as the rule sees them: turned round to maximise, with the weights' decay added.
std::vector<at::Tensor> directions(const std::vector<Update>& updates, bool maximize, double weight_decay) {
  auto gradients = nas::gradients(updates);
  if (maximize) gradients = at::_foreach_neg(gradients);
  if (weight_decay != 0) gradients = at::_foreach_add(gradients, nas::parameters(updates), weight_decay);
  return gradients;
}

void sgd_foreach(std::vector<Update>& updates, const SgdOptions& o) {
  auto parameters = nas::parameters(updates);
  auto gradients = directions(updates, o.maximize, o.weight_decay);
  if (o.momentum == 0) return at::_foreach_add_(parameters, gradients, -o.lr);
  auto buffers = nas::states(updates, 0);
  std::vector<at::Scalar> keep, take;
  for (const auto& update : updates) {
    keep.emplace_back(update.step == 1 ? 0.0 : o.momentum);
    take.emplace_back(update.step == 1 ? 1.0 : 1 - o.dampening);
  }
  at::_foreach_mul_(buffers, keep);
  at::_foreach_add_(buffers, at::_foreach_mul(gradients, take));
  if (o.nesterov)
    at::_foreach_add_(parameters, at::_foreach_add(gradients, buffers, o.momentum), -o.lr);
  else
    at::_foreach_add_(parameters, buffers, -o.lr);
}

void adam_foreach(std::vector<Update>& updates, const AdamOptions& o) {
  auto parameters = nas::parameters(updates);
  if (o.decoupled) at::_foreach_mul_(parameters, 1 - o.lr * o.weight_decay);
  auto gradients = directions(updates, o.maximize, o.decoupled ? 0 : o.weight_decay);
  auto averages = nas::states(updates, 0), squares = nas::states(updates, 1);
  at::_foreach_mul_(averages, o.beta1);
  at::_foreach_add_(averages, gradients, 1 - o.beta1);
  at::_foreach_mul_(squares, o.beta2);
  at::_foreach_addcmul_(squares, gradients, gradients, 1 - o.beta2);
  if (updates[0].states.size() == 3) {
    auto largest = nas::states(updates, 2);
    auto larger = at::_foreach_maximum(largest, squares);
    for (size_t i = 0; i < largest.size(); i++) largest[i].copy_(larger[i]);
    squares = largest;
  }
  std::vector<at::Scalar> roots, sizes;
  for (const auto& update : updates) {
    roots.emplace_back(std::sqrt(1 - std::pow(o.beta2, update.step)));
    sizes.emplace_back(-o.lr / (1 - std::pow(o.beta1, update.step)));
  }
  auto divisors = at::_foreach_sqrt(squares);
  at::_foreach_div_(divisors, roots);
  at::_foreach_add_(divisors, o.eps);
  at::_foreach_addcdiv_(parameters, averages, divisors, sizes);
}

void rmsprop_foreach(std::vector<Update>& updates, bool centered, const RmsPropOptions& o) {
  auto parameters = nas::parameters(updates);
  auto gradients = directions(updates, o.maximize, o.weight_decay);
  auto squares = nas::states(updates, 0);
  at::_foreach_mul_(squares, o.alpha);
  at::_foreach_addcmul_(squares, gradients, gradients, 1 - o.alpha);
  if (centered) {
    auto means = nas::states(updates, 1);
    at::_foreach_mul_(means, o.alpha);
    at::_foreach_add_(means, gradients, 1 - o.alpha);
    squares = at::_foreach_addcmul(squares, means, means, -1);
  }
  auto divisors = at::_foreach_sqrt(squares);
  at::_foreach_add_(divisors, o.eps);
  if (o.momentum == 0) return at::_foreach_addcdiv_(parameters, gradients, divisors, -o.lr);
  auto buffers = nas::states(updates, centered ? 2 : 1);
  at::_foreach_mul_(buffers, o.momentum);
  at::_foreach_addcdiv_(buffers, gradients, divisors);
  at::_foreach_add_(parameters, buffers, -o.lr);
}

}  // namespace

// Buffers are null before a parameter's first gradient, and are made here.
NAS_API Done nas_sgd_step(const Handle* parameters, int32_t count, Handle* buffers, SgdOptions o) {
  return nas::done([&] {
    c10::AutoGradMode no_grad(false);
    const bool heavy = o.momentum != 0;
    std::vector<Update> all, fused, others;
    for (int32_t i = 0; i < count; i++) {
      at::Tensor gradient = parameters[i]->grad();
      if (!gradient.defined()) continue;
      const bool first = heavy && buffers[i] == nullptr;
      if (first) buffers[i] = nas::own(at::zeros_like(*parameters[i]));
      all.push_back({*parameters[i], std::move(gradient), {}, first ? 1 : 2});
      if (heavy) all.back().states.push_back(*buffers[i]);
    }
    nas::sort_updates(std::move(all), fused, others);
    nas::run_fused(fused, [&](float* p, const float* g, float** states, int64_t n, const Update& update) {
      const float sign = o.maximize ? -1 : 1;
      const bool first = update.step == 1;
      if (heavy)
        sgd_momentum_loop(p, g, states[0], n, sign, o.weight_decay, first ? 0 : o.momentum, first ? 1 : 1 - o.dampening,
                          o.nesterov ? 1 : 0, o.nesterov ? o.momentum : 1, o.lr);
      else
        sgd_loop(p, g, n, sign, o.weight_decay, o.lr);
    });
    if (!others.empty()) sgd_foreach(others, o);
  });
}

// `largest` is null without amsgrad; `steps` are counted up here for parameters that have a gradient.
NAS_API Done nas_adam_step(const Handle* parameters, int32_t count, const Handle* averages, const Handle* squares,
                           const Handle* largest, int64_t* steps, AdamOptions o) {
  return nas::done([&] {
    c10::AutoGradMode no_grad(false);
    std::vector<Update> all, fused, others;
    for (int32_t i = 0; i < count; i++) {
      at::Tensor gradient = parameters[i]->grad();
      if (!gradient.defined()) continue;
      all.push_back({*parameters[i], std::move(gradient), {*averages[i], *squares[i]}, ++steps[i]});
      if (largest) all.back().states.push_back(*largest[i]);
    }
    nas::sort_updates(std::move(all), fused, others);
    nas::run_fused(fused, [&](float* p, const float* g, float** states, int64_t n, const Update& update) {
      const double root = std::sqrt(1 - std::pow(o.beta2, update.step));
      const AdamCoefficients c{
          o.maximize ? -1.0f : 1.0f,
          static_cast<float>(o.decoupled ? 0 : o.weight_decay),
          static_cast<float>(o.decoupled ? 1 - o.lr * o.weight_decay : 1),
          static_cast<float>(o.beta1),
          static_cast<float>(o.beta2),
          static_cast<float>(1 - o.beta1),
          static_cast<float>(1 - o.beta2),
          static_cast<float>(o.lr / (1 - std::pow(o.beta1, update.step))),
          static_cast<float>(1 / root),
          static_cast<float>(o.eps),
      };
      if (largest)
        amsgrad_loop(p, g, states[0], states[1], states[2], n, c);
      else
        adam_loop(p, g, states[0], states[1], n, c);
    });
    if (!others.empty()) adam_foreach(others, o);
  });
}

// `means` is null unless centered, `buffers` is null without momentum.
NAS_API Done nas_rmsprop_step(const Handle* parameters, int32_t count, const Handle* squares, const Handle* means,
                              const Handle* buffers, RmsPropOptions o) {
  return nas::done([&] {
    c10::AutoGradMode no_grad(false);
    std::vector<Update> all, fused, others;
    for (int32_t i = 0; i < count; i++) {
      at::Tensor gradient = parameters[i]->grad();
      if (!gradient.defined()) continue;
      all.push_back({*parameters[i], std::move(gradient), {*squares[i]}, 0});
      if (means) all.back().states.push_back(*means[i]);
      if (buffers) all.back().states.push_back(*buffers[i]);
    }
    nas::sort_updates(std::move(all), fused, others);
    nas::run_fused(fused, [&](float* p, const float* g, float** states, int64_t n, const Update&) {
      rmsprop_loop(p, g, states[0], means ? states[1] : nullptr, buffers ? states[means ? 2 : 1] : nullptr, n,
                   o.maximize ? -1 : 1, o.weight_decay, o.alpha, 1 - o.alpha, o.eps, o.momentum, o.lr);
    });
    if (!others.empty()) rmsprop_foreach(others, means != nullptr, o);
  });
}

// Sets the gradients to zero in place, or frees them.
NAS_API Done nas_zero_grad(const Handle* parameters, int32_t count, Flag set_to_none) {
  return nas::done([&] {
    c10::AutoGradMode no_grad(false);
    for (int32_t i = 0; i < count; i++) {
      at::Tensor& gradient = parameters[i]->mutable_grad();
      if (!gradient.defined()) continue;
      if (set_to_none)
        gradient.reset();
      else if (gradient.requires_grad())
        gradient = at::zeros_like(gradient);
      else
        gradient.zero_();
    }
  });
}

// Scales all gradients so that their common norm is at most `max_norm`; tells what it was.
NAS_API Done nas_clip_grad_norm_(const Handle* parameters, int32_t count, double max_norm, double norm_type, double* total) {
  return nas::done([&] {
    c10::AutoGradMode no_grad(false);
    std::vector<at::Tensor> gradients, norms;
    for (int32_t i = 0; i < count; i++) {
      at::Tensor gradient = parameters[i]->grad();
      if (!gradient.defined()) continue;
      gradients.push_back(gradient.detach());
      norms.push_back(gradients.back().norm(norm_type));
      norms.back() = norms.back().to(norms.front().device());
    }
    *total = gradients.empty() ? 0 : at::stack(norms).norm(norm_type).item().toDouble();
    const double scale = max_norm / (*total + 1e-6);
    if (scale < 1)
      for (auto& gradient : gradients) gradient.mul_(scale);
  });
}
NAS_API Done nas_clip_grad_value_(const Handle* parameters, int32_t count, double limit) {
  return nas::done([&] {
    c10::AutoGradMode no_grad(false);
    for (int32_t i = 0; i < count; i++)
      if (parameters[i]->grad().defined()) parameters[i]->mutable_grad().clamp_(-limit, limit);
  });
}
