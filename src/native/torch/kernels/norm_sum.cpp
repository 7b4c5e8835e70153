// Sums of batch norms: what their passes over memory are, and how autograd sees them.
#include "norm_sum.h"

#include <ATen/Parallel.h>
#include <ATen/ops/batch_norm.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/scalar_tensor.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "kernels.h"

namespace nas {
namespace {

using detail::data;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr int64_t piece_size = 1 << 16;  // numbers summed up in floats, before doubles take over
constexpr int64_t block_size = 1 << 12;  // numbers that pass through all terms while they are in the first-level cache

constexpr int inputs_per_term = 4;  // value, scale, shift, share

// What is not differentiated of a term.
struct Norm {
  bool present;
  double epsilon, momentum;
  at::Tensor mean, variance;  // the running ones; undefined if none are kept
};

// The numbers of a call: channels, how far a pattern reaches, and all numbers of one term.
struct Extent {
  int64_t channels, period, count;

  explicit Extent(const at::Tensor& values) : channels(values.size(1)), count(values.numel()) {
    // Long enough that a sum is not added to again before the processor is done with it.
    const int64_t aligned = std::lcm<int64_t>(channels, 16);
    period = (127 / aligned + 1) * aligned;
  }
  int64_t per_channel() const { return count / channels; }
  int64_t whole(int64_t wanted) const { return std::max<int64_t>(1, wanted / period) * period; }
};

template <class T>
std::vector<T> spread(const Extent& e, const std::vector<double>& per_channel) {
  std::vector<T> pattern(e.period);
  for (int64_t i = 0; i < e.period; i++) pattern[i] = T(per_channel[i % e.channels]);
  return pattern;
}

std::vector<double> numbers(const at::Tensor& tensor, int64_t count, double otherwise) {
  std::vector<double> values(count, otherwise);
  if (tensor.defined()) {
    const at::Tensor wide = tensor.detach().to(at::kDouble).contiguous();
    std::copy_n(wide.data_ptr<double>(), count, values.begin());
  }
  return values;
}

double number(const at::Tensor& share) { return share.defined() ? share.item<double>() : 1; }

at::Tensor tensor_of(const std::vector<double>& values, const at::Tensor& like) {
  at::Tensor wide = at::empty({int64_t(values.size())}, at::kDouble);
  std::copy(values.begin(), values.end(), wide.data_ptr<double>());
  return wide.to(like.scalar_type());
}

c10::optional<at::Tensor> maybe(const at::Tensor& tensor) {
  return tensor.defined() ? c10::optional<at::Tensor>(tensor) : c10::nullopt;
}

at::MemoryFormat format(const at::Tensor& values) {
  return values.dim() == 4 ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous;
}

// Sums over fixed pieces of the array, so that the result does not depend on the number of threads: per channel those of
// the `columns` patterns that add fills for [first, last).
template <class T, class F>
std::vector<std::vector<double>> sums_of(const Extent& e, int64_t columns, F&& add) {
  const int64_t piece = e.whole(piece_size), pieces = (e.count + piece - 1) / piece;
  std::vector<T> partial(pieces * columns * e.period);
  at::parallel_for(0, pieces, 1, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; i++)
      add(i * piece, std::min(e.count, (i + 1) * piece), partial.data() + i * columns * e.period);
  });
  std::vector<std::vector<double>> sums(columns, std::vector<double>(e.channels));
  for (int64_t i = 0; i < pieces * columns; i++)
    for (int64_t at = 0; at < e.period; at++) sums[i % columns][at % e.channels] += partial[i * e.period + at];
  return sums;
}

// Calls act(first, last, scratch) for blocks of the array, on all threads; scratch has room for a block.
template <class C, class F>
void in_blocks(const Extent& e, F&& act) {
  const int64_t block = e.whole(block_size), blocks = (e.count + block - 1) / block;
  at::parallel_for(0, blocks, 8, [&](int64_t first, int64_t last) {
    std::vector<C> scratch(block);
    for (int64_t i = first; i < last; i++) act(i * block, std::min(e.count, (i + 1) * block), scratch.data());
  });
}

struct Statistics {
  std::vector<double> mean, inverse_deviation;
};

