// Elementwise arithmetic, comparison and logic.
#include "api.h"

#include <ATen/ops/gelu.h>
#include <ATen/ops/hardsigmoid.h>
#include <ATen/ops/hardswish.h>
#include <ATen/ops/elu.h>
#include <ATen/ops/leaky_relu.h>
#include <ATen/ops/log_sigmoid.h>
#include <ATen/ops/relu6.h>
#include <ATen/ops/rsub.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/softplus.h>
#include <ATen/ops/hardtanh.h>
#include <ATen/ops/where.h>

using nas::scalar;

#define NAS_UNARY(op)                                                                    \
  NAS_API Handle nas_##op(Handle self) { return nas::tensor([&] { return self->op(); }); }
#define NAS_UNARY_IN_PLACE(op)                                                           \
  NAS_UNARY(op)                                                                          \
  NAS_API Done nas_##op##_(Handle self) { return nas::done([&] { self->op##_(); }); }
#define NAS_FREE_UNARY_IN_PLACE(op)                                                      \
  NAS_API Handle nas_##op(Handle self) { return nas::tensor([&] { return at::op(*self); }); } \
  NAS_API Done nas_##op##_(Handle self) { return nas::done([&] { at::op##_(*self); }); }

NAS_UNARY_IN_PLACE(abs)
NAS_UNARY_IN_PLACE(ceil)
NAS_UNARY_IN_PLACE(cos)
NAS_UNARY_IN_PLACE(erf)
NAS_UNARY_IN_PLACE(exp)
NAS_UNARY_IN_PLACE(expm1)
NAS_UNARY_IN_PLACE(floor)
NAS_UNARY_IN_PLACE(frac)
NAS_UNARY_IN_PLACE(lgamma)
NAS_UNARY_IN_PLACE(log)
NAS_UNARY_IN_PLACE(log10)
NAS_UNARY_IN_PLACE(log1p)
NAS_UNARY_IN_PLACE(log2)
NAS_UNARY_IN_PLACE(logical_not)
NAS_UNARY_IN_PLACE(bitwise_not)
NAS_UNARY_IN_PLACE(neg)
NAS_UNARY_IN_PLACE(reciprocal)
NAS_UNARY_IN_PLACE(relu)
NAS_UNARY_IN_PLACE(rsqrt)
NAS_UNARY_IN_PLACE(sigmoid)
NAS_UNARY_IN_PLACE(sign)
NAS_UNARY_IN_PLACE(sin)
NAS_UNARY_IN_PLACE(sqrt)
NAS_UNARY_IN_PLACE(tan)
NAS_UNARY_IN_PLACE(tanh)
NAS_UNARY_IN_PLACE(trunc)
NAS_UNARY(square)
NAS_UNARY(isnan)
NAS_UNARY(isinf)
NAS_UNARY(isfinite)
NAS_FREE_UNARY_IN_PLACE(relu6)
NAS_FREE_UNARY_IN_PLACE(silu)
NAS_FREE_UNARY_IN_PLACE(hardswish)
NAS_FREE_UNARY_IN_PLACE(hardsigmoid)

