// Losses; `reduction` is at::Reduction (none, mean, sum).
#include "api.h"

#include <ATen/ops/binary_cross_entropy.h>
#include <ATen/ops/binary_cross_entropy_with_logits.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/huber_loss.h>
#include <ATen/ops/kl_div.h>
#include <ATen/ops/l1_loss.h>
#include <ATen/ops/mse_loss.h>
#include <ATen/ops/nll_loss_nd.h>
#include <ATen/ops/smooth_l1_loss.h>

using nas::maybe;

NAS_API Handle nas_cross_entropy(Handle input, Handle target, Handle weight, int64_t ignore_index, int64_t reduction, double label_smoothing) {
  return nas::tensor([&] {
    return at::cross_entropy_loss(*input, *target, maybe(weight), reduction, ignore_index, label_smoothing);
  });
}
NAS_API Handle nas_nll_loss(Handle input, Handle target, Handle weight, int64_t reduction) {
  return nas::tensor([&] { return at::nll_loss_nd(*input, *target, maybe(weight), reduction, -100); });
}
NAS_API Handle nas_binary_cross_entropy(Handle input, Handle target, Handle weight, int64_t reduction) {
  return nas::tensor([&] { return at::binary_cross_entropy(*input, *target, maybe(weight), reduction); });
}
NAS_API Handle nas_binary_cross_entropy_with_logits(Handle input, Handle target, Handle weight, int64_t reduction, Handle positive_weight) {
  return nas::tensor([&] {
    return at::binary_cross_entropy_with_logits(*input, *target, maybe(weight), maybe(positive_weight), reduction);
  });
}
NAS_API Handle nas_mse_loss(Handle input, Handle target, int64_t reduction) {
  return nas::tensor([&] { return at::mse_loss(*input, *target, reduction); });
}
NAS_API Handle nas_l1_loss(Handle input, Handle target, int64_t reduction) {
  return nas::tensor([&] { return at::l1_loss(*input, *target, reduction); });
}
NAS_API Handle nas_smooth_l1_loss(Handle input, Handle target, int64_t reduction, double beta) {
  return nas::tensor([&] { return at::smooth_l1_loss(*input, *target, reduction, beta); });
}
NAS_API Handle nas_huber_loss(Handle input, Handle target, int64_t reduction, double delta) {
  return nas::tensor([&] { return at::huber_loss(*input, *target, reduction, delta); });
}
NAS_API Handle nas_kl_div(Handle input, Handle target, int64_t reduction, Flag log_target) {
  return nas::tensor([&] { return at::kl_div(*input, *target, reduction, log_target); });
}