template <class T>
Statistics batch_statistics(const Extent& e, const at::Tensor& values, const Norm& norm) {
  using C = ComputedIn<T>;
  const T* from = data<T>(values);
  // Distances from the first pixel: squares of what lies far from 0 would not leave the differences enough bits.
  const at::Tensor pixel = values.dim() == 4 ? values.select(0, 0).select(1, 0).select(1, 0) : values.select(0, 0);
  const std::vector<double> first = numbers(pixel, e.channels, 0);
  const std::vector<C> origin = spread<C>(e, first);
  const auto sums = sums_of<C>(e, 2, [&](int64_t begin, int64_t end, C* to) {
    NAS_SELECT(T, add_moments)(from + begin, origin.data(), end - begin, e.period, to, to + e.period);
  });
  Statistics statistics{first, std::vector<double>(e.channels)};
  const double n = double(e.per_channel());
  std::vector<double> variance(e.channels);
  for (int64_t c = 0; c < e.channels; c++) {
    const double distance = sums[0][c] / n;
    statistics.mean[c] += distance;
    variance[c] = sums[1][c] / n - distance * distance;
    if (variance[c] < 0) variance[c] = 0;
    statistics.inverse_deviation[c] = 1 / std::sqrt(variance[c] + norm.epsilon);
    variance[c] *= n / (n - 1);
  }
  const auto move = [&](const at::Tensor& running, const std::vector<double>& current) {
    if (running.defined()) at::Tensor(running).mul_(1 - norm.momentum).add_(tensor_of(current, running), norm.momentum);
  };
  move(norm.mean, statistics.mean);
  move(norm.variance, variance);
  return statistics;
}

Statistics running_statistics(const Extent& e, const Norm& norm) {
  Statistics statistics{numbers(norm.mean, e.channels, 0), numbers(norm.variance, e.channels, 1)};
  for (double& variance : statistics.inverse_deviation) variance = 1 / std::sqrt(variance + norm.epsilon);
  return statistics;
}

// The same by libtorch's operators.
at::Tensor by_libtorch(at::TensorList inputs, const std::vector<Norm>& norms, bool training, bool relu) {
  at::Tensor sum;
  for (size_t k = 0; k < norms.size(); k++) {
    const at::Tensor* in = &inputs[k * inputs_per_term];
    at::Tensor value = in[0];
    if (norms[k].present)
      value = at::batch_norm(value, maybe(in[1]), maybe(in[2]), maybe(norms[k].mean), maybe(norms[k].variance), training,
                             norms[k].momentum, norms[k].epsilon, true);
    if (in[3].defined()) value = value.mul(in[3]);
    sum = sum.defined() ? sum.add(value) : value;
  }
  if (!relu) return sum;
  return sum.is_same(inputs[0]) ? sum.relu() : sum.relu_();
}

template <class T>
at::Tensor sum_of(at::TensorList inputs, const std::vector<Norm>& norms, bool training, bool relu,
                  std::vector<Statistics>& statistics) {
  using C = ComputedIn<T>;
  const Extent e(inputs[0]);
  std::vector<std::vector<C>> scales;
  std::vector<double> shift(e.channels);
  for (size_t k = 0; k < norms.size(); k++) {
    const at::Tensor* in = &inputs[k * inputs_per_term];
    const double share = number(in[3]);
    std::vector<double> scale(e.channels, share);
    if (norms[k].present) {
      statistics[k] = training ? batch_statistics<T>(e, in[0], norms[k]) : running_statistics(e, norms[k]);
      const auto gamma = numbers(in[1], e.channels, 1), beta = numbers(in[2], e.channels, 0);
      for (int64_t c = 0; c < e.channels; c++) {
        scale[c] = share * gamma[c] * statistics[k].inverse_deviation[c];
        shift[c] += share * beta[c] - scale[c] * statistics[k].mean[c];
      }
    }
    scales.push_back(spread<C>(e, scale));
  }
  const std::vector<C> shifts = spread<C>(e, shift), none(e.period);
  at::Tensor output = at::empty_like(inputs[0]);
  T* out = static_cast<T*>(output.data_ptr());
  const size_t last_term = norms.size() - 1;
  in_blocks<C>(e, [&](int64_t first, int64_t last, C* sums) {
    for (size_t k = 0; k <= last_term; k++) {
      const T* values = data<T>(inputs[k * inputs_per_term]) + first;
      const C* offset = k == 0 ? shifts.data() : none.data();
      const C* before = k == 0 ? nullptr : sums;
      if (k == last_term)
        NAS_SELECT(T, finish_scaled)(values, scales[k].data(), offset, before, relu, last - first, e.period, out + first);
      else
        NAS_SELECT(T, add_scaled)(values, scales[k].data(), offset, before, last - first, e.period, sums);
    }
  });
  return output;
}