NAS_API Handle nas_log_sigmoid(Handle self) { return nas::tensor([&] { return at::log_sigmoid(*self); }); }
NAS_API Handle nas_gelu(Handle self, Flag tanh) {
  return nas::tensor([&] { return at::gelu(*self, tanh ? "tanh" : "none"); });
}
NAS_API Done nas_gelu_(Handle self, Flag tanh) {
  return nas::done([&] { at::gelu_(*self, tanh ? "tanh" : "none"); });
}
NAS_API Handle nas_elu(Handle self, Number alpha) {
  return nas::tensor([&] { return at::elu(*self, scalar(alpha)); });
}
NAS_API Done nas_elu_(Handle self, Number alpha) { return nas::done([&] { at::elu_(*self, scalar(alpha)); }); }
NAS_API Handle nas_leaky_relu(Handle self, Number slope) {
  return nas::tensor([&] { return at::leaky_relu(*self, scalar(slope)); });
}
NAS_API Done nas_leaky_relu_(Handle self, Number slope) {
  return nas::done([&] { at::leaky_relu_(*self, scalar(slope)); });
}
NAS_API Handle nas_softplus(Handle self, double beta, double threshold) {
  return nas::tensor([&] { return at::softplus(*self, beta, threshold); });
}
NAS_API Handle nas_hardtanh(Handle self, Number min, Number max) {
  return nas::tensor([&] { return at::hardtanh(*self, scalar(min), scalar(max)); });
}
NAS_API Done nas_hardtanh_(Handle self, Number min, Number max) {
  return nas::done([&] { at::hardtanh_(*self, scalar(min), scalar(max)); });
}
NAS_API Handle nas_round(Handle self, int64_t decimals) {
  return nas::tensor([&] { return decimals == 0 ? self->round() : self->round(decimals); });
}
NAS_API Done nas_round_(Handle self, int64_t decimals) {
  return nas::done([&] { decimals == 0 ? self->round_() : self->round_(decimals); });
}
NAS_API Handle nas_nan_to_num(Handle self, double nan, const double* posinf, const double* neginf) {
  return nas::tensor([&] {
    return self->nan_to_num(nan, posinf ? c10::optional<double>(*posinf) : c10::nullopt,
                            neginf ? c10::optional<double>(*neginf) : c10::nullopt);
  });
}

// op(tensor, tensor) and op(tensor, number), and both in place.
#define NAS_BINARY_TENSOR(op)                                                                      \
  NAS_API Handle nas_##op(Handle self, Handle other) { return nas::tensor([&] { return self->op(*other); }); }
#define NAS_BINARY_TENSOR_IN_PLACE(op)                                                             \
  NAS_BINARY_TENSOR(op)                                                                            \
  NAS_API Done nas_##op##_(Handle self, Handle other) { return nas::done([&] { self->op##_(*other); }); }
