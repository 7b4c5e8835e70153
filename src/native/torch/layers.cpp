// Layers as functions: convolution, pooling, normalisation, embedding, dropout, padding.
#include "api.h"

#include <ATen/ops/adaptive_avg_pool1d.h>
#include <ATen/ops/adaptive_avg_pool2d.h>
#include <ATen/ops/adaptive_max_pool2d.h>
#include <ATen/ops/alpha_dropout.h>
#include <ATen/ops/avg_pool1d.h>
#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/batch_norm.h>
#include <ATen/ops/conv1d.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/conv_transpose2d.h>
#include <ATen/ops/dropout.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/embedding_renorm.h>
#include <ATen/ops/feature_dropout.h>
#include <ATen/ops/group_norm.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/max_pool1d.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/max_pool2d_with_indices.h>
#include <ATen/ops/one_hot.h>
#include <ATen/ops/pad.h>
#include <ATen/ops/upsample_bicubic2d.h>
#include <ATen/ops/upsample_bilinear2d.h>
#include <ATen/ops/upsample_nearest2d.h>

#include <ATen/Context.h>
#include <c10/core/GradMode.h>

using nas::dims;
using nas::maybe;

NAS_API Handle nas_linear(Handle input, Handle weight, Handle bias) {
  return nas::tensor([&] { return at::linear(*input, *weight, maybe(bias)); });
}

// `spatial` numbers for each of stride, padding and dilation.
NAS_API Handle nas_conv(Handle input, Handle weight, Handle bias, int32_t spatial, Dims stride, Dims padding,
                        Dims dilation, int64_t groups) {
  return nas::tensor([&] {
    return spatial == 1
        ? at::conv1d(*input, *weight, maybe(bias), dims(stride, 1), dims(padding, 1), dims(dilation, 1), groups)
        : at::conv2d(*input, *weight, maybe(bias), dims(stride, 2), dims(padding, 2), dims(dilation, 2), groups);
  });
}
// As nas_conv, padded so that the output is as large as the input ("same") or not at all ("valid").
NAS_API Handle nas_conv_padded(Handle input, Handle weight, Handle bias, int32_t spatial, Dims stride, Flag same,
                               Dims dilation, int64_t groups) {
  return nas::tensor([&] {
    c10::string_view padding = same ? "same" : "valid";
    return spatial == 1
        ? at::conv1d(*input, *weight, maybe(bias), dims(stride, 1), padding, dims(dilation, 1), groups)
        : at::conv2d(*input, *weight, maybe(bias), dims(stride, 2), padding, dims(dilation, 2), groups);
  });
}
NAS_API Handle nas_conv_transpose2d(Handle input, Handle weight, Handle bias, Dims stride, Dims padding,
                                    Dims output_padding, Dims dilation, int64_t groups) {
  return nas::tensor([&] {
    return at::conv_transpose2d(*input, *weight, maybe(bias), dims(stride, 2), dims(padding, 2),
                                dims(output_padding, 2), groups, dims(dilation, 2));
  });
}

NAS_API Handle nas_batch_norm(Handle input, Handle running_mean, Handle running_var, Handle weight, Handle bias,
                              Flag training, double momentum, double eps) {
  return nas::tensor([&] {
    return at::batch_norm(*input, maybe(weight), maybe(bias), maybe(running_mean), maybe(running_var), training,
                          momentum, eps, at::globalContext().userEnabledCuDNN());
  });
}
NAS_API Handle nas_layer_norm(Handle input, Dims shape, int32_t count, Handle weight, Handle bias, double eps) {
  return nas::tensor([&] { return at::layer_norm(*input, dims(shape, count), maybe(weight), maybe(bias), eps); });
}
NAS_API Handle nas_group_norm(Handle input, int64_t groups, Handle weight, Handle bias, double eps) {
  return nas::tensor([&] { return at::group_norm(*input, groups, maybe(weight), maybe(bias), eps); });
}

