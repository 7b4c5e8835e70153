// Our own training kernels: what libtorch computes, faster on processors.
#include "api.h"

#include "kernels/kernels.h"
#include "kernels/levels.h"

static nas::Pair pair(Dims values) { return {values[0], values[1]}; }

NAS_API Handle nas_conv2d_dense(Handle input, Handle weight, Handle bias, Dims stride, Dims padding, Dims dilation, int64_t groups) {
  return nas::tensor([&] {
    return nas::conv2d(*input, *weight, nas::or_undefined(bias), pair(stride), pair(padding), pair(dilation), groups);
  });
}

NAS_API Handle nas_factorized_reduction(Handle input, Handle straight, Handle shifted) {
  return nas::tensor([&] { return nas::factorized_reduction(*input, *straight, *shifted); });
}

NAS_API Handle nas_conv2d_depthwise(Handle input, Handle weight, Handle bias, Dims stride, Dims padding, Dims dilation) {
  return nas::tensor([&] {
    return nas::conv2d_depthwise(*input, *weight, nas::or_undefined(bias), pair(stride), pair(padding), pair(dilation));
  });
}

NAS_API Handle nas_pool2d_maximum(Handle input, Dims kernel, Dims stride, Dims padding) {
  return nas::tensor([&] { return nas::max_pool2d(*input, pair(kernel), pair(stride), pair(padding)); });
}

NAS_API Handle nas_pool2d_mean(Handle input, Dims kernel, Dims stride, Dims padding) {
  return nas::tensor([&] { return nas::avg_pool2d(*input, pair(kernel), pair(stride), pair(padding)); });
}

// Of each term six tensors (value, scale, shift, running mean and variance, share) and two constants: epsilon, or -1 for
// a term that is not normalised, and momentum.
NAS_API Handle nas_norm_sum(const Handle* tensors, const double* constants, int32_t terms, Flag training, Flag relu) {
  return nas::tensor([&] {
    std::vector<nas::NormTerm> all;
    for (int32_t k = 0; k < terms; k++) {
      const auto tensor = [&](int place) { return nas::or_undefined(tensors[6 * k + place]); };
      all.push_back({tensor(0), constants[2 * k] >= 0, tensor(1), tensor(2), tensor(3), tensor(4), constants[2 * k],
                     constants[2 * k + 1], tensor(5)});
    }
    return nas::norm_sum(std::move(all), training, relu);
  });
}

NAS_API Handle nas_smooth_cross_entropy(Handle logits, Handle targets, double smoothing, int64_t reduction) {
  return nas::tensor([&] { return nas::cross_entropy(*logits, *targets, smoothing, reduction); });
}

NAS_API Flag nas_covers_recurrent(Handle sequence) { return nas::covers_recurrent(*sequence); }
NAS_API Handle* nas_recurrent(Dims code, int32_t length, Handle sequence, const Handle* states, int32_t state_count,
                              const Handle* weights, int32_t weight_count, const Handle* masks, int32_t mask_count,
                              int32_t* count) {
  return nas::tensors(count, [&] {
    return nas::recurrent({code, code + length}, *sequence, nas::list(states, state_count), nas::list(weights, weight_count),
                          nas::list(masks, mask_count));
  });
}

// Bounds the instructions that the kernels use (0 portable, 1 AVX2, 2 AVX-512); answers those in use.
NAS_API int32_t nas_limit_instructions(int32_t highest) {
  return static_cast<int32_t>(nas::limit_level(static_cast<nas::Level>(highest)));
}
