// Training kernels for the CPU, as differentiable functions. Each does what libtorch's own operator does, and hands
// over to it whatever it does not cover: other devices, types and sizes.
#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <memory>
#include <new>
#include <vector>

#include "types.h"

namespace nas {

using Pair = std::array<int64_t, 2>;  // of rows, of columns

// input [N, C, H, W], weight [K, C / groups, kernel height, kernel width], bias [K] or undefined. Differentiable any number
// of times.
at::Tensor conv2d(const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias, Pair stride, Pair padding,
                  Pair dilation, int64_t groups);

// input [N, C, H, W], weights [K, C, 1, 1]: two convolutions of stride 2, the second of the image moved up and left by a pixel,
// side by side, [N, K of both, H / 2, W / 2], halves rounded up. Differentiable any number of times.
at::Tensor factorized_reduction(const at::Tensor& input, const at::Tensor& straight, const at::Tensor& shifted);

// input [N, C, H, W], weight [C, 1, kernel height, kernel width], bias [C] or undefined. Differentiable any number of times.
at::Tensor conv2d_depthwise(const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias, Pair stride,
                            Pair padding, Pair dilation);

// input [N, C, H, W]. The greatest, or the mean, of what each window covers of the image: padding counts for nothing.
// Differentiable any number of times.
at::Tensor max_pool2d(const at::Tensor& input, Pair kernel, Pair stride, Pair padding);
at::Tensor avg_pool2d(const at::Tensor& input, Pair kernel, Pair stride, Pair padding);

// A value [N, C, H, W] or [N, C] of a sum, normalised or as it is, times its share.
struct NormTerm {
  at::Tensor value;
  bool normalised;
  at::Tensor gamma, beta, mean, variance;  // [C]; each may be undefined; the last two are the running statistics
  double epsilon, momentum;
  at::Tensor share;                        // a number, or undefined for 1
};

// The sum of terms, all of one shape, or its positive part: batch norm, the additions and the ReLU behind it in one pass.
// In training by the batch's statistics, which move the running ones, else by the running ones.
at::Tensor norm_sum(std::vector<NormTerm> terms, bool training, bool relu);

// Cross entropy in nats of logits [n, classes], floats, doubles or bfloat16, with targets int64 [n], of which the part
// `smoothing` is spread over all classes: their mean or sum, by at::Reduction; in float where the logits are in bfloat16.
at::Tensor cross_entropy(const at::Tensor& logits, const at::Tensor& targets, double smoothing, int64_t reduction);

// A recurrent cell (the code of nas::Cell) over the steps of sequences [batch, steps, numbers], from states [batch, numbers]
// on, with full layers' weights [outputs, inputs] and biases, and masks [batch, numbers]: the first state after each step,
// [batch, steps, numbers], and all states after the last, through which no gradients flow. Differentiable any number of
// times by the sequence and the weights. Floats or doubles on the processor, outside of autocast; all of one type.
bool covers_recurrent(const at::Tensor& sequence);
std::vector<at::Tensor> recurrent(const std::vector<int64_t>& code, const at::Tensor& sequence,
                                  const std::vector<at::Tensor>& states, const std::vector<at::Tensor>& weights,
                                  const std::vector<at::Tensor>& masks);

namespace detail {

// NCHW, or channels last where the tensor lies so in memory.
inline at::MemoryFormat format_of(const at::Tensor& tensor) { return tensor.suggest_memory_format(); }

// What act answers, called with a number of the type that the kernels have for a tensor's float, double or bfloat16.
template <class F>
auto by_type(at::ScalarType type, F&& act) {
  switch (type) {
    case at::kFloat: return act(float());
    case at::kDouble: return act(double());
    default: return act(bfloat());
  }
}

// The numbers of a tensor of the type that by_type calls T.
template <class T>
T* data(const at::Tensor& tensor) {
  return static_cast<T*>(tensor.data_ptr());
}

// Zeroed memory for one thread's planes.
template <class T>
class Scratch {
 public:
  explicit Scratch(int64_t count) : data_(static_cast<T*>(::operator new(count * sizeof(T), alignment))) {
    std::fill_n(data_, count, T(0));
  }
  ~Scratch() { ::operator delete(data_, alignment); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  T* data() { return data_; }

 private:
  static constexpr std::align_val_t alignment{64};
  T* data_;
};

}  // namespace detail
}  // namespace nas