// The numbers of images or rows whose channels lie together, those of neighbouring pixels `step` apart: further than there are
// channels where the images are some of the channels of wider ones, as the gradients of joined images are.
template <class T>
class Pixels {
 public:
  Pixels(const at::Tensor& tensor, int64_t step) : from_(data<T>(tensor)), channels_(tensor.size(1)), step_(step) {}

  // The step of a tensor; 0 if it lies otherwise.
  static int64_t step_of(const at::Tensor& tensor) {
    const bool is_image = tensor.dim() == 4;
    const int64_t step = tensor.stride(is_image ? 3 : 0);
    if (tensor.stride(1) != 1 || step < tensor.size(1)) return 0;
    const int64_t row = is_image ? step * tensor.size(3) : 0;
    return !is_image || (tensor.stride(2) == row && tensor.stride(0) == row * tensor.size(2)) ? step : 0;
  }

  // Those from a pixel's first on, one after another: where they lie, or copied.
  const T* block(int64_t first, int64_t last, T* scratch) const {
    if (step_ == channels_) return from_ + first;
    const T* from = from_ + first / channels_ * step_;
    for (T* to = scratch; to < scratch + (last - first); to += channels_, from += step_) std::copy_n(from, channels_, to);
    return scratch;
  }

 private:
  const T* from_;
  int64_t channels_, step_;
};

// What is kept of a term for its gradients.
struct Kept {
  at::Tensor value, gamma, beta, share;
  Statistics statistics;
  bool needs_value, needs_gamma, needs_beta, needs_share;

  bool norm() const { return !statistics.mean.empty(); }
};

// The gradients of value, gamma, beta and share of each term.
template <class T>
variable_list gradients_of(const std::vector<Kept>& terms, const at::Tensor& any_grad, const at::Tensor& result, bool training) {
  using C = ComputedIn<T>;
  const Extent e(any_grad);
  const int64_t step = Pixels<T>::step_of(any_grad);
  const at::Tensor grad = step ? any_grad : any_grad.contiguous(format(any_grad));
  const Pixels<T> pixels(grad, step ? step : e.channels);
  const T* y = result.defined() ? data<T>(result) : nullptr;

  // Of each channel the sum of the gradient, and of its products with the normalised value.
  std::vector<size_t> summed;
  std::vector<std::vector<C>> origins;
  for (size_t k = 0; k < terms.size(); k++)
    if (terms[k].norm() || terms[k].needs_share) {
      summed.push_back(k);
      origins.push_back(terms[k].norm() ? spread<C>(e, terms[k].statistics.mean) : std::vector<C>(e.period));
    }
  std::vector<std::vector<double>> sums;
  if (!summed.empty())
    sums = sums_of<C>(e, 1 + summed.size(), [&](int64_t begin, int64_t end, C* to) {
      std::vector<T> scratch(e.whole(block_size));
      for (int64_t at = begin; at < end; at += e.whole(block_size)) {
        const int64_t count = std::min(end - at, e.whole(block_size));
        const T* g = pixels.block(at, at + count, scratch.data());
        for (size_t i = 0; i < summed.size(); i++)
          NAS_SELECT(T, add_products)(g, y ? y + at : nullptr, data<T>(terms[summed[i]].value) + at, origins[i].data(), count, e.period,
                                      i == 0 ? to : nullptr, to + (i + 1) * e.period);
      }
    });

  struct Pass {
    std::vector<C> by_gradient, by_value, offset;
    const T* value;
    T* out;
  };
  std::vector<Pass> passes;
  variable_list gradients(terms.size() * inputs_per_term);
  for (size_t k = 0, column = 1; k < terms.size(); k++) {
    const Kept& term = terms[k];
    at::Tensor* out = &gradients[k * inputs_per_term];
    const double share = number(term.share);
    std::vector<double> a(e.channels, share), b(e.channels), c(e.channels);
    if (term.norm()) {
      const auto& r = term.statistics.inverse_deviation;
      const auto &sum = sums[0], &product = sums[column++];
      const auto gamma = numbers(term.gamma, e.channels, 1), beta = numbers(term.beta, e.channels, 0);
      std::vector<double> of_gamma(e.channels), of_beta(e.channels);
      double of_share = 0;
      for (int64_t i = 0; i < e.channels; i++) {
        of_gamma[i] = share * r[i] * product[i];
        of_beta[i] = share * sum[i];
        of_share += gamma[i] * r[i] * product[i] + beta[i] * sum[i];
        a[i] = share * gamma[i] * r[i];
        if (training) {
          b[i] = -a[i] * r[i] * r[i] * product[i] / e.per_channel();
          c[i] = -a[i] * sum[i] / e.per_channel() - b[i] * term.statistics.mean[i];
        }
      }
      if (term.needs_gamma) out[1] = tensor_of(of_gamma, term.gamma);
      if (term.needs_beta) out[2] = tensor_of(of_beta, term.beta);
      if (term.needs_share) out[3] = at::scalar_tensor(of_share, term.share.options());
    } else if (term.needs_share) {
      const auto& product = sums[column++];
      out[3] = at::scalar_tensor(std::accumulate(product.begin(), product.end(), 0.0), term.share.options());
    }
    if (!term.needs_value) continue;
    if (!term.norm() && !term.share.defined() && !y) {
      out[0] = grad;
      continue;
    }
    out[0] = at::empty(grad.sizes(), grad.options(), format(grad));
    const bool by_value = term.norm() && training;
    passes.push_back({spread<C>(e, a), by_value ? spread<C>(e, b) : std::vector<C>(), by_value ? spread<C>(e, c) : std::vector<C>(),
                      by_value ? data<T>(term.value) : nullptr, static_cast<T*>(out[0].data_ptr())});
  }
  if (!passes.empty())
    in_blocks<T>(e, [&](int64_t first, int64_t last, T* scratch) {
      const T* g = pixels.block(first, last, scratch);
      for (const Pass& p : passes)
        NAS_SELECT(T, combine_gradient)(g, y ? y + first : nullptr, p.value ? p.value + first : nullptr,
                                        p.by_gradient.data(), p.by_value.data(), p.offset.data(), last - first, e.period,
                                        p.out + first);
    });
  return gradients;
}