NAS_API Handle nas_max_pool1d(Handle input, int64_t kernel, int64_t stride, int64_t padding, int64_t dilation, Flag ceil_mode) {
  return nas::tensor([&] { return at::max_pool1d(*input, kernel, stride, padding, dilation, ceil_mode); });
}
NAS_API Handle nas_max_pool2d(Handle input, Dims kernel, Dims stride, Dims padding, Dims dilation, Flag ceil_mode) {
  return nas::tensor([&] {
    return at::max_pool2d(*input, dims(kernel, 2), dims(stride, 2), dims(padding, 2), dims(dilation, 2), ceil_mode);
  });
}
NAS_API Done nas_max_pool2d_with_indices(Handle input, Dims kernel, Dims stride, Dims padding, Dims dilation,
                                         Flag ceil_mode, Handle* output, Handle* indices) {
  return nas::pair(output, indices, [&] {
    return at::max_pool2d_with_indices(*input, dims(kernel, 2), dims(stride, 2), dims(padding, 2), dims(dilation, 2),
                                       ceil_mode);
  });
}
NAS_API Handle nas_avg_pool1d(Handle input, int64_t kernel, int64_t stride, int64_t padding, Flag ceil_mode, Flag count_include_pad) {
  return nas::tensor([&] { return at::avg_pool1d(*input, kernel, stride, padding, ceil_mode, count_include_pad); });
}
NAS_API Handle nas_avg_pool2d(Handle input, Dims kernel, Dims stride, Dims padding, Flag ceil_mode,
                              Flag count_include_pad, int64_t divisor) {
  return nas::tensor([&] {
    return at::avg_pool2d(*input, dims(kernel, 2), dims(stride, 2), dims(padding, 2), ceil_mode, count_include_pad,
                          divisor == 0 ? c10::nullopt : c10::optional<int64_t>(divisor));
  });
}
NAS_API Handle nas_adaptive_avg_pool1d(Handle input, int64_t size) {
  return nas::tensor([&] { return at::adaptive_avg_pool1d(*input, size); });
}
NAS_API Handle nas_adaptive_avg_pool2d(Handle input, Dims size) {
  return nas::tensor([&] { return at::adaptive_avg_pool2d(*input, dims(size, 2)); });
}
NAS_API Handle nas_adaptive_max_pool2d(Handle input, Dims size) {
  return nas::tensor([&] { return std::get<0>(at::adaptive_max_pool2d(*input, dims(size, 2))); });
}

NAS_API Handle nas_dropout(Handle input, double p, Flag training, Flag in_place) {
  return nas::tensor([&] { return in_place ? at::dropout_(*input, p, training) : at::dropout(*input, p, training); });
}
// Whole channels at a time.
NAS_API Handle nas_feature_dropout(Handle input, double p, Flag training, Flag in_place) {
  return nas::tensor([&] {
    return in_place ? at::feature_dropout_(*input, p, training) : at::feature_dropout(*input, p, training);
  });
}
NAS_API Handle nas_embedding(Handle weight, Handle indices, int64_t padding_index, Flag scale_grad, Flag sparse) {
  return nas::tensor([&] { return at::embedding(*weight, *indices, padding_index, scale_grad, sparse); });
}
// Shortens the rows that are looked up, in place, to a norm of at most `max_norm`.
NAS_API Done nas_embedding_renorm_(Handle weight, Handle indices, double max_norm, double norm_type) {
  return nas::done([&] {
    c10::AutoGradMode no_grad(false);
    at::embedding_renorm_(*weight, *indices, max_norm, norm_type);
  });
}
NAS_API Handle nas_one_hot(Handle input, int64_t classes) {
  return nas::tensor([&] { return at::one_hot(*input, classes); });
}
NAS_API Handle nas_pad(Handle input, Dims pad, int32_t count, int32_t mode, double value) {
  return nas::tensor([&] {
    constexpr const char* modes[] = {"constant", "reflect", "replicate", "circular", "constant"};
    return mode == 0 || mode == 4 ? at::pad(*input, dims(pad, count), "constant", value)
                                  : at::pad(*input, dims(pad, count), modes[mode], c10::nullopt);
  });
}

// To a size (height, width): mode 0 nearest, 2 bilinear, 3 bicubic, as TorchSharp numbers them.
NAS_API Handle nas_interpolate2d(Handle input, Dims size, int32_t mode, Flag align_corners) {
  return nas::tensor([&] {
    if (mode == 2) return at::upsample_bilinear2d(*input, dims(size, 2), align_corners);
    if (mode == 3) return at::upsample_bicubic2d(*input, dims(size, 2), align_corners);
    return at::upsample_nearest2d(*input, dims(size, 2));
  });
}