#define NAS_BINARY(op)                                                                             \
  NAS_BINARY_TENSOR_IN_PLACE(op)                                                                   \
  NAS_API Handle nas_##op##_number(Handle self, Number other) {                                    \
    return nas::tensor([&] { return self->op(scalar(other)); });                                   \
  }                                                                                                \
  NAS_API Done nas_##op##_number_(Handle self, Number other) {                                     \
    return nas::done([&] { self->op##_(scalar(other)); });                                         \
  }

NAS_BINARY(mul)
NAS_BINARY(pow)
NAS_BINARY(eq)
NAS_BINARY(ne)
NAS_BINARY(lt)
NAS_BINARY(le)
NAS_BINARY(gt)
NAS_BINARY(ge)
NAS_BINARY(fmod)
NAS_BINARY(remainder)
NAS_BINARY(floor_divide)
NAS_BINARY_TENSOR(maximum)
NAS_BINARY_TENSOR(minimum)
NAS_BINARY_TENSOR_IN_PLACE(atan2)
NAS_BINARY_TENSOR_IN_PLACE(logical_and)
NAS_BINARY_TENSOR_IN_PLACE(logical_or)
NAS_BINARY_TENSOR_IN_PLACE(logical_xor)
NAS_BINARY_TENSOR_IN_PLACE(bitwise_and)
NAS_BINARY_TENSOR_IN_PLACE(bitwise_or)
NAS_BINARY_TENSOR_IN_PLACE(bitwise_xor)
NAS_BINARY_TENSOR(logaddexp)

#define NAS_SCALED(op)                                                                             \
  NAS_API Handle nas_##op(Handle self, Handle other, Number alpha) {                               \
    return nas::tensor([&] { return self->op(*other, scalar(alpha)); });                           \
  }                                                                                                \
  NAS_API Done nas_##op##_(Handle self, Handle other, Number alpha) {                              \
    return nas::done([&] { self->op##_(*other, scalar(alpha)); });                                 \
  }                                                                                                \
  NAS_API Handle nas_##op##_number(Handle self, Number other, Number alpha) {                      \
    return nas::tensor([&] { return self->op(scalar(other), scalar(alpha)); });                    \
  }                                                                                                \
  NAS_API Done nas_##op##_number_(Handle self, Number other, Number alpha) {                       \
    return nas::done([&] { self->op##_(scalar(other), scalar(alpha)); });                          \
  }

NAS_SCALED(add)
NAS_SCALED(sub)

namespace {
// TorchSharp's RoundingMode: none, towards zero, down.
c10::optional<c10::string_view> rounding(int32_t mode) {
  if (mode == 1) return c10::string_view("trunc");
  if (mode == 2) return c10::string_view("floor");
  return c10::nullopt;
}
}  // namespace

NAS_API Handle nas_div(Handle self, Handle other, int32_t mode) {
  return nas::tensor([&] { return self->div(*other, rounding(mode)); });
}
NAS_API Done nas_div_(Handle self, Handle other, int32_t mode) {
  return nas::done([&] { self->div_(*other, rounding(mode)); });
}
NAS_API Handle nas_div_number(Handle self, Number other, int32_t mode) {
  return nas::tensor([&] { return self->div(scalar(other), rounding(mode)); });
}
NAS_API Done nas_div_number_(Handle self, Number other, int32_t mode) {
  return nas::done([&] { self->div_(scalar(other), rounding(mode)); });
}
NAS_API Handle nas_rsub_number(Number left, Handle right) {
  return nas::tensor([&] { return at::rsub(*right, scalar(left)); });
}
NAS_API Handle nas_rdiv_number(Number left, Handle right) {
  return nas::tensor([&] { return right->reciprocal().mul(scalar(left)); });
}

#define NAS_TERNARY(op)                                                                            \
  NAS_API Handle nas_##op(Handle self, Handle first, Handle second, Number value) {                \
    return nas::tensor([&] { return self->op(*first, *second, scalar(value)); });                  \
  }                                                                                                \
  NAS_API Done nas_##op##_(Handle self, Handle first, Handle second, Number value) {               \
    return nas::done([&] { self->op##_(*first, *second, scalar(value)); });                        \
  }

NAS_TERNARY(addcmul)
NAS_TERNARY(addcdiv)

NAS_API Handle nas_lerp(Handle self, Handle end, Handle weight) {
  return nas::tensor([&] { return self->lerp(*end, *weight); });
}
NAS_API Done nas_lerp_(Handle self, Handle end, Handle weight) {
  return nas::done([&] { self->lerp_(*end, *weight); });
}
NAS_API Handle nas_clamp(Handle self, Number min, Number max) {
  return nas::tensor([&] { return self->clamp(nas::optional_scalar(min), nas::optional_scalar(max)); });
}
NAS_API Done nas_clamp_(Handle self, Number min, Number max) {
  return nas::done([&] { self->clamp_(nas::optional_scalar(min), nas::optional_scalar(max)); });
}
NAS_API Handle nas_clamp_tensor(Handle self, Handle min, Handle max) {
  return nas::tensor([&] { return self->clamp(nas::maybe(min), nas::maybe(max)); });
}
NAS_API Done nas_clamp_tensor_(Handle self, Handle min, Handle max) {
  return nas::done([&] { self->clamp_(nas::maybe(min), nas::maybe(max)); });
}
NAS_API Handle nas_where(Handle condition, Handle self, Handle other) {
  return nas::tensor([&] { return at::where(*condition, *self, *other); });
}
NAS_API Handle nas_isclose(Handle self, Handle other, double rtol, double atol, Flag equal_nan) {
  return nas::tensor([&] { return self->isclose(*other, rtol, atol, equal_nan); });
}
NAS_API Done nas_allclose(Handle self, Handle other, double rtol, double atol, Flag equal_nan, Flag* result) {
  return nas::done([&] { *result = self->allclose(*other, rtol, atol, equal_nan); });
}
NAS_API Done nas_equal(Handle self, Handle other, Flag* result) {
  return nas::done([&] { *result = self->equal(*other); });
}