struct NormSum : torch::autograd::Function<NormSum> {
  // Autograd is shown the inputs that there are, in their order; `inputs` has them at their places.
  static at::Tensor forward(AutogradContext* ctx, at::TensorList, const variable_list& inputs, const std::vector<Norm>& norms,
                            bool training, bool relu) {
    std::vector<Statistics> statistics(norms.size());
    const at::Tensor output = detail::by_type(inputs[0].scalar_type(), [&](auto number) {
      return sum_of<decltype(number)>(inputs, norms, training, relu, statistics);
    });

    // A term that is only added leaves nothing behind.
    variable_list saved;
    std::vector<int64_t> places;
    for (size_t i = 0; i < inputs.size(); i++)
      if (inputs[i].defined()) places.push_back(i);
    std::vector<double> numbers, epsilons;
    for (size_t k = 0; k < norms.size(); k++) {
      const at::Tensor* in = &inputs[k * inputs_per_term];
      saved.push_back(norms[k].present || in[3].defined() ? in[0] : at::Tensor());
      saved.insert(saved.end(), in + 1, in + inputs_per_term);
      numbers.insert(numbers.end(), statistics[k].mean.begin(), statistics[k].mean.end());
      numbers.insert(numbers.end(), statistics[k].inverse_deviation.begin(), statistics[k].inverse_deviation.end());
      epsilons.push_back(norms[k].present ? norms[k].epsilon : -1);
    }
    saved.push_back(relu ? output : at::Tensor());
    ctx->save_for_backward(saved);
    ctx->saved_data["statistics"] = numbers;
    ctx->saved_data["epsilons"] = epsilons;
    ctx->saved_data["places"] = places;
    ctx->saved_data["training"] = training;
    return output;
  }

  static variable_list backward(AutogradContext* ctx, variable_list gradients) {
    const variable_list saved = ctx->get_saved_variables();
    const at::Tensor& result = saved.back();
    const auto statistics = ctx->saved_data["statistics"].toDoubleVector();
    const auto epsilons = ctx->saved_data["epsilons"].toDoubleVector();
    const auto places = ctx->saved_data["places"].toIntVector();
    const bool training = ctx->saved_data["training"].toBool();
    const at::Tensor grad = gradients[0];
    std::vector<bool> needed(epsilons.size() * inputs_per_term);
    for (size_t i = 0; i < places.size(); i++) needed[places[i]] = ctx->needs_input_grad(i);
    const int64_t channels = grad.size(1);
    std::vector<Kept> terms;
    auto next = statistics.begin();
    for (size_t k = 0; k < epsilons.size(); k++) {
      const at::Tensor* in = &saved[k * inputs_per_term];
      const auto needs = [&](int input) { return bool(needed[k * inputs_per_term + input]); };
      Kept term{in[0], in[1], in[2], in[3], {}, needs(0), needs(1), needs(2), needs(3)};
      if (epsilons[k] >= 0) {
        term.statistics = {{next, next + channels}, {next + channels, next + 2 * channels}};
        next += 2 * channels;
      }
      terms.push_back(std::move(term));
    }
    const variable_list all = at::GradMode::is_enabled() ? differentiable(terms, epsilons, grad, result, training) : [&] {
      const at::Tensor alike = grad.to(result.defined() ? result.scalar_type() : grad.scalar_type());
      return detail::by_type(alike.scalar_type(), [&](auto number) {
        return gradients_of<decltype(number)>(terms, alike, result, training);
      });
    }();
    variable_list given;
    for (const int64_t place : places) given.push_back(all[place]);
    given.resize(places.size() + 4);
    return given;
  }

  // The gradients from libtorch's operators, for those who want gradients of them.
  static variable_list differentiable(const std::vector<Kept>& terms, const std::vector<double>& epsilons, const at::Tensor& grad,
                                      const at::Tensor& result, bool training) {
    const at::Tensor passed = result.defined() ? grad.mul(result.gt(0)) : grad;
    variable_list gradients(terms.size() * inputs_per_term), inputs, wanted;
    std::vector<size_t> places;
    std::vector<Norm> norms;
    for (size_t k = 0; k < terms.size(); k++) {
      const Kept& term = terms[k];
      if (!term.value.defined()) {
        if (term.needs_value) gradients[k * inputs_per_term] = passed;
        continue;
      }
      const at::Tensor in[] = {term.value, term.gamma, term.beta, term.share};
      const bool needs[] = {term.needs_value, term.needs_gamma, term.needs_beta, term.needs_share};
      for (int i = 0; i < inputs_per_term; i++) {
        inputs.push_back(needs[i] ? in[i].alias() : in[i]);  // one tensor may stand at two places, which have gradients of their own
        if (!needs[i]) continue;
        wanted.push_back(inputs.back());
        places.push_back(k * inputs_per_term + i);
      }
      Norm norm{term.norm(), epsilons[k], 0, {}, {}};
      if (norm.present && !training) {
        std::vector<double> variance;
        for (double r : term.statistics.inverse_deviation) variance.push_back(1 / (r * r) - norm.epsilon);
        const at::Tensor& like = term.gamma.defined() ? term.gamma : term.value;
        norm.mean = tensor_of(term.statistics.mean, like);
        norm.variance = tensor_of(variance, like);
      }
      norms.push_back(norm);
    }
    if (wanted.empty()) return gradients;
    const variable_list found = torch::autograd::grad({by_libtorch(inputs, norms, training, false)}, wanted, {passed}, true, true, true);
    for (size_t i = 0; i < places.size(); i++) gradients[places[i]] = found[i];
    return gradients;
  }
};

bool covers(at::TensorList inputs) {
  const at::Tensor& first = inputs[0];
  const auto type = first.scalar_type();
  if ((type != at::kFloat && type != at::kDouble && type != at::kBFloat16) || (first.dim() != 4 && first.dim() != 2) || first.numel() == 0)
    return false;
  for (size_t i = 0; i < inputs.size(); i++) {
    const at::Tensor& tensor = inputs[i];
    if (!tensor.defined()) continue;
    if (!tensor.device().is_cpu() || tensor.layout() != at::kStrided) return false;
    if (i % inputs_per_term == 0 && (tensor.scalar_type() != type || tensor.sizes() != first.sizes())) return false;
    if ((i % inputs_per_term == 1 || i % inputs_per_term == 2) && tensor.numel() != first.size(1)) return false;
  }
  return true;
}

}  // namespace

at::Tensor norm_sum(std::vector<NormTerm> terms, bool training, bool relu) {
  variable_list inputs;
  std::vector<Norm> norms;
  const bool narrow = std::any_of(terms.begin(), terms.end(), [](const NormTerm& term) {
    return term.value.scalar_type() == at::kBFloat16 && term.value.device().is_cpu();
  });
  for (const NormTerm& term : terms) {
    const at::Tensor value = narrow ? term.value.to(at::kBFloat16) : term.value;
    inputs.insert(inputs.end(), {value, term.gamma, term.beta, term.share});
    norms.push_back({term.normalised, term.epsilon, term.momentum, term.mean, term.variance});
  }
  if (!covers(inputs)) return by_libtorch(inputs, norms, training, relu);
  for (size_t k = 0; k < norms.size(); k++)
    inputs[k * inputs_per_term] = inputs[k * inputs_per_term].contiguous(format(inputs[0]));
  variable_list there;
  std::copy_if(inputs.begin(), inputs.end(), std::back_inserter(there), [](const at::Tensor& input) { return input.defined(); });
  return NormSum::apply(at::TensorList(there), inputs, norms, training, relu);
}

}  // namespace nas
